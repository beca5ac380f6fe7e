/*
 * rotation - what the steps of rotating a key share; see rotation.h
 */
#include "rotation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/pool.h"
#include "base/printable.h"

#define DAY 86400 /* seconds */

void rotation_say(const struct rotation *rotation, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: %s\n", rotation->key->name,
	       text_make_printable(pool_vprintf(rotation->context->pool, format, args)));
	va_end(args);
}

const char *rotation_would(const struct rotation *rotation)
{
	return rotation->arguments->dry_run ? "would " : "";
}

bool rotation_advance(struct rotation *rotation, enum step step, struct error *error)
{
	if (rotation->arguments->dry_run)
		return true;
	rotation->state.step = step;
	return rotation_state_write(rotation->context->pool, rotation->state_path,
				    rotation->key->name, &rotation->state, error);
}

bool rotation_load(struct rotation *rotation, struct error *error)
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

intmax_t rotation_days_since(const struct rotation *rotation, time_t time)
{
	time_t now = rotation->arguments->now;

	return now > time ? (now - time) / DAY : 0;
}

struct new_key rotation_new_key(const struct rotation *rotation, const char *selector)
{
	return (struct new_key){
	    .domain = rotation->key->domain,
	    .selector = selector,
	    .directory = rotation->directory,
	};
}

const char *rotation_published_line(const struct rotation *rotation)
{
	struct new_key key = rotation_new_key(rotation, rotation->state.new);

	return pool_printf(rotation->context->pool, "the record is in %s",
			   key_file_name(rotation->context->pool, &key, "txt"));
}

bool rotation_has_hook(const struct rotation *rotation)
{
	return rotation->arguments->hook.command != NULL && !rotation->arguments->dry_run;
}

bool rotation_update_dns(const struct rotation *rotation, const char *script, struct error *error)
{
	if (!rotation_has_hook(rotation))
		return true;
	if (!dns_hook_run(rotation->context->pool, &rotation->arguments->hook, script, error))
		return false;
	rotation_say(rotation, "the command of --dns-hook has changed DNS");
	return true;
}
