/*
 * history - recording messages, and opening the history for reports; see history/history.h
 */
#include "history/history.h"

#include <stdint.h>

#include "base/file_lock.h"
#include "base/pool.h"
#include "history/drain.h"
#include "history/spill.h"
#include "history/store.h"

#define DRAIN_ROWS_MAX 500 /* from the spill file, while a message is waiting: some 10 ms */

/* store - into the database; what waits in the spill file is taken in on the way */
static bool store(struct history *history, const struct history_texts *texts, struct error *error)
{
	struct error ignored;
	bool stored, left;

	if (!history_connect(history, error))
		return false;
	stored = history_add(history, texts, error);
	if (stored && !history_drain(history, DRAIN_ROWS_MAX, &left, &ignored))
		trace_print(history->trace, "history: %s", ignored.text);
	if (stored)
		history_shorten_wal(history);
	history_disconnect(history);
	return stored;
}

enum history_outcome history_record(struct pool *pool, const char *path,
				    const struct history_row *row, const struct trace *trace,
				    struct error *error)
{
	bool queued = spill_is_waiting(pool, path);
	struct history history = {
	    .pool = pool,
	    .path = path,
	    .trace = trace,
	    .deadline = deadline_after(queued ? HISTORY_SECONDS_QUEUED : HISTORY_SECONDS),
	};
	struct history_texts texts;
	struct timespec deadline;
	struct error cause;

	history_row_write(pool, row, &texts);
	if (store(&history, &texts, error))
		return HISTORY_STORED;
	deadline = deadline_after(SPILL_SECONDS);
	if (spill_append(pool, path, history_line_write(pool, &texts), &deadline, &cause))
		return HISTORY_WAITING;
	*error = cause;
	return HISTORY_LOST;
}

/* take_all - bit by bit, so that writers get their turn */
static bool take_all(struct history *history, struct error *error)
{
	bool good, left;

	do {
		good = history_drain(history, DRAIN_ROWS_MAX, &left, error);
		history_shorten_wal(history);
	} while (good && left);
	return good;
}

struct history *history_open(struct pool *pool, const char *path, const struct trace *trace,
			     struct error *error)
{
	struct history *history = pool_alloc(pool, sizeof(*history));

	*history = (struct history){.pool = pool,
				    .path = path,
				    .trace = trace,
				    .deadline = deadline_after(HISTORY_PATIENCE)};
	if (!history_connect(history, error))
		return NULL;
	if (take_all(history, error))
		return history;
	history_disconnect(history);
	return NULL;
}

void history_close(struct history *history)
{
	if (history != NULL)
		history_disconnect(history);
}
