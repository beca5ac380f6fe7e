/*
 * rotate_state - where the rotation of a key stands; see rotate_state.h
 *
 * Lines of a name and a value. It is written as a whole or not at all, and people may read it.
 */
#include "rotate_state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "dkim/selector.h"

#define STATE_MODE 0644

static const char *const step_words[] = {
    [STEP_IDLE] = "idle", [STEP_MAKE] = "make",     [STEP_PUBLISH] = "publish",
    [STEP_KEEP] = "keep", [STEP_REMOVE] = "remove",
};

bool rotation_state_write(struct pool *pool, const char *path, const char *key_name,
			  const struct rotation_state *state, struct error *error)
{
	const char *text =
	    pool_printf(pool,
			"# where dkimsign rotate stands with key %s\n"
			"step %s\nold %s\nnew %s\nsince %" PRIdMAX "\nseen %" PRIdMAX "\n",
			key_name, step_words[state->step], state->old, state->new,
			(intmax_t)state->since, (intmax_t)state->seen);

	return atomic_file_replace(pool, path, slice_of(text), STATE_MODE, error);
}

static bool read_step(struct slice word, enum step *step)
{
	for (size_t i = 0; i < sizeof(step_words) / sizeof(step_words[0]); i++) {
		if (slice_is(word, step_words[i])) {
			*step = (enum step)i;
			return true;
		}
	}
	return false;
}

static bool read_time(struct slice word, time_t *time)
{
	unsigned long long number;

	if (!slice_to_number(word, LLONG_MAX, &number))
		return false;
	*time = (time_t)number;
	return true;
}

static bool read_selector(struct pool *pool, struct slice word, const char **selector)
{
	*selector = slice_copy(pool, word);
	return dkim_selector_is_good(word);
}

static bool read_line(struct pool *pool, struct slice line, struct rotation_state *state)
{
	struct slice name;
	struct slice word;

	if (!config_file_word(&line, &name) || !config_file_word(&line, &word))
		return false;
	if (slice_is(name, "step"))
		return read_step(word, &state->step);
	if (slice_is(name, "old"))
		return read_selector(pool, word, &state->old);
	if (slice_is(name, "new"))
		return read_selector(pool, word, &state->new);
	if (slice_is(name, "since"))
		return read_time(word, &state->since);
	return slice_is(name, "seen") && read_time(word, &state->seen);
}

bool rotation_state_read(struct pool *pool, const char *path, struct rotation_state *state,
			 struct error *error)
{
	struct config_file file;
	struct slice line;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (!config_file_read(pool, path, &file, error))
		return false;
	while (config_file_next(&file, &line)) {
		if (!read_line(pool, line, state))
			return config_file_error(file.path, file.line, error,
						 "this is not what dkimsign rotate has written");
	}
	return true;
}
