/*
 * report_store - the sqlite3 file of what others report to us
 *
 *   secret   the key of the hashes by which a report is found again: nobody can foretell them
 *   text     each domain, address, name and list of results once; 0 stands for ""
 *   report   one row a report of any kind, with its sums
 *   record   the rows of aggregate reports. record_source has all that the view of sources
 *            needs, in its order, so that a year of a busy site is read in a second
 *   tls      the policies of TLS reports
 *   failure  what is kept of failure reports
 *   reject   what was not counted, and why
 *
 * It is a file of its own, 0600: what strangers send does not come near the history.
 */
#ifndef ASSAY_REPORT_REPORT_STORE_H
#define ASSAY_REPORT_REPORT_STORE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/siphash.h"

#define STORE_VERSION       1    /* user_version of the file */
#define STORE_PATIENCE      60.0 /* seconds that one waits for another writer */
#define STORE_CACHE         1024 /* texts whose number is remembered */
#define STORE_STATEMENTS    24
#define STORE_MARK_FILE     22 /* numbers of statements of others than report_writer.c */
#define STORE_KEEP_FILE     23
#define STORE_SECONDS_A_DAY 86400

struct store_cached {
	uint64_t hash;
	sqlite3_int64 id;
};

struct report_store {
	struct pool *pool;
	const char *path;
	sqlite3 *database;
	unsigned char key[SIPHASH_KEY_LEN];
	sqlite3_stmt *statements[STORE_STATEMENTS]; /* of report_writer.c, prepared once */
	struct store_cached cache[STORE_CACHE];
};

/* Makes the file if create is set and it is missing. NULL with an error. */
struct report_store *report_store_open(struct pool *pool, const char *path, bool create,
				       struct error *error);
void report_store_close(struct report_store *store); /* accepts NULL */

/* The database's own words; returns false. */
bool store_failed(const struct report_store *store, struct error *error);
bool store_run(struct report_store *store, const char *statements, struct error *error);

/* A statement that is prepared once, in that place; NULL with an error. */
sqlite3_stmt *store_statement(struct report_store *store, unsigned number, const char *text,
			      struct error *error);

/* Runs a statement without rows and makes it ready for the next time. */
bool store_step(struct report_store *store, sqlite3_stmt *statement, struct error *error);

/* The number of a text, which is added if it is new; 0 for "". */
bool store_text(struct report_store *store, struct slice text, sqlite3_int64 *id,
		struct error *error);

/* A hash that only this store knows. */
uint64_t store_hash(const struct report_store *store, struct slice text);

#endif
