/*
 * dkimsign rotate - exchanges keys by and by, one step a run, run by cron
 *
 * Each key of the table goes round: a new one is made; when DNS has its record, the line
 * of the key table is exchanged; when no mail signed with the old one can be under way any
 * more, its record is to be removed. Where a key stands is in a small file beside it,
 * NAME.rotation.
 *
 * Every step leaves each file whole and may be cut off at any point: what has been done is
 * recognized by the next run. Only the key table decides what is signed with, and it is
 * exchanged by one rename(), after DNS has been asked in the same run.
 */
#include "dkimsign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "base/printable.h"
#include "dkim/key_encoding.h"
#include "dkim/key_lookup.h"
#include "dkim/key_record.h"
#include "dkim/key_tables.h"
#include "dkim/private_key_file.h"
#include "dns_hook.h"
#include "mail/domain.h"
#include "rotate_state.h"

#define DAY               86400 /* seconds */
#define EVERY_DAYS        180
#define KEEP_DAYS         14   /* mail may wait five days in a queue, and then be read late */
#define TABLE_MODE        0644 /* of a table that has gone in between */
#define NAMES_OF_ONE_DAY  "abcdefghijklmnopqrstuvwxyz"
#define SELECTOR_DATE_LEN 16

struct rotate_arguments {
	const char *key_table; /* without symbolic links */
	const char *domain;    /* only keys of this one, or NULL */
	unsigned every;        /* days */
	unsigned keep;         /* days */
	unsigned settle;       /* seconds that DNS must have had the new record */
	time_t now;
	bool dry_run;
	struct dns_hook hook;
};

/* One key of the table on its way round. */
struct rotation {
	struct tool_context *context;
	const struct rotate_arguments *arguments;
	const struct dkim_tables *tables;
	const struct dkim_table_key *key;
	const char *directory; /* of the key files */
	const char *state_path;
	struct rotation_state state;
};

/* What a step has to say and to do. */
typedef bool step_function(struct rotation *rotation, struct error *error);

/* say - one line about this key */
__attribute__((format(printf, 2, 3))) static void say(const struct rotation *rotation,
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: %s\n", rotation->key->name,
	       text_make_printable(pool_vprintf(rotation->context->pool, format, args)));
	va_end(args);
}

/* would - "would " where nothing is really done */
static const char *would(const struct rotation *rotation)
{
	return rotation->arguments->dry_run ? "would " : "";
}

/* advance_rotation - to another step, if this is not a dry run */
static bool advance_rotation(struct rotation *rotation, enum step step, struct error *error)
{
	if (rotation->arguments->dry_run)
		return true;
	rotation->state.step = step;
	return rotation_state_write(rotation->context->pool, rotation->state_path,
				    rotation->key->name, &rotation->state, error);
}

/* load - the state; a key that has none is as old as its file */
static bool load(struct rotation *rotation, struct error *error)
{
	const struct dkim_table_key *key = rotation->key;
	struct stat status;

	if (stat(key->path, &status) != 0)
		return error_set(error, STATUS_CONFIG, "cannot find key file %s: %s", key->path,
				 strerror(errno));
	rotation->state = (struct rotation_state){
	    .step = STEP_IDLE,
	    .old = key->selector,
	    .new = key->selector,
	    .since = status.st_mtime,
	};
	return rotation_state_read(rotation->context->pool, rotation->state_path, &rotation->state,
				   error);
}

/* days_since - whole days up to now, 0 if the clock was turned back */
static intmax_t days_since(const struct rotation *rotation, time_t time)
{
	time_t now = rotation->arguments->now;

	return now > time ? (now - time) / DAY : 0;
}

static struct new_key new_key_of(const struct rotation *rotation, const char *selector)
{
	return (struct new_key){
	    .domain = rotation->key->domain,
	    .selector = selector,
	    .directory = rotation->directory,
	};
}

static bool step_publish(struct rotation *rotation, struct error *error);

