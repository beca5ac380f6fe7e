/*
 * report_writer - puts what the intake finds into the store
 *
 * A report is known by its organization, id, domain and period. The same one again is a
 * duplicate; one with other content takes the place of the older, and that is said. But who
 * has not been authenticated replaces nothing of one who has, and what is incomplete nothing that
 * is complete: else anybody could take back what others report.
 */
#ifndef ASSAY_REPORT_REPORT_WRITER_H
#define ASSAY_REPORT_REPORT_WRITER_H

#include <time.h>

#include "report/intake.h"
#include "report/report_store.h"

#define WRITER_ROWS_MAX 1000U /* rows of a report kept in memory before they are written */
#define WRITER_REJECTS_MAX                                                                         \
	100U                    /* RFC 9990 names none: rejected rows of a report that are kept;   \
				   more are only counted */
#define WRITER_EXCERPT_MAX 200U /* octets of the text of a row that was rejected */

/* What became of a report. */
struct writer_result {
	enum incoming_kind kind;
	const char *org;
	const char *id;
	const char *domain;
	long long begin;
	long long end;
	unsigned long long rows;
	unsigned long long messages;
	unsigned long long passed;
	unsigned long long rejected_rows;
	unsigned long long repairs;
	const char *repaired; /* "stray-ampersand=2 word=1" */
	const char *missing;  /* "org report_id" */
	bool duplicate;
	bool replaced; /* an older one with other content */
	bool refused;  /* not stored: it is in the rejects */
	bool incomplete;
};

struct writer_pending;

struct report_writer {
	struct intake_handler handler; /* what the intake gets */
	struct report_store *store;
	const char *const *domains; /* canonical names, NULL at the end; NULL: all */
	bool keep_failures;
	time_t now;
	/* of the file that is being read */
	struct pool *pool;
	const char *file;
	size_t count;
	struct writer_result *results;
	size_t refusals;     /* parts that count for nothing */
	const char *refusal; /* why, the last one */
	/* its own */
	sqlite3_int64 sender;
	bool has_sender;
	size_t marked[2];
	struct writer_pending *pending;
	struct error error; /* our own trouble */
	bool failed;
};

void report_writer_init(struct report_writer *writer, struct report_store *store, time_t now);

/* Begins a file, whose results are kept in pool. */
void report_writer_file(struct report_writer *writer, struct pool *pool, const char *name);

/* Releases what it holds. */
void report_writer_end(struct report_writer *writer);

#endif
