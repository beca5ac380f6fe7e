/*
 * rotate_state - where the rotation of a key stands, in a small file beside the key
 */
#ifndef ROTATE_STATE_H
#define ROTATE_STATE_H

#include <time.h>

#include "base/bytes.h"
#include "base/error.h"

enum step {
	STEP_IDLE,    /* wait until the key is old enough */
	STEP_MAKE,    /* the name of the new key is chosen; make it */
	STEP_PUBLISH, /* wait until DNS has it, then sign with it */
	STEP_KEEP,    /* wait until nobody needs the old one */
	STEP_REMOVE,  /* wait until the old record is gone */
};

struct rotation_state {
	enum step step;
	const char *old; /* selectors */
	const char *new;
	time_t since; /* idle: when the key came into use; keep: when the new one did */
	time_t seen;  /* publish: since when DNS has the new record; 0: it has not */
};

/* Leaves the state as it is if there is no such file. */
bool rotation_state_read(struct pool *pool, const char *path, struct rotation_state *state,
			 struct error *error);

bool rotation_state_write(struct pool *pool, const char *path, const char *key_name,
			  const struct rotation_state *state, struct error *error);

#endif
