/*
 * store - opening, locking and writing the database of the history; see history/history.h
 *
 * Each process is usually alone with the file, and short-lived: what costs is opening. Hence one
 * statement for the usual row, no checkpoint at the end of each process, and a WAL that is cut to
 * nothing as soon as it has some pages (sqlite's own checkpoint would not shorten it, since the
 * next process starts with no memory of what has been copied).
 *
 * Only the transaction itself excludes others, not the opening before it: with a lock around all
 * of it, 64 processes waited up to a second for each other; so they wait some ten milliseconds.
 */
#include "history/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/pool.h"
#include "base/spool.h"
#include "history/schema.h"

#define WAL_FRAMES_MAX    16      /* pages; then the WAL is copied into the database */
#define WAL_FRAMES_KEPT   64      /* the same for one process that writes row after row */
#define WAL_FRAMES_RETRY  2       /* if that fails it is tried for so many in each WAL_FRAMES_MAX */
#define PAUSE_NANOSECONDS 2000000 /* between two attempts to write */

bool history_failed(const struct history *history, struct error *error)
{
	return error_set(error, STATUS_OTHER, "%s: %s", history->path,
			 sqlite3_errmsg(history->database));
}

bool history_run(struct history *history, const char *statements, struct error *error)
{
	if (sqlite3_exec(history->database, statements, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return history_failed(history, error);
}

sqlite3_stmt *history_prepare(struct history *history, const char *text, struct error *error)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(history->database, text, -1, &statement, NULL) == SQLITE_OK)
		return statement;
	history_failed(history, error);
	return NULL;
}

bool history_finish(struct history *history, sqlite3_stmt *statement, struct error *error)
{
	int status = SQLITE_ERROR;

	if (statement == NULL)
		return false;
	do
		status = sqlite3_step(statement);
	while (status == SQLITE_ROW);
	if (status != SQLITE_DONE)
		history_failed(history, error);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE;
}

bool history_end_query(struct history *history, sqlite3_stmt *statement, int status,
		       struct error *error)
{
	if (status != SQLITE_DONE)
		history_failed(history, error);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE;
}

const char *history_column_text(struct pool *pool, sqlite3_stmt *statement, int column)
{
	const void *text = sqlite3_column_text(statement, column);

	return pool_copy(pool, text, (size_t)sqlite3_column_bytes(statement, column));
}

/* note_frames - after each commit: how long the WAL is */
static int note_frames(void *context, sqlite3 *database, const char *name, int frames)
{
	(void)database;
	(void)name;
	*(int *)context = frames;
	return SQLITE_OK;
}

/*
 * wait_turn - sqlite's busy handler: somebody else is writing
 *
 * All who wait try again after the same short time. sqlite's own handler sleeps longer and
 * longer, so that who has waited for long has the least chances.
 */
static int wait_turn(void *context, int count)
{
	const struct history *history = context;
	const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};

	(void)count;
	nanosleep(&pause, NULL);
	return deadline_left(&history->deadline) > 0;
}