/* published_line - where the record of the new key is to be found */
static const char *published_line(const struct rotation *rotation)
{
	struct new_key key = new_key_of(rotation, rotation->state.new);

	return pool_printf(rotation->context->pool, "the record is in %s",
			   key_file_name(rotation->context->pool, &key, "txt"));
}

/* is_taken - is there a key of that selector already? */
static bool is_taken(const struct rotation *rotation, const char *selector)
{
	struct new_key key = new_key_of(rotation, selector);

	for (size_t i = 0; i < dkim_tables_key_count(rotation->tables); i++) {
		if (strcmp(dkim_tables_key(rotation->tables, i)->selector, selector) == 0)
			return true;
	}
	return access(key_file_name(rotation->context->pool, &key, "private"), F_OK) == 0;
}

/* choose_selector - the day, and a letter if that is not enough */
static bool choose_selector(struct rotation *rotation, struct error *error)
{
	char date[SELECTOR_DATE_LEN] = "";
	struct tm day;

	if (gmtime_r(&rotation->arguments->now, &day) == NULL ||
	    strftime(date, sizeof(date), "%Y%m%d", &day) == 0)
		return error_set(error, STATUS_CONFIG, "this time has no date");
	rotation->state.new = pool_printf(rotation->context->pool, "%s", date);
	for (const char *letter = NAMES_OF_ONE_DAY; is_taken(rotation, rotation->state.new);
	     letter++) {
		if (*letter == '\0')
			return error_set(error, STATUS_CONFIG, "too many keys are named %s", date);
		rotation->state.new = pool_printf(rotation->context->pool, "%s%c", date, *letter);
	}
	return true;
}

/* has_hook - is there a command that changes DNS, and is it to be run? */
static bool has_hook(const struct rotation *rotation)
{
	return rotation->arguments->hook.command != NULL && !rotation->arguments->dry_run;
}

/* update_dns - by the command of --dns-hook, if there is one */
static bool update_dns(const struct rotation *rotation, const char *script, struct error *error)
{
	if (!has_hook(rotation))
		return true;
	if (!dns_hook_run(rotation->context->pool, &rotation->arguments->hook, script, error))
		return false;
	say(rotation, "the command of --dns-hook has changed DNS");
	return true;
}

/* publish - the record of the new key, and waits until DNS has it */
static bool publish_new(struct rotation *rotation, const struct private_key *private_key,
			const char *record, enum key_state *state, const char **text,
			struct error *error)
{
	const char *selector = rotation->state.new;
	const char *domain = rotation->key->domain;

	/* Nobody but us has chosen this selector: what is there comes from a run before. */
	return update_dns(rotation,
			  key_replace_script(rotation->context->pool, selector, domain, record),
			  error) &&
	       key_await(rotation->context, private_key, selector, domain, state, text, error);
}

/* step_make - a key like the old one; it may have been made by a run that was cut off */
static bool step_make(struct rotation *rotation, struct error *error)
{
	struct pool *pool = rotation->context->pool;
	struct new_key key = new_key_of(rotation, rotation->state.new);
	const char *path = key_file_name(pool, &key, "private");
	struct private_key old;
	const char *record;

	if (!private_key_file_read(pool, rotation->key->path, &old, error))
		return false;
	key.type = old.type;
	key.bits = old.bits > DKIM_KEY_BITS_ADVISED ? old.bits : DKIM_KEY_BITS_ADVISED;
	say(rotation, "%smake key %s", would(rotation), path);
	if (rotation->arguments->dry_run)
		return true;
	if (access(path, F_OK) != 0 && !key_make(pool, &key, error))
		return false;
	if (!key_publish(pool, &key, &record, error))
		return false;
	rotation->state.seen = 0;
	if (!has_hook(rotation)) {
		say(rotation, "put this into the zone of %s; %s", key.domain,
		    published_line(rotation));
		printf("%s\n", key_zone_line(pool, key.selector, key.domain, record));
		return advance_rotation(rotation, STEP_PUBLISH, error);
	}
	return advance_rotation(rotation, STEP_PUBLISH, error) && step_publish(rotation, error);
}

