/*
 * store - the open database, for the parts of the module history alone
 */
#ifndef ASSAY_HISTORY_STORE_H
#define ASSAY_HISTORY_STORE_H

#include <sqlite3.h>
#include <time.h>

#include "base/error.h"
#include "base/trace.h"
#include "history/row.h"

#define HISTORY_OWN_ORIGIN 1    /* messages.origin of what this host has received */
#define HISTORY_PATIENCE   60.0 /* seconds that a program without a message waits */

struct history {
	struct pool *pool;
	const char *path;
	const struct trace *trace;
	struct timespec deadline; /* of waiting for other writers */
	sqlite3 *database;
	sqlite3_stmt *addition; /* to a row that is there; prepared at the first one */
	int wal_frames;         /* after the last commit */
	bool is_kept;           /* open for row after row: the WAL may become longer */
};

/* Opens the file, or makes it. */
bool history_connect(struct history *history, struct error *error);
void history_disconnect(struct history *history);

/* Is there another file of its name now, or none? */
bool history_has_moved(struct history *history);

/* The same as history_disconnect() for a file that was moved away: it gets what its WAL has. */
void history_leave(struct history *history);

/* A transaction of several statements; its end undoes everything unless all was good. */
bool history_begin(struct history *history, struct error *error);
bool history_end(struct history *history, bool good, struct error *error);

/* After a commit: if the WAL has become long, copies it into the database and cuts it. */
void history_shorten_wal(struct history *history);
/* The same in any case, if nobody else is reading it. */
void history_copy_wal(struct history *history);

/* False with the database's own words in error. */
bool history_failed(const struct history *history, struct error *error);
bool history_run(struct history *history, const char *statements, struct error *error);
sqlite3_stmt *history_prepare(struct history *history, const char *text, struct error *error);
/* Runs it to its end and releases it; NULL is false. */
bool history_finish(struct history *history, sqlite3_stmt *statement, struct error *error);
/* Releases a query that has been stepped to status: it must have come to its end. */
bool history_end_query(struct history *history, sqlite3_stmt *statement, int status,
		       struct error *error);
/* A column of the current row, as a text. */
const char *history_column_text(struct pool *pool, sqlite3_stmt *statement, int column);

/* The first column of the first row, such as that of a pragma; -1 with error. */
long long history_number(struct history *history, const char *text, struct error *error);

/* One statement with a number in it, as a transaction of its own; *rows is how many it changed. */
bool history_change(struct history *history, const char *text, long long number,
		    unsigned long long *rows, struct error *error);

#endif
