/*
 * dkimsign import-opendkim - tables for us from what opendkim.conf(5) says
 *
 * opendkim.conf and what it names are only read. A key table, a signing table and a list of
 * internal hosts are written, and standard output has the options that go with them and what could
 * not be carried over. No value of a setting is shown that is not a name of ours: passwords are
 * among them.
 */
#include "dkimsign.h"

#include <stdint.h>
#include <string.h>
#include <sysexits.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "dkim/selector.h"
#include "mail/domain.h"
#include "opendkim_conf.h"

#define IMPORT_CONF      "/etc/opendkim.conf"
#define IMPORT_DIRECTORY "/etc/dkim"
#define TABLE_MODE       0644
#define OPENDKIM_OMITTED "Return-Path:Received:Comments:Keywords:Bcc:Resent-Bcc:DKIM-Signature"

struct import_arguments {
	const char *directory;
	struct option_list operands; /* the configuration file */
};

/* One import: what it reads, and the files it makes of that. */
struct import {
	struct pool *pool;
	const char *directory;
	struct opendkim_conf conf;
	struct buffer key_table;
	struct buffer signing_table;
	struct buffer internal_hosts;
	enum config_file_kind kind; /* of the signing table */
	bool has_any;               /* the key for any domain is in the key table */
	struct option_list notes;   /* what somebody has to look at */
};

__attribute__((format(printf, 2, 3))) static void note(struct import *import, const char *format,
						       ...)
{
	va_list args;

	va_start(args, format);
	option_each(pool_vprintf(import->pool, format, args), &import->notes, NULL);
	va_end(args);
}

static const char *value_of(const struct import *import, const char *name)
{
	return opendkim_conf_value(&import->conf, name);
}

/* absolute - opendkim's names of files are relative to BaseDirectory, by default its own directory
 */
static const char *absolute(struct import *import, const char *path)
{
	const char *base = value_of(import, "BaseDirectory");

	if (path[0] == '/')
		return path;
	if (base == NULL)
		note(import,
		     "the key file %s has no directory in front: write one in the key table", path);
	return pool_printf(import->pool, "%s/%s", base != NULL ? base : ".", path);
}

/* import_domain - one domain of the form without tables */
static bool import_domain(struct import *import, const char *text, const char *selector,
			  const char *file, struct error *error)
{
	bool below = slice_starts_nocase(slice_of(text), "*.");
	const char *domain =
	    strcmp(text, "*") == 0
		? "*"
		: domain_canonical(import->pool, slice_of(below ? text + 2 : text));

	if (domain == NULL)
		return error_set(error, STATUS_CONFIG, "Domain: \"%s\" is no domain name", text);
	if (strcmp(domain, "*") == 0 || below) {
		if (!import->has_any)
			buffer_printf(&import->key_table, "any %%:%s:%s\n", selector, file);
		import->has_any = true;
		buffer_printf(&import->signing_table, "*@*%s%s any\n", below ? "." : "",
			      below ? domain : "");
		return true;
	}
	buffer_printf(&import->key_table, "%s %s:%s:%s\n", domain, domain, selector, file);
	buffer_printf(&import->signing_table, "*@%s %s\n", domain, domain);
	if (opendkim_conf_is_true(&import->conf, "SubDomains"))
		buffer_printf(&import->signing_table, "*@*.%s %s\n", domain, domain);
	return true;
}

/* import_single - Domain, Selector and KeyFile: Debian's default way */
static bool import_single(struct import *import, struct error *error)
{
	const char *domains = value_of(import, "Domain");
	const char *selector = value_of(import, "Selector");
	const char *file = value_of(import, "KeyFile");
	const char **items;
	size_t count;

	if (domains == NULL || selector == NULL || file == NULL)
		return error_set(error, STATUS_CONFIG,
				 "it signs nothing: it has neither Domain, Selector and KeyFile "
				 "nor KeyTable and SigningTable");
	if (!dkim_selector_is_good(slice_of(selector)))
		return error_set(error, STATUS_CONFIG, "Selector: \"%s\" %s", selector,
				 dkim_selector_error(slice_of(selector)));
	if (!opendkim_conf_items(import->pool, domains, &count, &items, error))
		return false;
	file = absolute(import, file);
	import->kind = CONFIG_FILE_PATTERNS;
	for (size_t i = 0; i < count; i++) {
		if (!import_domain(import, items[i], selector, file, error))
			return false;
	}
	return count > 0 || error_set(error, STATUS_CONFIG, "Domain: it names none");
}