/* step_idle - is it time? The name of the new key is written down before the key is made */
static bool step_idle(struct rotation *rotation, struct error *error)
{
	intmax_t days = days_since(rotation, rotation->state.since);

	if (days < rotation->arguments->every) {
		say(rotation, "selector %s is %" PRIdMAX " days old, nothing to do before %u",
		    rotation->key->selector, days, rotation->arguments->every);
		return true;
	}
	rotation->state.old = rotation->key->selector;
	return choose_selector(rotation, error) && advance_rotation(rotation, STEP_MAKE, error) &&
	       step_make(rotation, error);
}

/* exchanged_line - the line of the key in the table with another selector and file */
static const char *exchanged_line(const struct rotation *rotation, struct slice line)
{
	struct new_key key = new_key_of(rotation, rotation->state.new);
	struct slice rest = line;
	struct slice name;
	struct slice value;

	rest.len = slice_find(rest, '#');
	if (!config_file_word(&rest, &name) || !config_file_word(&rest, &value) ||
	    !slice_is_nocase(name, rotation->key->name))
		return NULL;
	if (value.data[value.len - 1] == '\r')
		value.len--;
	rest = slice_skip(line, (size_t)(value.data + value.len - line.data));
	return pool_printf(
	    rotation->context->pool, "%.*s%s:%s:%s%.*s", (int)(value.data - line.data), line.data,
	    rotation->key->domain, rotation->state.new,
	    key_file_name(rotation->context->pool, &key, "private"), (int)rest.len, rest.data);
}

/* exchange - writes the key table with the new key; all other bytes stay as they are */
static bool exchange(struct rotation *rotation, struct error *error)
{
	struct pool *pool = rotation->context->pool;
	const char *path = rotation->arguments->key_table;
	const char *exchanged = NULL;
	struct config_file file;
	struct buffer content;
	struct slice line;
	bool done;

	if (!config_file_read(pool, path, &file, error))
		return false;
	buffer_init(&content, 2 * CONFIG_FILE_MAX);
	for (size_t number = 1; slice_cut(&file.rest, '\n', &line); number++) {
		if (number == rotation->key->line) {
			exchanged = exchanged_line(rotation, line);
			line = slice_of(exchanged);
		}
		buffer_add_slice(&content, line);
		if (file.rest.data != NULL)
			buffer_add_byte(&content, '\n');
	}
	if (exchanged == NULL)
		done = config_file_error(path, rotation->key->line, error,
					 "the key is not here any more");
	else
		done = atomic_file_replace(pool, path, buffer_slice(&content), TABLE_MODE, error);
	buffer_free(&content);
	return done;
}

/* switched - the table has the new key since now, or since a run that was cut off */
static bool switched(struct rotation *rotation, struct error *error)
{
	rotation->state.since = rotation->arguments->now;
	rotation->state.seen = 0;
	return advance_rotation(rotation, STEP_KEEP, error);
}

/* test_new - what does DNS have for the new key? With --dns-hook, what it lacks is published */
static bool test_new(struct rotation *rotation, enum key_state *state, const char **text,
		     struct error *error)
{
	struct pool *pool = rotation->context->pool;
	struct new_key key = new_key_of(rotation, rotation->state.new);
	struct private_key private_key;
	const char *record;

	if (!private_key_file_read(pool, key_file_name(pool, &key, "private"), &private_key,
				   error) ||
	    !key_test(rotation->context, &private_key, key.selector, key.domain, state, text,
		      error))
		return false;
	if ((*state != KEY_ABSENT && *state != KEY_WRONG) || !has_hook(rotation))
		return true;
	record = key_encoding_record(pool, &private_key, error);
	return record != NULL && publish_new(rotation, &private_key, record, state, text, error);
}

/* has_settled - has DNS had the record long enough? Remembers when it was first seen */
static bool has_settled(struct rotation *rotation, bool *settled, struct error *error)
{
	time_t now = rotation->arguments->now;

	if (rotation->state.seen == 0)
		rotation->state.seen = now;
	*settled = now - rotation->state.seen >= (time_t)rotation->arguments->settle;
	if (*settled)
		return true;
	say(rotation, "DNS has %s._domainkey.%s; waiting %u seconds before signing with it",
	    rotation->state.new, rotation->key->domain, rotation->arguments->settle);
	return advance_rotation(rotation, STEP_PUBLISH, error);
}