/* open_database - with settings for a process that writes one row */
static bool open_database(struct history *history, struct error *error)
{
	const char *path = history->path;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

	/* sqlite's own choice is /var/tmp, where the sandbox does not let it */
	setenv("SQLITE_TMPDIR", spool_directory(), 1);
	/*
	 * No statistics of memory, and none for pages in advance: touching it costs more than the
	 * few pages of one row. A failure means that sqlite is in use already; it works anyway.
	 */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	if (*path != '/')
		path = pool_printf(history->pool, "./%s", path); /* "file:" is special to sqlite */
	if (sqlite3_open_v2(path, &history->database, flags, NULL) != SQLITE_OK)
		return history_failed(history, error);
	sqlite3_db_config(history->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_wal_hook(history->database, note_frames, &history->wal_frames);
	sqlite3_busy_handler(history->database, wait_turn, history);
	return true;
}

/* name_file - in an error that does not do that yet */
static bool name_file(const struct history *history, const struct error *cause, struct error *error)
{
	return error_set(error, cause->status, "%s: %s", history->path, cause->text);
}

/* update - makes or migrates the database; others who want to do the same wait for fd */
static bool update(struct history *history, int fd, struct error *error)
{
	struct error cause;
	bool good;

	if (!file_lock(fd, LOCK_EX, &history->deadline))
		return error_set(error, STATUS_OTHER, "%s: %s", history->path, strerror(errno));
	good = open_database(history, error);
	if (good && !history_schema_update(history->database, &cause))
		good = name_file(history, &cause, error);
	history_disconnect(history);
	return good;
}

/* open_updated - a file that is missing or old; readable by nobody else if it is new */
static bool open_updated(struct history *history, struct error *error)
{
	int fd = open(history->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
	bool good;

	if (fd < 0)
		return error_set(error, STATUS_OTHER, "%s: %s", history->path, strerror(errno));
	good = update(history, fd, error);
	/* Not while the database is open: that would release sqlite's locks. */
	close(fd);
	return good && open_database(history, error);
}

/* open_current - a database of this version; *outdated: it is older, or missing */
static bool open_current(struct history *history, bool *outdated, struct error *error)
{
	struct error cause;
	int version;

	*outdated = access(history->path, F_OK) != 0;
	if (*outdated || !open_database(history, error))
		return false;
	version = history_schema_version(history->database, &cause);
	*outdated = version >= 0 && version < HISTORY_VERSION;
	if (version == HISTORY_VERSION || *outdated)
		return !*outdated;
	if (version > HISTORY_VERSION)
		history_schema_update(history->database, &cause);
	return name_file(history, &cause, error);
}

bool history_connect(struct history *history, struct error *error)
{
	bool outdated, good;

	history->database = NULL;
	history->addition = NULL;
	history->wal_frames = 0;
	good = open_current(history, &outdated, error);
	if (!good && outdated) {
		history_disconnect(history);
		good = open_updated(history, error);
	}
	if (good && history_run(history, "PRAGMA synchronous = NORMAL", error))
		return true;
	history_disconnect(history);
	return false;
}

bool history_has_moved(struct history *history)
{
	int moved = 0;

	sqlite3_file_control(history->database, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved != 0;
}

void history_leave(struct history *history)
{
	/* the WAL has a name of its own, so whoever moved the file may have left it behind */
	history_copy_wal(history);
	history_disconnect(history);
}

void history_disconnect(struct history *history)
{
	sqlite3_finalize(history->addition);
	history->addition = NULL;
	sqlite3_close(history->database);
	history->database = NULL;
}

bool history_begin(struct history *history, struct error *error)
{
	return history_run(history, "BEGIN IMMEDIATE", error);
}

bool history_end(struct history *history, bool good, struct error *error)
{
	if (good && history_run(history, "COMMIT", error))
		return true;
	sqlite3_exec(history->database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/*
 * A long reader would make each writer copy, and wait for the disk, in vain; so only some try.
 */
void history_shorten_wal(struct history *history)
{
	int most = history->is_kept ? WAL_FRAMES_KEPT : WAL_FRAMES_MAX;

	if (history->wal_frames >= most && history->wal_frames % most < WAL_FRAMES_RETRY)
		history_copy_wal(history);
}

void history_copy_wal(struct history *history)
{
	sqlite3_busy_timeout(history->database, 0);
	sqlite3_wal_checkpoint_v2(history->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_handler(history->database, wait_turn, history);
	history->wal_frames = 0;
}

long long history_number(struct history *history, const char *text, struct error *error)
{
	sqlite3_stmt *statement = history_prepare(history, text, error);
	long long number = -1;

	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	else if (statement != NULL)
		history_failed(history, error);
	sqlite3_finalize(statement);
	return number;
}

bool history_change(struct history *history, const char *text, long long number,
		    unsigned long long *rows, struct error *error)
{
	sqlite3_stmt *statement;
	bool good;

	history->deadline = deadline_after(HISTORY_PATIENCE);
	statement = history_prepare(history, text, error);
	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, number);
	good = history_finish(history, statement, error);
	if (good)
		*rows = (unsigned long long)sqlite3_changes64(history->database);
	history_shorten_wal(history);
	return good;
}
