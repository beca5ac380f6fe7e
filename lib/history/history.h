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
#define HISTORY_PATIENCE       60.0 /* seconds that a program without a message waits */

enum history_outcome {
	HISTORY_STORED,
	HISTORY_WAITING, /* in the spill file; error says why */
	HISTORY_LOST,    /* error says why */
};

/* Records one message: everything from opening to closing. */
enum history_outcome history_record(struct pool *pool, const char *path,
				    const struct history_row *row, const struct trace *trace,
				    struct error *error);

struct history;

/* Opens the file, made if need be, and takes in what waits in the spill file. NULL with error. */
struct history *history_open(struct pool *pool, const char *path, const struct trace *trace,
			     struct error *error);
void history_close(struct history *history); /* accepts NULL */

#endif
