/*
 * rotate_make - the steps until there is a new key; see rotate_make.h
 */
#include "rotate_make.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "dkim/private_key_file.h"
#include "rotate_switch.h"

#define NAMES_OF_ONE_DAY  "abcdefghijklmnopqrstuvwxyz"
#define SELECTOR_DATE_LEN 16

/* is_taken - is there a key of that selector already? */
static bool is_taken(const struct rotation *rotation, const char *selector)
{
	struct new_key key = rotation_new_key(rotation, selector);

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

bool rotate_make(struct rotation *rotation, struct error *error)
{
	struct pool *pool = rotation->context->pool;
	struct new_key key = rotation_new_key(rotation, rotation->state.new);
	const char *path = key_file_name(pool, &key, "private");
	struct private_key old;
	const char *record;

	if (!private_key_file_read(pool, rotation->key->path, &old, error))
		return false;
	key.type = old.type;
	key.bits = old.bits > DKIM_KEY_BITS_ADVISED ? old.bits : DKIM_KEY_BITS_ADVISED;
	rotation_say(rotation, "%smake key %s", rotation_would(rotation), path);
	if (rotation->arguments->dry_run)
		return true;
	if (access(path, F_OK) != 0 && !key_make(pool, &key, error))
		return false;
	if (!key_publish(pool, &key, &record, error))
		return false;
	rotation->state.seen = 0;
	if (!rotation_has_hook(rotation)) {
		rotation_say(rotation, "put this into the zone of %s; %s", key.domain,
			     rotation_published_line(rotation));
		printf("%s\n", key_zone_line(pool, key.selector, key.domain, record));
		return rotation_advance(rotation, STEP_PUBLISH, error);
	}
	return rotation_advance(rotation, STEP_PUBLISH, error) && rotate_publish(rotation, error);
}

bool rotate_idle(struct rotation *rotation, struct error *error)
{
	intmax_t days = rotation_days_since(rotation, rotation->state.since);

	if (days < rotation->arguments->every) {
		rotation_say(rotation,
			     "selector %s is %" PRIdMAX " days old, nothing to do before %u",
			     rotation->key->selector, days, rotation->arguments->every);
		return true;
	}
	rotation->state.old = rotation->key->selector;
	return choose_selector(rotation, error) && rotation_advance(rotation, STEP_MAKE, error) &&
	       rotate_make(rotation, error);
}
