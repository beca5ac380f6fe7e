/*
 * policyd_import - the options that a policyd-spf.conf stands for; see policyd_import.h
 *
 * policyd-spf.conf(5): "name = value", what comes after "#" is a comment. Of a name that is there
 * twice the last one counts. policyd-spf compares values as they are written, so that "fail" is not
 * Fail there: it is none of the values, and nothing is rejected. Here that is said.
 */
#include "policyd_import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "base/printable.h"

#define STATUS_INCOMPLETE 1

/* How a value becomes an argument. */
enum translation {
	AS_WORD,    /* one of the words of a table */
	AS_FLAG,    /* True is the option, False nothing */
	AS_TEXT,    /* as it is */
	AS_LIST,    /* the same, and empty or None is nothing */
	AS_DRY_RUN, /* TestOnly: 0 is the option */
	AS_DEBUG,   /* debugLevel */
	AS_ID,      /* Authserv_Id: HOSTNAME is our default */
	AS_REASON,  /* Reason_Message */
	NOT_TAKEN,  /* it has no counterpart, and this is why */
};

struct word {
	const char *theirs;
	const char *ours; /* "": our default */
};

struct setting {
	const char *name;
	enum translation translation;
	const char *text; /* the option, or why there is none */
	const struct word *words;
};

static const struct word levels[] = {
    {"Fail", ""},     {"Softfail", "softfail"}, {"SPF_Not_Pass", "not-pass"},
    {"Null", "null"}, {"False", "never"},       {"No_Check", "no-check"},
    {NULL, NULL},
};

static const struct word headers[] = {{"SPF", ""}, {"AR", "ar"}, {"None", "none"}, {NULL, NULL}};

static const struct setting settings[] = {
    {"debugLevel", AS_DEBUG, "", NULL},
    {"TestOnly", AS_DRY_RUN, "--dry-run", NULL},
    {"defaultSeedOnly", AS_DRY_RUN, "--dry-run", NULL},
    {"HELO_reject", AS_WORD, "--reject-helo", levels},
    {"HELO_pass_restriction", AS_TEXT, "--helo-pass", NULL},
    {"Mail_From_reject", AS_WORD, "--reject-mailfrom", levels},
    {"Mail_From_pass_restriction", AS_TEXT, "--mailfrom-pass", NULL},
    {"No_Mail", AS_FLAG, "--only-no-mail", NULL},
    {"Reject_Not_Pass_Domains", AS_LIST, "--not-pass-domains", NULL},
    {"PermError_reject", AS_FLAG, "--reject-permerror", NULL},
    {"TempError_Defer", AS_FLAG, "--defer-temperror", NULL},
    {"Prospective", AS_TEXT, "--prospective", NULL},
    {"skip_addresses", AS_LIST, "--skip-addresses", NULL},
    {"Whitelist", AS_LIST, "--allow-addresses", NULL},
    {"HELO_Whitelist", AS_LIST, "--allow-helo", NULL},
    {"Domain_Whitelist", AS_LIST, "--allow-domains", NULL},
    {"Domain_Whitelist_PTR", AS_LIST, "--allow-ptr", NULL},
    {"Header_Type", AS_WORD, "--header", headers},
    {"Authserv_Id", AS_ID, "--authserv-id", NULL},
    {"Lookup_Time", AS_TEXT, "--timeout", NULL},
    {"Whitelist_Lookup_Time", AS_TEXT, "--allow-timeout", NULL},
    {"Void_Limit", AS_TEXT, "--void-limit", NULL},
    {"Reason_Message", AS_REASON, "--reject-text", NULL},
    {"QueueID", NOT_TAKEN, "every line of the log has the queue id as soon as there is one", NULL},
    {"SPF_Enhanced_Status_Codes", NOT_TAKEN,
     "replies always have the codes of RFC 7372; Postfix' own 5.7.1 would hide the reason", NULL},
    {"Hide_Receiver", NOT_TAKEN, "no field and no reply names the recipient", NULL},
    {"Per_User", NOT_TAKEN,
     "use a restriction class of Postfix for these recipients, and a second service", NULL},
    {"Mock", NOT_TAKEN, "start the gate as a milter, whose fields all other milters see", NULL},
    {"Socket", NOT_TAKEN, "of the milter only", NULL},
    {"PidFile", NOT_TAKEN, "of the milter only", NULL},
    {"UserID", NOT_TAKEN, "of the milter only", NULL},
    {"UMask", NOT_TAKEN, "of the milter only", NULL},
    {"InternalHosts", NOT_TAKEN, "of the milter only", NULL},
    {"MacroList", NOT_TAKEN, "of the milter only", NULL},
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

struct import {
	struct tool_context *context;
	const char *path;
	size_t lines[SETTINGS]; /* where each was set last; 0: nowhere */
	struct slice values[SETTINGS];
	const char *command;
	bool is_complete;
};

/* say - a line of the file that is not carried over as it is */
__attribute__((format(printf, 3, 4))) static void say(struct import *import, size_t line,
						      const char *format, ...)
{
	struct pool *pool = import->context->pool;
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s:%zu: %s\n", import->path, line,
		text_make_printable(pool_vprintf(pool, format, args)));
	va_end(args);
	import->is_complete = false;
}

/* quoted - for master.cf: an argument with blanks is written in braces (Postfix 3.0) */
static const char *quoted(struct pool *pool, const char *argument)
{
	return strchr(argument, ' ') != NULL ? pool_printf(pool, "{%s}", argument) : argument;
}

