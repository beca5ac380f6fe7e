/*
 * drain - from the spill file into the database, each row once; see history/drain.h
 *
 * The rows and the note of how far we have come are one transaction. If we are killed between
 * its end and the emptying of the file, the next one finds nothing left to read, and empties it.
 *
 * Whoever reads the file or empties it has locked the database for writing. The file itself is
 * locked only to empty it: others add lines while it is read, and must not have to wait for that.
 */
#include "history/drain.h"

#include <errno.h>
#include <string.h>

#include "base/pool.h"
#include "history/add.h"
#include "history/spill.h"
#include "history/store.h"

/* read_offset - up to where it has been taken in; -1 with error */
static off_t read_offset(struct history *history, const struct spill *side, struct error *error)
{
	sqlite3_stmt *statement =
	    history_prepare(history, "SELECT octets FROM taken WHERE file = ?1", error);
	off_t offset = -1;
	int status;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, side->name, -1, SQLITE_STATIC);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW)
		offset = sqlite3_column_int64(statement, 0);
	else if (status == SQLITE_DONE)
		offset = side->start;
	else
		history_failed(history, error);
	sqlite3_finalize(statement);
	return offset;
}

/* write_offset - and forgets files that are gone */
static bool write_offset(struct history *history, const struct spill *side, off_t offset,
			 struct error *error)
{
	sqlite3_stmt *statement;

	if (!history_run(history, "DELETE FROM taken", error))
		return false;
	statement = history_prepare(history, "INSERT INTO taken VALUES(?1, ?2)", error);
	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, side->name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 2, offset);
	}
	return history_finish(history, statement, error);
}

/* How far taking in has come. */
struct progress {
	off_t offset;
	size_t rows;
	size_t damaged;
};

/* take_line - a line that cannot be read is passed over: nothing can be made of it later either */
static bool take_line(struct history *history, struct pool *pool, struct slice line,
		      struct progress *progress, struct error *error)
{
	struct history_texts texts;

	if (!history_line_read(pool, line, &texts)) {
		progress->damaged++;
		return true;
	}
	progress->rows++;
	return history_add(history, &texts, error);
}

/*
 * take_chunk - the lines of one piece of the file
 *
 * Without its end only a line that is longer than any of ours is taken, as a damaged one: the last
 * line of the file may be just being written.
 */
static bool take_chunk(struct history *history, struct pool *pool, struct slice chunk, size_t most,
		       struct progress *progress, struct error *error)
{
	struct slice line;
	size_t len;

	while (chunk.len > 0 && progress->rows + progress->damaged < most) {
		len = slice_find(chunk, '\n');
		if (len == chunk.len && len <= SPILL_LINE_MAX)
			return true;
		line = slice_from(chunk.data, len);
		len += len < chunk.len ? 1 : 0;
		if (!take_line(history, pool, line, progress, error))
			return false;
		progress->offset += (off_t)len;
		chunk = slice_skip(chunk, len);
	}
	return true;
}

/* take_lines - up to so many, within a transaction */
static bool take_lines(struct history *history, const struct spill *side, size_t most,
		       struct progress *progress, struct error *error)
{
	off_t before = -1;
	bool good = true;

	while (good && progress->offset < side->size && progress->offset != before &&
	       progress->rows + progress->damaged < most) {
		struct pool *pool = pool_new();
		struct slice chunk = spill_read(pool, side, progress->offset);

		before = progress->offset;
		if (chunk.len == 0)
			good = error_set(error, STATUS_OTHER, "%s%s: cannot be read", history->path,
					 SPILL_SUFFIX);
		else
			good = take_chunk(history, pool, chunk, most, progress, error);
		pool_free(pool);
	}
	return good;
}

/* take_rows - up to so many, and how far that is */
static bool take_rows(struct history *history, const struct spill *side, size_t most,
		      struct progress *progress, struct error *error)
{
	progress->offset = read_offset(history, side, error);
	return progress->offset >= 0 && take_lines(history, side, most, progress, error) &&
	       write_offset(history, side, progress->offset, error);
}

/* take_transaction - all or nothing; progress is where it has come to */
static bool take_transaction(struct history *history, size_t most, struct progress *progress,
			     bool *left, struct error *error)
{
	struct spill side;
	bool good;

	if (!history_begin(history, error))
		return false;
	if (!spill_open(history->pool, history->path, &side))
		return history_end(history, true, error);
	good = side.name == NULL || take_rows(history, &side, most, progress, error);
	*left = progress->rows + progress->damaged >= most;
	spill_close(&side);
	return history_end(history, good, error);
}

/* discard - a file that is none of ours */
static bool discard(struct history *history, struct error *error)
{
	return spill_discard(history->pool, history->path) ||
	       error_set(error, STATUS_OTHER, "%s%s: is no spill file, and cannot be renamed: %s",
			 history->path, SPILL_SUFFIX, strerror(errno));
}

/* is_used_up - has everything been taken in but a line that was cut short for ever? */
static bool is_used_up(const struct spill *side, off_t offset)
{
	struct pool *pool = pool_new();
	struct slice rest = spill_read(pool, side, offset);
	bool used_up = offset >= side->size || (offset + (off_t)rest.len == side->size &&
						slice_find(rest, '\n') == rest.len);

	pool_free(pool);
	return used_up;
}

/* clear - with the file locked */
static bool clear(struct history *history, struct spill *side, struct error *error)
{
	off_t offset;

	if (side->name == NULL)
		return discard(history, error);
	offset = read_offset(history, side, error);
	if (offset >= 0 && is_used_up(side, offset))
		spill_clear(side);
	return offset >= 0;
}

/* clear_transaction - nobody else may read the file meanwhile, nor add to it */
static bool clear_transaction(struct history *history, struct error *error)
{
	struct spill side;
	bool good = true;

	if (!history_begin(history, error))
		return false;
	if (spill_open(history->pool, history->path, &side)) {
		if (spill_lock(history->pool, &side))
			good = clear(history, &side, error);
		spill_close(&side);
	}
	return history_end(history, good, error);
}

bool history_drain(struct history *history, size_t most, bool *left, struct error *error)
{
	struct progress progress = {.offset = 0};

	*left = false;
	if (!spill_is_waiting(history->pool, history->path))
		return true;
	if (!take_transaction(history, most, &progress, left, error))
		return false;
	trace_print(history->trace,
		    "history: %zu rows taken in from %s%s, %zu damaged ones left out",
		    progress.rows, history->path, SPILL_SUFFIX, progress.damaged);
	return *left || clear_transaction(history, error);
}
