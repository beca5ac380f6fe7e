/*
 * history - the sqlite3 file with what reports are made of
 *
 * Many processes write at once, each one row for its message. They wait for each other in
 * short, equal steps, because sqlite's own way to wait lets the unlucky wait for long. A row
 * that cannot be stored in time goes to a file beside the database (history/spill.h); the next
 * process that can write to the database takes it in from there. Nobody keeps the spill file locked
 * for longer than some milliseconds, so the time allowed for it is used up only by a machine that
 * stands still, and then a lost row would be the greater evil.
 *
 * The database is in WAL mode with synchronous=NORMAL: a row that was acknowledged survives the
 * death of any process; the last ones may be lost with the power, but never the file. The WAL is
 * kept short, because the first process that opens the file has to read all of it.
 */
#ifndef ASSAY_HISTORY_HISTORY_H
#define ASSAY_HISTORY_HISTORY_H

#include "base/error.h"
#include "base/trace.h"
#include "history/row.h"

#define HISTORY_SECONDS        1.5 /* that a message may wait for the database; then the spill file */
#define HISTORY_SECONDS_QUEUED 0.3  /* the same if rows of others wait in the spill file already */
#define SPILL_SECONDS          10.0 /* that it may wait for the spill file; then its row is lost */

enum history_outcome {
	HISTORY_STORED,
	HISTORY_WAITING, /* in the spill file; error says why */
	HISTORY_LOST,    /* error says why */
};

struct history;
struct history_writer;

/*
 * One who records messages, in the file of that path. It is opened for the first one and stays
 * open, because opening costs more than a row. When it has been moved away or replaced, the next
 * row goes into the file that has its name then; after an error it is opened anew.
 */
struct history_writer *history_writer_new(const char *path, const struct trace *trace);
void history_writer_free(struct history_writer *writer); /* accepts NULL */

/* His file, open, for that long a wait; until the next call. NULL with error. */
struct history *history_writer_open(struct history_writer *writer, struct pool *pool,
				    double seconds, struct error *error);

/* Records one message. pool is for what that needs. */
enum history_outcome history_record(struct history_writer *writer, struct pool *pool,
				    const struct history_row *row, struct error *error);

/* Is there one? Only the program that records messages makes it. False with error. */
bool history_exists(struct pool *pool, const char *path, struct error *error);

/* Opens the file, made if need be, and takes in what waits in the spill file. NULL with error. */
struct history *history_open(struct pool *pool, const char *path, const struct trace *trace,
			     struct error *error);
void history_close(struct history *history); /* accepts NULL */

/* For incident.c: the file that has its name now, for work of HISTORY_SECONDS; NULL with error. */
struct history *history_writer_connect(struct history_writer *writer, struct pool *pool,
				       struct error *error);

#endif
