/*
 * rotate_remove - the end of the old key; see rotate_remove.h
 */
#include "rotate_remove.h"

#include <stdio.h>
#include <string.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "dkim/key_lookup.h"
#include "dkim/key_record.h"

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
	rotation_say(rotation,
		     "remove selector %s from the zone of %s, or revoke it:", rotation->state.old,
		     rotation->key->domain);
	printf("%s\n", key_zone_line(rotation->context->pool, rotation->state.old,
				     rotation->key->domain, "v=DKIM1; p="));
}

/* remove_old - by --dns-hook, or by whoever reads what is said */
static bool remove_old(const struct rotation *rotation, struct error *error)
{
	if (!rotation_has_hook(rotation)) {
		say_remove(rotation);
		return true;
	}
	return rotation_update_dns(
	    rotation,
	    key_delete_script(rotation->context->pool, rotation->state.old, rotation->key->domain),
	    error);
}

bool rotate_keep(struct rotation *rotation, struct error *error)
{
	intmax_t days = rotation_days_since(rotation, rotation->state.since);

	if (!is_unused(rotation, error))
		return false;
	if (days < rotation->arguments->keep) {
		rotation_say(rotation, "selector %s stays in DNS, %" PRIdMAX " of %u days are over",
			     rotation->state.old, days, rotation->arguments->keep);
		return true;
	}
	return remove_old(rotation, error) && rotation_advance(rotation, STEP_REMOVE, error);
}

bool rotate_remove(struct rotation *rotation, struct error *error)
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
		rotation_say(rotation, "waiting for DNS: %s", reason);
		return true;
	}
	if (answer != NULL &&
	    key_record_parse(pool, answer->records[0].text, &parsed, &result, &reason)) {
		return remove_old(rotation, error);
	}
	rotation_say(rotation, "selector %s is gone; its files in %s can be deleted",
		     rotation->state.old, rotation->directory);
	return rotation_advance(rotation, STEP_IDLE, error);
}
