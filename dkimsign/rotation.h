/*
 * rotation - one key of the table on its way round, and what every step does with it
 */
#ifndef ROTATION_H
#define ROTATION_H

#include <inttypes.h>

#include "dkimsign.h"
#include "dns_hook.h"
#include "rotate_state.h"

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

/* Says one line about this key. */
__attribute__((format(printf, 2, 3))) void rotation_say(const struct rotation *rotation,
							const char *format, ...);

/* "would " where nothing is really done. */
const char *rotation_would(const struct rotation *rotation);

/* Goes to another step, if this is not a dry run. */
bool rotation_advance(struct rotation *rotation, enum step step, struct error *error);

/* Reads the state; a key that has none is as old as its file. */
bool rotation_load(struct rotation *rotation, struct error *error);

/* Whole days up to now, 0 if the clock was turned back. */
intmax_t rotation_days_since(const struct rotation *rotation, time_t time);

/* A key of that selector beside the one that goes round. */
struct new_key rotation_new_key(const struct rotation *rotation, const char *selector);

/* Says where the record of the new key is to be found. */
const char *rotation_published_line(const struct rotation *rotation);

/* Is there a command that changes DNS, and is it to be run? */
bool rotation_has_hook(const struct rotation *rotation);

/* Has the command of --dns-hook change DNS, if there is one. */
bool rotation_update_dns(const struct rotation *rotation, const char *script, struct error *error);

#endif