/* import_keys - the key table, its names of files made absolute */
static void import_keys(struct import *import, const struct dkim_tables *tables)
{
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const struct dkim_table_key *key = dkim_tables_key(tables, i);

		buffer_printf(&import->key_table, "%s %s:%s:%s\n", key->name, key->domain,
			      key->selector, absolute(import, key->path));
	}
}

/* is_first_of_pattern - without MultipleSignatures only the first line of a pattern counts */
static bool is_first_of_pattern(struct option_list *seen, struct pool *pool, struct slice pattern)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (slice_is_nocase(pattern, seen->items[i]))
			return false;
	}
	option_each(slice_copy(pool, pattern), seen, NULL);
	return true;
}

/* import_signings - the signing table, line by line */
static bool import_signings(struct import *import, const char *path, struct error *error)
{
	bool multiple = opendkim_conf_is_true(&import->conf, "MultipleSignatures");
	struct option_list seen = {.pool = import->pool};
	struct config_file file;
	struct slice line;

	if (!config_file_name(&path, &import->kind, error) ||
	    !config_file_read(import->pool, path, &file, error))
		return false;
	if (import->kind == CONFIG_FILE_UNSAID)
		import->kind = CONFIG_FILE_PLAIN; /* opendkim takes a bare path so */
	while (config_file_next(&file, &line)) {
		struct slice rest = line;
		struct slice pattern;

		config_file_word(&rest, &pattern);
		if (multiple || is_first_of_pattern(&seen, import->pool, pattern))
			buffer_printf(&import->signing_table, "%s\n",
				      slice_copy(import->pool, line));
		else
			note(import,
			     "%s:%zu is left out: without MultipleSignatures, opendkim uses the "
			     "first line of %s only",
			     path, file.line, slice_copy(import->pool, pattern));
	}
	return true;
}

/* import_tables - KeyTable and SigningTable */
static bool import_tables(struct import *import, struct error *error)
{
	const char *key_table = value_of(import, "KeyTable");
	const char *signing_table = value_of(import, "SigningTable");
	struct dkim_tables *tables;

	if (signing_table == NULL)
		return error_set(error, STATUS_CONFIG, "there is a KeyTable, but no SigningTable");
	tables = dkim_tables_read(import->pool, key_table, signing_table, error);
	if (tables == NULL)
		return false;
	import_keys(import, tables);
	return import_signings(import, signing_table, error);
}

/* import_hosts - whose mail is signed */
static bool import_hosts(struct import *import, struct error *error)
{
	const char *hosts = value_of(import, "InternalHosts");
	struct host_list *list = host_list_new(import->pool);
	struct error cause;
	const char **items;
	size_t count;

	if (!opendkim_conf_items(import->pool, hosts != NULL ? hosts : "127.0.0.1, ::1", &count,
				 &items, error))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (host_list_add(list, slice_of(items[i]), &cause))
			buffer_printf(&import->internal_hosts, "%s\n", items[i]);
		else
			note(import, "InternalHosts: %s", cause.text);
	}
	return true;
}

/* has_name - is it in a list separated by colons? */
static bool has_name(const char *names, const char *name)
{
	struct slice rest = slice_of(names);
	struct slice item;

	while (slice_cut(&rest, ':', &item)) {
		if (slice_is_nocase(item, name))
			return true;
	}
	return false;
}

/*
 * header_names - SignHeaders, OmitHeaders, OversignHeaders: a list, or with "*" in it the
 * difference from the default
 */
