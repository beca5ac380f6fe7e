/*
 * history - recording messages, and opening the history for reports; see history/history.h
 */
#include "history/history.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/pool.h"
#include "history/add.h"
#include "history/drain.h"
#include "history/spill.h"
#include "history/store.h"

#define DRAIN_ROWS_MAX 500 /* from the spill file, while a message is waiting: some 10 ms */

struct history_writer {
	struct history history; /* its pool and its deadline are those of each row */
	bool has_recorded;      /* a row: then there will be more of them */
};

struct history_writer *history_writer_new(const char *path, const struct trace *trace)
{
	struct history_writer *writer = memory_alloc(sizeof(*writer));

	writer->history = (struct history){.path = path, .trace = trace};
	return writer;
}

void history_writer_free(struct history_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->history.database != NULL && writer->history.is_kept)
		history_copy_wal(&writer->history);
	history_disconnect(&writer->history);
	free(writer);
}

/* connect_again - to the file that has the name now */
static bool connect_again(struct history *history, struct error *error)
{
	if (history->database != NULL && !history_has_moved(history))
		return true;
	if (history->database != NULL) {
		trace_print(history->trace, "history: %s is another file now", history->path);
		history_leave(history);
	}
	return history_connect(history, error);
}

struct history *history_writer_open(struct history_writer *writer, struct pool *pool,
				    double seconds, struct error *error)
{
	struct history *history = &writer->history;

	history->pool = pool;
	history->deadline = deadline_after(seconds);
	if (connect_again(history, error))
		return history;
	history_disconnect(history);
	return NULL;
}

/* store - into the database; what waits in the spill file is taken in on the way */
static bool store(struct history *history, const struct history_texts *texts, bool queued,
		  struct error *error)
{
	struct error ignored;
	bool left;

	if (!connect_again(history, error) || !history_add(history, texts, error)) {
		history_disconnect(history);
		return false;
	}
	if (queued && !history_drain(history, DRAIN_ROWS_MAX, &left, &ignored))
		trace_print(history->trace, "history: %s", ignored.text);
	history_shorten_wal(history);
	return true;
}

enum history_outcome history_record(struct history_writer *writer, struct pool *pool,
				    const struct history_row *row, struct error *error)
{
	struct history *history = &writer->history;
	bool queued = spill_is_waiting(pool, history->path);
	struct history_texts texts;
	struct timespec deadline;
	struct error cause;

	history->is_kept = writer->has_recorded;
	writer->has_recorded = true;
	history->pool = pool;
	history->deadline = deadline_after(queued ? HISTORY_SECONDS_QUEUED : HISTORY_SECONDS);
	history_row_write(pool, row, &texts);
	if (store(history, &texts, queued, error))
		return HISTORY_STORED;
	deadline = deadline_after(SPILL_SECONDS);
	if (spill_append(pool, history->path, history_line_write(pool, &texts), &deadline, &cause))
		return HISTORY_WAITING;
	*error = cause;
	return HISTORY_LOST;
}

struct history *history_writer_connect(struct history_writer *writer, struct pool *pool,
				       struct error *error)
{
	struct history *history = &writer->history;

	history->pool = pool;
	history->deadline = deadline_after(HISTORY_SECONDS);
	if (connect_again(history, error))
		return history;
	history_disconnect(history);
	return NULL;
}

/* working_directory - for people */
static const char *working_directory(struct pool *pool)
{
	char *name = getcwd(NULL, 0);
	const char *copy = pool_printf(pool, "%s", name != NULL ? name : "unknown");

	free(name);
	return copy;
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

bool history_exists(struct pool *pool, const char *path, struct error *error)
{
	struct stat status;
	const char *directory = "";

	if (stat(path, &status) == 0)
		return true;
	if (errno != ENOENT)
		return error_set(error, STATUS_OTHER, "%s: %s", path, strerror(errno));
	if (*path != '/')
		directory =
		    pool_printf(pool, ", seen from the directory %s", working_directory(pool));
	return error_set(error, STATUS_CONFIG,
			 "there is no history at %s%s; dmarceval --db makes it with the first"
			 " message that it counts",
			 path, directory);
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
