/*
 * suppression - addresses that mail has come back from; see report/suppression.h
 */
#include "report/suppression.h"

#include "base/pool.h"
#include "history/statement.h"

bool suppression_add(struct history *history, const struct suppression *suppression,
		     struct error *error)
{
	const struct parameter parameters[] = {
	    TEXT(suppression->domain), TEXT(suppression->address), NUMBER(suppression->since),
	    NUMBER(suppression->until), TEXT(suppression->reason)};

	/* What is for good stays, what is for a while gives way. */
	return RUN(history,
		   "INSERT INTO suppressed VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
		   " since = excluded.since, until = excluded.until, reason = excluded.reason"
		   " WHERE until <> 0",
		   parameters, error);
}

/* note - one failure; older ones than a week are forgotten */
static bool note(struct history *history, const struct suppression *suppression,
		 const char *report_id, long long *failures, struct error *error)
{
	const struct parameter old[] = {NUMBER(suppression->since - SUPPRESSION_SECONDS)};
	const struct parameter parameters[] = {TEXT(suppression->domain),
					       TEXT(suppression->address), TEXT(report_id),
					       NUMBER(suppression->since)};
	const struct parameter which[] = {TEXT(suppression->domain), TEXT(suppression->address)};

	return RUN(history, "DELETE FROM bounced WHERE time <= ?1", old, error) &&
	       RUN(history, "INSERT OR IGNORE INTO bounced VALUES(?1, ?2, ?3, ?4)", parameters,
		   error) &&
	       statement_numbers(history,
				 PREPARE(history,
					 "SELECT count(*) FROM bounced"
					 " WHERE domain = ?1 AND address = ?2",
					 which, error),
				 1, failures, error);
}

bool suppression_count(struct history *history, const struct suppression *suppression,
		       const char *report_id, long long *failures, struct error *error)
{
	struct suppression week = *suppression;
	bool good;

	week.until = week.since + SUPPRESSION_SECONDS;
	if (!statement_begin(history, error))
		return false;
	good = note(history, suppression, report_id, failures, error) &&
	       (*failures < SUPPRESSION_FAILURES || suppression_add(history, &week, error));
	return statement_end(history, good, error);
}

bool suppression_remove(struct history *history, const char *address, bool *found,
			struct error *error)
{
	const struct parameter parameters[] = {TEXT(address)};

	if (!RUN(history, "DELETE FROM bounced WHERE address = ?1", parameters, error) ||
	    !RUN(history, "DELETE FROM suppressed WHERE address = ?1", parameters, error))
		return false;
	*found = sqlite3_changes(history->database) > 0;
	return true;
}

#define COLUMNS "domain, address, since, until, reason"

/* read_list - rows of the table */
static bool read_list(struct history *history, struct pool *pool, sqlite3_stmt *statement,
		      struct suppressions *list, struct error *error)
{
	int status;

	*list = (struct suppressions){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct suppression){
		    .domain = history_column_text(pool, statement, 0),
		    .address = history_column_text(pool, statement, 1),
		    .since = sqlite3_column_int64(statement, 2),
		    .until = sqlite3_column_int64(statement, 3),
		    .reason = history_column_text(pool, statement, 4),
		};
	}
	return history_end_query(history, statement, status, error);
}

bool suppression_find(struct history *history, struct pool *pool, const char *domain,
		      const char *address, long long now, const char **reason, struct error *error)
{
	const struct parameter parameters[] = {TEXT(domain), TEXT(address), NUMBER(now)};
	sqlite3_stmt *statement =
	    PREPARE(history,
		    "SELECT " COLUMNS " FROM suppressed WHERE domain IN (?1, '')"
		    " AND address = ?2 AND (until = 0 OR until > ?3)",
		    parameters, error);
	struct suppressions list;

	*reason = NULL;
	if (!read_list(history, pool, statement, &list, error))
		return false;
	if (list.count > 0)
		*reason = list.items[0].reason;
	return true;
}

bool suppression_list(struct history *history, struct pool *pool, long long now,
		      struct suppressions *list, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(now)};

	return read_list(history, pool,
			 PREPARE(history,
				 "SELECT " COLUMNS " FROM suppressed"
				 " WHERE until = 0 OR until > ?1 ORDER BY since, domain, address",
				 parameters, error),
			 list, error);
}