/* put_option - an option, and its argument unless it is NULL */
static void put_option(struct import *import, const char *option, const char *argument)
{
	struct pool *pool = import->context->pool;

	import->command =
	    pool_printf(pool, "%s %s%s%s", import->command, option, argument != NULL ? " " : "",
			argument != NULL ? quoted(pool, argument) : "");
}

/* put_word - one of a set of words */
static void put_word(struct import *import, const struct setting *setting, struct slice value,
		     size_t line)
{
	const struct word *word = setting->words;

	while (word->theirs != NULL && !slice_is_nocase(value, word->theirs))
		word++;
	if (word->theirs == NULL || !slice_is(value, word->theirs))
		say(import, line, "%s has the value \"%.*s\", which policyd-spf does not know%s%s",
		    setting->name, (int)value.len, value.data,
		    word->theirs != NULL ? ": it is taken for " : "",
		    word->theirs != NULL ? word->theirs : "");
	if (word->theirs != NULL && word->ours[0] != '\0')
		put_option(import, setting->text, word->ours);
}

/* put_flag - True or False; any other value is False for policyd-spf */
static void put_flag(struct import *import, const struct setting *setting, struct slice value,
		     size_t line)
{
	if (slice_is(value, "True"))
		put_option(import, setting->text, NULL);
	else if (!slice_is(value, "False"))
		say(import, line, "%s is neither True nor False: it counts as False",
		    setting->name);
}

/* put_list - policyd-spf wants no blanks between entries; here they do no harm */
static void put_list(struct import *import, const struct setting *setting, struct slice value)
{
	struct pool *pool = import->context->pool;
	const char *list = "";
	struct slice entry;

	if (slice_is(value, "None"))
		return;
	while (slice_cut(&value, ',', &entry)) {
		entry = slice_trim(entry);
		if (entry.len > 0)
			list = pool_printf(pool, "%s%s%.*s", list, list[0] != '\0' ? "," : "",
					   (int)entry.len, entry.data);
	}
	if (list[0] != '\0')
		put_option(import, setting->text, list);
}

/* put_debug - 0 and less: errors only; above 1 each step */
static void put_debug(struct import *import, struct slice value)
{
	unsigned long long level = 0;

	if (!slice_to_number(value, 100, &level) || level == 0)
		put_option(import, "--quiet", NULL);
	else if (level > 1)
		put_option(import, "--verbose", NULL);
}

/* put_reason - {url} names a site that is gone */
static void put_reason(struct import *import, const struct setting *setting, const char *value,
		       size_t line)
{
	struct pool *pool = import->context->pool;
	const char *url = strstr(value, "{url}");

	if (strcmp(value, "Message {rejectdefer} due to: {spf}. Please see {url}") == 0)
		return; /* the default */
	if (url != NULL) {
		say(import, line, "%s: {url} is left out, openspf.net is no more", setting->name);
		value =
		    pool_printf(pool, "%.*s%s", (int)(url - value), value, url + strlen("{url}"));
	}
	put_option(import, setting->text, slice_copy(pool, slice_trim(slice_of(value))));
}

/* translate - one setting that the file has */
static void translate(struct import *import, size_t index)
{
	const struct setting *setting = &settings[index];
	struct slice value = import->values[index];
	size_t line = import->lines[index];
	const char *text = slice_copy(import->context->pool, value);

	switch (setting->translation) {
	case AS_WORD: put_word(import, setting, value, line); break;
	case AS_FLAG: put_flag(import, setting, value, line); break;
	case AS_TEXT:
		if (value.len > 0 && !slice_is(value, "None"))
			put_option(import, setting->text, text);
		break;
	case AS_LIST: put_list(import, setting, value); break;
	case AS_DRY_RUN:
		if (slice_is(value, "0"))
			put_option(import, setting->text, NULL);
		break;
	case AS_DEBUG: put_debug(import, value); break;
	case AS_ID:
		if (!slice_is(value, "HOSTNAME"))
			put_option(import, setting->text, text);
		break;
	case AS_REASON: put_reason(import, setting, text, line); break;
	case NOT_TAKEN:
		say(import, line, "%s is not carried over: %s", setting->name, setting->text);
		break;
	}
}

/* note_line - "name = value" */
static void note_line(struct import *import, struct slice line, size_t number)
{
	size_t equals = slice_find(line, '=');
	struct slice name = slice_trim(slice_from(line.data, equals));
	size_t i = 0;

	if (equals == line.len) {
		say(import, number, "\"%.*s\" is not of the form name = value", (int)line.len,
		    line.data);
		return;
	}
	while (i < SETTINGS && !slice_is(name, settings[i].name))
		i++;
	if (i == SETTINGS) {
		say(import, number, "%.*s is no setting of policyd-spf", (int)name.len, name.data);
		return;
	}
	import->values[i] = slice_trim(slice_skip(line, equals + 1));
	import->lines[i] = number;
}

int import_run(struct tool_context *context, const char *path)
{
	struct import import = {
	    .context = context, .path = path, .command = "spfcheck --policy", .is_complete = true};
	struct config_file file;
	struct slice line;
	struct error error;

	if (!config_file_read(context->pool, path, &file, &error))
		return tool_fail(context, &error);
	while (config_file_next(&file, &line))
		note_line(&import, line, file.line);
	for (size_t i = 0; i < SETTINGS; i++) {
		if (import.lines[i] != 0)
			translate(&import, i);
	}
	if (!tool_print(import.command))
		return tool_unwritten(context);
	return import.is_complete ? EX_OK : STATUS_INCOMPLETE;
}