static bool header_names(struct import *import, const char *value, const char *defaults,
			 const char **names, struct error *error)
{
	bool is_difference = false;
	struct buffer list;
	struct slice rest = slice_of(defaults);
	struct slice name;
	const char **items;
	size_t count;

	if (!opendkim_conf_items(import->pool, value, &count, &items, error))
		return false;
	for (size_t i = 0; i < count; i++)
		is_difference = is_difference || strcmp(items[i], "*") == 0;
	buffer_init(&list, SIZE_MAX);
	while (is_difference && slice_cut(&rest, ':', &name)) {
		bool removed = false;

		for (size_t i = 0; i < count; i++)
			removed =
			    removed || (items[i][0] == '-' && slice_is_nocase(name, items[i] + 1));
		if (!removed)
			buffer_printf(&list, ":%s", slice_copy(import->pool, name));
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(items[i], "*") != 0 && items[i][0] != '-')
			buffer_printf(&list, ":%s", items[i] + (items[i][0] == '+' ? 1 : 0));
	}
	buffer_add_byte(&list, '\0');
	*names = pool_copy(import->pool, list.data + (list.len > 1 ? 1 : 0), list.len);
	buffer_free(&list);
	return true;
}

/* add_headers - the options --headers, --omit and --oversign */
static bool add_headers(struct import *import, struct buffer *line, struct error *error)
{
	const char *sign = value_of(import, "SignHeaders");
	const char *omit = value_of(import, "OmitHeaders");
	const char *oversign = value_of(import, "OversignHeaders");
	const char *names = DKIM_SIGN_HEADERS;

	if (sign != NULL) {
		if (!header_names(import, sign, DKIM_SIGN_HEADERS, &names, error))
			return false;
		if (!has_name(names, "From"))
			names = pool_printf(import->pool, "From:%s", names);
		buffer_printf(line, " --headers %s", names);
	}
	if (omit != NULL) {
		if (!header_names(import, omit, OPENDKIM_OMITTED, &names, error))
			return false;
		buffer_printf(line, " --omit %s", names);
	}
	if (oversign != NULL) {
		if (!header_names(import, oversign, "", &names, error))
			return false;
		buffer_printf(line, " --oversign %s", names);
	}
	return true;
}

/* command_line - how dkimsign is to be called */
static bool command_line(struct import *import, const char **text, struct error *error)
{
	const char *canonicalization = value_of(import, "Canonicalization");
	const char *lifetime = value_of(import, "SignatureTTL");
	struct buffer line;
	bool good;

	buffer_init(&line, SIZE_MAX);
	buffer_printf(&line,
		      "dkimsign --key-table %s/key_table --signing-table %s:%s/signing_table "
		      "--internal-hosts %s/trusted_hosts -i ${client_address}",
		      import->directory, import->kind == CONFIG_FILE_PATTERNS ? "refile" : "file",
		      import->directory, import->directory);
	/* RFC 6376 3.5 c=: opendkim's own default is the simple form, which few mails survive */
	if (canonicalization != NULL)
		buffer_printf(&line, " -c %s", canonicalization);
	if (lifetime != NULL)
		buffer_printf(&line, " -x %s", lifetime);
	if (opendkim_conf_is_true(&import->conf, "Diagnostics"))
		buffer_printf(&line, " --copy-headers");
	good = add_headers(import, &line, error);
	*text = slice_copy(import->pool, buffer_slice(&line));
	buffer_free(&line);
	return good;
}

/* verify_line - how dkimverify is to be called; NULL if nothing is set for it */
static const char *verify_line(const struct import *import)
{
	static const struct {
		const char *setting;
		const char *option;
	} pairs[] = {
	    {"AuthservID", "-a"},
	    {"MinimumKeyBits", "--min-key-bits"},
	    {"MaximumSignaturesToVerify", "--max-signatures"},
	    {"DNSTimeout", "-T"},
	};
	const char *line = NULL;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *value = value_of(import, pairs[i].setting);

		if (value != NULL && strcmp(value, "HOSTNAME") != 0)
			line =
			    pool_printf(import->pool, "%s %s %s",
					line != NULL ? line : "dkimverify", pairs[i].option, value);
	}
	return line;
}

/* write_table - a file that is not there yet */
static bool write_table(struct import *import, const char *name, const struct buffer *content,
			struct error *error)
{
	const char *path = pool_printf(import->pool, "%s/%s", import->directory, name);
	struct error cause;

	if (atomic_file_create(import->pool, path, buffer_slice(content), TABLE_MODE, &cause)) {
		printf("%s: written\n", path);
		return true;
	}
	return error_set(error, cause.status, "%s; to write elsewhere, name a directory with -D",
			 cause.text);
}