/* wait_for_record - DNS has it not, or not any more */
static bool wait_for_record(struct rotation *rotation, const char *text, struct error *error)
{
	say(rotation, "waiting for %s._domainkey.%s: %s; %s", rotation->state.new,
	    rotation->key->domain, text, published_line(rotation));
	if (rotation->state.seen == 0)
		return true;
	rotation->state.seen = 0;
	return advance_rotation(rotation, STEP_PUBLISH, error);
}

/* step_publish - sign with the new key as soon as everybody can see its record */
static bool step_publish(struct rotation *rotation, struct error *error)
{
	enum key_state state = KEY_UNKNOWN;
	const char *text;
	bool settled;

	if (strcmp(rotation->key->selector, rotation->state.new) == 0)
		return switched(rotation, error);
	if (strcmp(rotation->key->selector, rotation->state.old) != 0)
		return error_set(error, STATUS_CONFIG,
				 "the key table has selector %s, neither %s nor %s; remove %s to "
				 "begin anew",
				 rotation->key->selector, rotation->state.old, rotation->state.new,
				 rotation->state_path);
	if (!test_new(rotation, &state, &text, error))
		return false;
	if (state != KEY_GOOD)
		return wait_for_record(rotation, text, error);
	if (!has_settled(rotation, &settled, error))
		return false;
	if (!settled)
		return true;
	say(rotation, "%ssign with selector %s instead of %s from now on", would(rotation),
	    rotation->state.new, rotation->state.old);
	if (rotation->arguments->dry_run)
		return true;
	return exchange(rotation, error) && switched(rotation, error);
}

/* is_unused - no line of the table signs with the old key */
static bool is_unused(const struct rotation *rotation, struct error *error)
{
	for (size_t i = 0; i < dkim_tables_key_count(rotation->tables); i++) {
		const struct dkim_table_key *key = dkim_tables_key(rotation->tables, i);

		if (strcmp(key->selector, rotation->state.old) == 0 &&
		    (strcmp(key->domain, rotation->key->domain) == 0 ||
		     strcmp(key->domain, "%") == 0))
			return config_file_error(rotation->arguments->key_table, key->line, error,
						 "this line still signs with selector %s; its "
						 "record must stay in DNS",
						 rotation->state.old);
	}
	return true;
}

/* say_remove - an empty p= says more than no record: the key is revoked (RFC 6376 3.6.1) */
static void say_remove(const struct rotation *rotation)
{
	say(rotation, "remove selector %s from the zone of %s, or revoke it:", rotation->state.old,
	    rotation->key->domain);
	printf("%s\n", key_zone_line(rotation->context->pool, rotation->state.old,
				     rotation->key->domain, "v=DKIM1; p="));
}

/* remove_old - by --dns-hook, or by whoever reads what is said */
static bool remove_old(const struct rotation *rotation, struct error *error)
{
	if (!has_hook(rotation)) {
		say_remove(rotation);
		return true;
	}
	return update_dns(
	    rotation,
	    key_delete_script(rotation->context->pool, rotation->state.old, rotation->key->domain),
	    error);
}

/* step_keep - mail signed with the old key may still be on its way */
static bool step_keep(struct rotation *rotation, struct error *error)
{
	intmax_t days = days_since(rotation, rotation->state.since);

	if (!is_unused(rotation, error))
		return false;
	if (days < rotation->arguments->keep) {
		say(rotation, "selector %s stays in DNS, %" PRIdMAX " of %u days are over",
		    rotation->state.old, days, rotation->arguments->keep);
		return true;
	}
	return remove_old(rotation, error) && advance_rotation(rotation, STEP_REMOVE, error);
}

