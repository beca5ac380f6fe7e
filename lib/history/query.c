/*
 * query - reading the history for reports; see history/query.h
 */
#include "history/query.h"

#include "base/pool.h"
#include "history/store.h"

struct history_rows {
	struct history *history;
	sqlite3_stmt *statement;
};

/* only_text - the first column of the only row */
static const char *only_text(struct history *history, struct pool *pool, const char *query,
			     struct error *error)
{
	sqlite3_stmt *statement = history_prepare(history, query, error);
	const char *name = NULL;

	if (statement == NULL)
		return NULL;
	if (sqlite3_step(statement) == SQLITE_ROW)
		name = history_column_text(pool, statement, 0);
	else
		history_failed(history, error);
	sqlite3_finalize(statement);
	return name;
}

const char *history_name(struct history *history, struct pool *pool, struct error *error)
{
	return only_text(history, pool, "SELECT name FROM origin WHERE id = 1", error);
}

const char *history_key(struct history *history, struct pool *pool, struct error *error)
{
	return only_text(history, pool, "SELECT value FROM site WHERE name = 'key'", error);
}

/* read_policy - the current row of the statement below */
static struct history_policy read_policy(struct pool *pool, sqlite3_stmt *statement)
{
	return (struct history_policy){
	    .day = sqlite3_column_int64(statement, 0),
	    .id = sqlite3_column_int64(statement, 1),
	    .messages = (unsigned long long)sqlite3_column_int64(statement, 2),
	    .domain = history_column_text(pool, statement, 3),
	    .record = history_column_text(pool, statement, 4),
	};
}

bool history_policies(struct history *history, struct pool *pool, long long first, long long last,
		      const struct history_policy *after, struct history_policies *policies,
		      struct error *error)
{
	sqlite3_stmt *statement =
	    history_prepare(history,
			    "SELECT day, policy, messages, domain, record FROM"
			    " (SELECT day, policy, sum(count) AS messages FROM messages"
			    "  WHERE day BETWEEN ?1 AND ?2 AND (day, policy) > (?3, ?4)"
			    "  GROUP BY day, policy)"
			    " JOIN policy ON policy.id = policy ORDER BY day, policy LIMIT ?5",
			    error);
	int status;

	*policies = (struct history_policies){.count = 0};
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, first > after->day ? first : after->day);
	sqlite3_bind_int64(statement, 2, last);
	sqlite3_bind_int64(statement, 3, after->day);
	sqlite3_bind_int64(statement, 4, after->id);
	sqlite3_bind_int64(statement, 5, HISTORY_PAGE);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		policies->items =
		    pool_grow(pool, policies->items, policies->count, sizeof(*policies->items));
		policies->items[policies->count++] = read_policy(pool, statement);
	}
	return history_end_query(history, statement, status, error);
}

struct history_rows *history_rows_open(struct history *history, struct pool *pool,
				       struct error *error)
{
	struct history_rows *rows = pool_alloc(pool, sizeof(*rows));

	rows->history = history;
	/* Grouped in the order of the primary key, so that it needs no memory. */
	rows->statement = history_prepare(
	    history,
	    "SELECT day, domain, record, source, header_from, envelope_from, spf_domain,"
	    " spf_result, dkim, disposition, spf_aligned, dkim_aligned, reasons, sum(count)"
	    " FROM messages JOIN policy ON id = policy WHERE day = ?1 AND policy = ?2"
	    " GROUP BY source, header_from, envelope_from, spf_domain, spf_result, dkim,"
	    " disposition, spf_aligned, dkim_aligned, reasons",
	    error);
	return rows->statement != NULL ? rows : NULL;
}

void history_rows_begin(struct history_rows *rows, long long day, long long policy)
{
	sqlite3_reset(rows->statement);
	sqlite3_bind_int64(rows->statement, 1, day);
	sqlite3_bind_int64(rows->statement, 2, policy);
}

enum history_step history_rows_next(struct history_rows *rows, struct pool *pool,
				    struct history_row *row, struct error *error)
{
	int status = sqlite3_step(rows->statement);
	struct history_texts texts;

	if (status == SQLITE_DONE)
		return HISTORY_END;
	if (status != SQLITE_ROW) {
		history_failed(rows->history, error);
		return HISTORY_ERROR;
	}
	texts.column[HISTORY_ORGANIZATION] = "";
	for (int i = 0; i < HISTORY_ORGANIZATION; i++)
		texts.column[i] = history_column_text(pool, rows->statement, i);
	if (history_row_read(pool, &texts, row))
		return HISTORY_ROW;
	error_set(error, STATUS_OTHER, "%s: a row has no number where one belongs",
		  rows->history->path);
	return HISTORY_ERROR;
}

void history_rows_end(struct history_rows *rows)
{
	sqlite3_reset(rows->statement);
}

void history_rows_close(struct history_rows *rows)
{
	if (rows != NULL)
		sqlite3_finalize(rows->statement);
}
