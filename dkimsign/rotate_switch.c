/*
 * rotate_switch - from the old key to the new one; see rotate_switch.h
 */
#include "rotate_switch.h"

#include <string.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/private_key_file.h"

#define TABLE_MODE 0644 /* of a table that has gone in between */

/* publish_new - the record of the new key, and waits until DNS has it */
static bool publish_new(struct rotation *rotation, const struct private_key *private_key,
			const char *record, enum key_state *state, const char **text,
			struct error *error)
{
	const char *selector = rotation->state.new;
	const char *domain = rotation->key->domain;

	/* Nobody but us has chosen this selector: what is there comes from a run before. */
	return rotation_update_dns(
		   rotation, key_replace_script(rotation->context->pool, selector, domain, record),
		   error) &&
	       key_await(rotation->context, private_key, selector, domain, state, text, error);
}

/* exchanged_line - the line of the key in the table with another selector and file */
static const char *exchanged_line(const struct rotation *rotation, struct slice line)
{
	struct new_key key = rotation_new_key(rotation, rotation->state.new);
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
	return rotation_advance(rotation, STEP_KEEP, error);
}

/* test_new - what does DNS have for the new key? With --dns-hook, what it lacks is published */
static bool test_new(struct rotation *rotation, enum key_state *state, const char **text,
		     struct error *error)
{
	struct pool *pool = rotation->context->pool;
	struct new_key key = rotation_new_key(rotation, rotation->state.new);
	struct private_key private_key;
	const char *record;

	if (!private_key_file_read(pool, key_file_name(pool, &key, "private"), &private_key,
				   error) ||
	    !key_test(rotation->context, &private_key, key.selector, key.domain, state, text,
		      error))
		return false;
	if ((*state != KEY_ABSENT && *state != KEY_WRONG) || !rotation_has_hook(rotation))
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
	rotation_say(rotation,
		     "DNS has %s._domainkey.%s; waiting %u seconds before signing with it",
		     rotation->state.new, rotation->key->domain, rotation->arguments->settle);
	return rotation_advance(rotation, STEP_PUBLISH, error);
}

/* wait_for_record - DNS has it not, or not any more */
static bool wait_for_record(struct rotation *rotation, const char *text, struct error *error)
{
	rotation_say(rotation, "waiting for %s._domainkey.%s: %s; %s", rotation->state.new,
		     rotation->key->domain, text, rotation_published_line(rotation));
	if (rotation->state.seen == 0)
		return true;
	rotation->state.seen = 0;
	return rotation_advance(rotation, STEP_PUBLISH, error);
}

bool rotate_publish(struct rotation *rotation, struct error *error)
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
	rotation_say(rotation, "%ssign with selector %s instead of %s from now on",
		     rotation_would(rotation), rotation->state.new, rotation->state.old);
	if (rotation->arguments->dry_run)
		return true;
	return exchange(rotation, error) && switched(rotation, error);
}