/* step_remove - until the old record is gone */
static bool step_remove(struct rotation *rotation, struct error *error)
{
	struct pool *pool = rotation->context->pool;
	struct dns_budget budget = tool_budget(rotation->context);
	const struct dns_answer *answer;
	struct key_record parsed;
	enum result result;
	const char *reason;

	if (!is_unused(rotation, error))
		return false;
	answer = key_lookup(pool, rotation->context->dns, &budget, rotation->state.old,
			    rotation->key->domain, &result, &reason);
	if (answer == NULL && result == RESULT_TEMPERROR) {
		say(rotation, "waiting for DNS: %s", reason);
		return true;
	}
	if (answer != NULL &&
	    key_record_parse(pool, answer->records[0].text, &parsed, &result, &reason)) {
		return remove_old(rotation, error);
	}
	say(rotation, "selector %s is gone; its files in %s can be deleted", rotation->state.old,
	    rotation->directory);
	return advance_rotation(rotation, STEP_IDLE, error);
}

/*
 * check_owner - is a file ours? What another user makes beside it, its owner could not change; root
 * would leave files that lock the signer out.
 */
static bool check_owner(const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return error_set(error, STATUS_CONFIG, "cannot find %s: %s", path, strerror(errno));
	return status.st_uid == geteuid() ||
	       error_set(
		   error, STATUS_SECURITY,
		   "%s belongs to user %u, and rotate runs as user %u: run it as the user who "
		   "signs: runuser -u \"$(id -un %u)\" -- dkimsign rotate ... (nothing has been "
		   "changed)",
		   path, status.st_uid, geteuid(), status.st_uid);
}

/* check_owners - before anything is written: the key, its directory, and the state that was left */
static bool check_owners(const struct rotation *rotation, struct error *error)
{
	return check_owner(rotation->key->path, error) && check_owner(rotation->directory, error) &&
	       (access(rotation->state_path, F_OK) != 0 ||
		check_owner(rotation->state_path, error));
}

/* run_step - what is to be done with one key now */
static bool run_step(struct rotation *rotation, struct error *error)
{
	static step_function *const steps[] = {
	    [STEP_IDLE] = step_idle, [STEP_MAKE] = step_make,     [STEP_PUBLISH] = step_publish,
	    [STEP_KEEP] = step_keep, [STEP_REMOVE] = step_remove,
	};

	return check_owners(rotation, error) && load(rotation, error) &&
	       steps[rotation->state.step](rotation, error);
}

/* rotate_key - one key of the table; what is wrong with it does not keep the others */
static bool rotate_key(struct tool_context *context, const struct rotate_arguments *arguments,
		       const struct dkim_tables *tables, const struct dkim_table_key *key)
{
	size_t directory_len = slice_find_last(slice_of(key->path), '/');
	struct rotation rotation = {
	    .context = context,
	    .arguments = arguments,
	    .tables = tables,
	    .key = key,
	    .directory = pool_copy(context->pool, key->path, directory_len),
	};
	struct error error;

	if (strcmp(key->domain, "%") == 0 || strchr(key->path, '%') != NULL) {
		say(&rotation, "a key for any domain is not rotated");
		return true;
	}
	if (strchr(key->name, '/') != NULL || key->name[0] == '.') {
		config_file_error(arguments->key_table, key->line, &error,
				  "no file can be named after this key");
		tool_fail(context, &error);
		return false;
	}
	rotation.state_path =
	    pool_printf(context->pool, "%s/%s.rotation", rotation.directory, key->name);
	if (run_step(&rotation, &error))
		return true;
	tool_fail(context, &error);
	return false;
}

/* lock - one run at a time; held until the process ends */
static bool lock(struct pool *pool, const char *key_table, struct error *error)
{
	size_t len = slice_find_last(slice_of(key_table), '/');
	const char *directory = len > 0 ? pool_copy(pool, key_table, len) : "/";
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	return error_set(error, STATUS_CONFIG, "cannot lock %s: %s", directory,
			 errno == EWOULDBLOCK ? "another run is at work" : strerror(errno));
}

/* rotate_all - the keys of the table, or those of one domain */
static bool rotate_all(struct tool_context *context, struct rotate_arguments *arguments,
		       struct error *error)
{
	struct sandbox sandbox = {.pool = context->pool, .dns = true};
	struct dkim_tables *tables;
	bool good = true;

