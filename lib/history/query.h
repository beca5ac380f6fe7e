/*
 * query - reading the history for reports
 */
#ifndef ASSAY_HISTORY_QUERY_H
#define ASSAY_HISTORY_QUERY_H

#include "history/history.h"

/* The random name of this file. */
const char *history_name(struct history *history, struct pool *pool, struct error *error);

/* The key that tokens are made with: 32 hexadecimal digits, which leave this file nowhere. */
const char *history_key(struct history *history, struct pool *pool, struct error *error);

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

/*
 * The policies of the days from first to last, in the order of days, then of ids: the next
 * HISTORY_PAGE ones after that of after->day and after->id, all zero for the first.
 */
#define HISTORY_PAGE 2000

bool history_policies(struct history *history, struct pool *pool, long long first, long long last,
		      const struct history_policy *after, struct history_policies *policies,
		      struct error *error);

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

#endif