/* print_fates - what has become of each setting that is not in the tables or the options */
static size_t print_fates(const struct import *import)
{
	size_t open = 0;

	for (size_t i = 0; i < import->conf.count; i++) {
		const struct opendkim_setting *setting = &import->conf.settings[i];
		const char *text;
		enum opendkim_fate fate = opendkim_conf_fate(setting->name, &text);

		if (fate == OPENDKIM_BY_HAND || fate == OPENDKIM_LACKING) {
			printf("%s:%zu: %s is not carried over: %s\n", setting->file, setting->line,
			       setting->name, text);
			open++;
		}
	}
	return open;
}

/* write_all - the files, then what goes with them; *open is how much is left to do */
static bool write_all(struct import *import, size_t *open, struct error *error)
{
	const char *verify = verify_line(import);
	const char *line;

	if (!command_line(import, &line, error) ||
	    !write_table(import, "key_table", &import->key_table, error) ||
	    !write_table(import, "signing_table", &import->signing_table, error) ||
	    !write_table(import, "trusted_hosts", &import->internal_hosts, error))
		return false;
	printf("sign with:   %s\n", line);
	if (verify != NULL)
		printf("verify with: %s\n", verify);
	if (value_of(import, "Canonicalization") == NULL)
		note(import, "Canonicalization is not set: opendkim signs simple/simple then, "
			     "dkimsign relaxed/relaxed, which survives more");
	for (size_t i = 0; i < import->notes.count; i++)
		printf("note: %s\n", import->notes.items[i]);
	*open = print_fates(import);
	printf("The keys stay where they are. Test them as the user who signs: dkimsign testkey "
	       "--key-table %s/key_table\n",
	       import->directory);
	return true;
}

/* import_opendkim - the whole work */
static bool import_opendkim(struct tool_context *context, void *given, int *status,
			    struct error *error)
{
	struct import_arguments *arguments = given;
	struct import import = {
	    .pool = context->pool,
	    .directory = arguments->directory,
	    .notes.pool = context->pool,
	};
	struct sandbox sandbox = {.pool = context->pool};
	const char *path = arguments->operands.items[0];
	struct error cause;
	size_t open = 0;
	bool good;

	sandbox_allow_read(&sandbox, "/"); /* opendkim.conf says which files it has */
	sandbox_allow_write(&sandbox, arguments->directory);
	tool_confine(context, sandbox);
	buffer_init(&import.key_table, SIZE_MAX);
	buffer_init(&import.signing_table, SIZE_MAX);
	buffer_init(&import.internal_hosts, SIZE_MAX);
	good = opendkim_conf_read(context->pool, path, &import.conf, error);
	if (good) {
		good = (value_of(&import, "KeyTable") != NULL ? import_tables(&import, &cause)
							      : import_single(&import, &cause)) &&
		       import_hosts(&import, &cause) && write_all(&import, &open, &cause);
		if (!good)
			error_set(error, cause.status, "%s: %s", path, cause.text);
	}
	*status = open > 0 ? 1 : EX_OK;
	buffer_free(&import.key_table);
	buffer_free(&import.signing_table);
	buffer_free(&import.internal_hosts);
	return good;
}

/* check_import - one file, or the usual one */
static bool check_import(struct pool *pool, void *given, struct error *error)
{
	struct import_arguments *arguments = given;

	if (arguments->operands.count > 1)
		return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"",
				 arguments->operands.items[1]);
	arguments->operands.pool = pool;
	return arguments->operands.count == 1 ||
	       option_each(IMPORT_CONF, &arguments->operands, error);
}

int import_opendkim_main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct import_arguments arguments = {
	    .directory = IMPORT_DIRECTORY,
	    .operands.pool = pool,
	};
	const struct option_spec options[] = {
	    {'D', "directory", "DIR", "where the tables go (/etc/dkim)", option_text,
	     &arguments.directory},
	};
	const struct key_command command = {
	    .tool = {.name = "dkimsign",
		     .synopsis = "import-opendkim [-D DIR] [FILE]",
		     .summary = "Makes tables from opendkim.conf, and says what could not be "
				"carried over.",
		     .options = options,
		     .option_count = sizeof(options) / sizeof(options[0]),
		     .operands = &arguments.operands,
		     .is_command = true},
	    .check = check_import,
	    .work = import_opendkim,
	};
	struct tool_context context;
	int status = key_command_run(&context, &command, &arguments, argc, argv);

	pool_free(pool);
	return status;
}
