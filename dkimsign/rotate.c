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
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "mail/domain.h"
#include "rotate_make.h"
#include "rotate_remove.h"
#include "rotate_switch.h"

#define EVERY_DAYS 180
#define KEEP_DAYS  14 /* mail may wait five days in a queue, and then be read late */

/* What a step has to say and to do. */
typedef bool step_function(struct rotation *rotation, struct error *error);

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
	    [STEP_IDLE] = rotate_idle,       [STEP_MAKE] = rotate_make,
	    [STEP_PUBLISH] = rotate_publish, [STEP_KEEP] = rotate_keep,
	    [STEP_REMOVE] = rotate_remove,
	};

	return check_owners(rotation, error) && rotation_load(rotation, error) &&
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
		rotation_say(&rotation, "a key for any domain is not rotated");
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
