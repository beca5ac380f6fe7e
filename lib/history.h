/*
 * history - the sqlite3 file with what reports are made of (design 10)
 *
 * Many processes write at once, each one row for its message. They wait for each other in
 * short, equal steps, because sqlite's own way to wait lets the unlucky wait for long. A row
 * that cannot be stored in time goes to a file beside the database (history_side.h); the next
 * process that can write to the database takes it in from there. Nobody keeps the side file locked
 * for longer than some milliseconds, so the time allowed for it is used up only by a machine that
 * stands still, and then a lost row would be the greater evil.
 *
 * The database is in WAL mode with synchronous=NORMAL: a row that was acknowledged survives the
 * death of any process; the last ones may be lost with the power, but never the file. The WAL is
 * kept short, because the first process that opens the file has to read all of it.
 */
#ifndef ASSAY_HISTORY_H
#define ASSAY_HISTORY_H

#include "history_row.h"
#include "report.h"
#include "sandbox.h"

#define HISTORY_SECONDS        1.5 /* that a message may wait for the database; then the side file */
#define HISTORY_SECONDS_QUEUED 0.3  /* the same if rows of others wait in the side file already */
#define HISTORY_SIDE_SECONDS   10.0 /* that it may wait for the side file; then its row is lost */
#define HISTORY_PATIENCE       60.0 /* seconds that a program without a message waits */

enum history_outcome {
	HISTORY_STORED,
	HISTORY_WAITING, /* in the side file; error says why */
	HISTORY_LOST,    /* error says why */
};

/* What a sandbox needs for history_record() and history_open(): the directory and $TMPDIR. */
void history_allow(struct sandbox *sandbox, const char *path);

/* Records one message: everything from opening to closing. */
enum history_outcome history_record(struct pool *pool, const char *path,
				    const struct history_row *row, const struct trace *trace,
				    struct error *error);

/* For dmarcreport: */

struct history;

/* Opens the file, made if need be, and takes in what waits in the side file. NULL with error. */
struct history *history_open(struct pool *pool, const char *path, const struct trace *trace,
			     struct error *error);
void history_close(struct history *history); /* accepts NULL */

/* The random name of this file. */
const char *history_name(struct history *history, struct pool *pool, struct error *error);

/* What there is to report about one policy on one day. */
struct history_policy {
	long long day;
	long long id; /* of the policy, within this file */
	const char *domain;
	const char *record;
	unsigned long long messages;
};

struct history_policies {
	size_t count;
	struct history_policy *items;
};

/* The policies of the days from first to last, in the order of days, then of ids. */
bool history_policies(struct history *history, struct pool *pool, long long first, long long last,
		      struct history_policies *policies, struct error *error);

/*
 * The rows of a policy on a day, one after the other; those of merged files that are alike are
 * one. While they are read nothing is locked. After open, any number of times: begin, then next
 * until there is no row, or end.
 */
struct history_rows;

struct history_rows *history_rows_open(struct history *history, struct pool *pool,
				       struct error *error);
void history_rows_begin(struct history_rows *rows, long long day, long long policy);

enum history_step {
	HISTORY_ROW, /* row is set; it lives in pool */
	HISTORY_END,
	HISTORY_ERROR,
};

enum history_step history_rows_next(struct history_rows *rows, struct pool *pool,
				    struct history_row *row, struct error *error);
void history_rows_end(struct history_rows *rows);   /* before the end, or after it */
void history_rows_close(struct history_rows *rows); /* accepts NULL */

/* Removes all rows of the days before first, bit by bit, so that nobody waits for long. */
bool history_expire(struct history *history, long long first, unsigned long long *rows,
		    struct error *error);

/*
 * Takes over the messages that another file's own host has received. What came from that file
 * before is replaced, day by day, so that each message counts once however often it is merged.
 */
bool history_merge(struct history *history, const char *path, unsigned long long *rows,
		   struct error *error);

#endif