	if (!dns_hook_start(&arguments->hook, error) ||
	    !lock(context->pool, arguments->key_table, error) ||
	    !check_owner(arguments->key_table, error))
		return false;
	tables = dkim_tables_read(context->pool, arguments->key_table, NULL, error);
	if (tables == NULL)
		return false;
	key_allow_changes(&sandbox, tables);
	sandbox_allow_beside(&sandbox, arguments->key_table);
	tool_confine(context, sandbox);
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const struct dkim_table_key *key = dkim_tables_key(tables, i);

		if (arguments->domain == NULL || strcmp(key->domain, arguments->domain) == 0)
			good = rotate_key(context, arguments, tables, key) && good;
	}
	return good || error_set(error, STATUS_OTHER, "some keys could not be handled");
}

/* check_rotation - is the command line complete? */
static bool check_rotation(struct pool *pool, void *context, struct error *error)
{
	struct rotate_arguments *arguments = context;
	char *real;

	if (arguments->key_table == NULL)
		return error_set(error, STATUS_CONFIG, "option --key-table is missing");
	if (!config_file_name(&arguments->key_table, NULL, error))
		return false;
	real = realpath(arguments->key_table, NULL);
	if (real == NULL)
		return error_set(error, STATUS_CONFIG, "cannot read %s: %s", arguments->key_table,
				 strerror(errno));
	arguments->key_table = pool_printf(pool, "%s", real);
	free(real);
	if (arguments->domain == NULL)
		return true;
	arguments->domain = domain_canonical(pool, slice_of(arguments->domain));
	return arguments->domain != NULL ||
	       error_set(error, STATUS_CONFIG, "option --domain is no domain name");
}

/* rotate - one step with each key */
static bool rotate(struct tool_context *context, void *arguments, int *status, struct error *error)
{
	struct rotate_arguments *rotation = arguments;
	bool good;

	*status = EX_OK;
	rotation->hook.runner = -1;
	good = tool_open_dns(context, error) && rotate_all(context, rotation, error);
	dns_hook_stop(&rotation->hook);
	return good;
}

int rotate_main(int argc, char **argv)
{
	struct rotate_arguments arguments = {
	    .every = EVERY_DAYS,
	    .keep = KEEP_DAYS,
	    .now = time(NULL),
	};
	struct tool_context context;
	const struct option_spec options[] = {
	    {LONG_ONLY, "key-table", "FILE", "opendkim's KeyTable", option_text,
	     &arguments.key_table},
	    {'d', "domain", "DOMAIN", "only keys of this domain", option_text, &arguments.domain},
	    {LONG_ONLY, "every", "DAYS", "age of a key when the next is made (180)", option_count,
	     &arguments.every},
	    {LONG_ONLY, "keep", "DAYS", "how long an old record stays in DNS (14)", option_count,
	     &arguments.keep},
	    {LONG_ONLY, "settle", "SECONDS", "how long a record is in DNS before use", option_count,
	     &arguments.settle},
	    {LONG_ONLY, "dns-hook", "CMD", "command that publishes and removes records",
	     option_text, &arguments.hook.command},
	    {LONG_ONLY, "dry-run", NULL, "say what would be done", option_flag, &arguments.dry_run},
	    {'t', "time", "EPOCH", "act as if it were this time", option_epoch, &arguments.now},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text,
	     &context.options.zone},
	    {'T', "timeout", "SECONDS", "time for the DNS work for one key (30)", option_seconds,
	     &context.options.timeout},
	};
	const struct key_command command = {
	    .tool = {.name = "dkimsign",
		     .synopsis = "rotate --key-table FILE [options]",
		     .summary = "Exchanges the keys of a table by and by, one step a run.",
		     .options = options,
		     .option_count = sizeof(options) / sizeof(options[0]),
		     .is_command = true},
	    .check = check_rotation,
	    .work = rotate,
	};

	return key_command_run(&context, &command, &arguments, argc, argv);
}
