/*
 * reputation - how much mail of a domain has passed here; see history/reputation.h
 */
#include "history/reputation.h"

#include "history/store.h"

/* For each of the days and each policy of the domain: a look into the primary key of messages. */
static const char passes_query[] =
    "WITH RECURSIVE days(day) AS (VALUES(?3) UNION ALL SELECT day + 1 FROM days WHERE day < ?4)"
    " SELECT coalesce(sum(m.count), 0), count(DISTINCT m.day) FROM days CROSS JOIN policy AS p"
    " CROSS JOIN messages AS m ON m.day = days.day AND m.policy = p.id"
    " WHERE p.domain = ?1 AND m.header_from = ?2 AND 'pass' IN (m.spf_aligned, m.dkim_aligned)";

bool history_passes_find(struct history *history, const struct history_passes_query *query,
			 struct history_passes *passes, struct error *error)
{
	sqlite3_stmt *statement = history_prepare(history, passes_query, error);
	bool good;

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, query->policy_domain, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, query->author_domain, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, query->first);
	sqlite3_bind_int64(statement, 4, query->last);
	good = sqlite3_step(statement) == SQLITE_ROW;
	if (good)
		*passes = (struct history_passes){
		    .messages = (unsigned long long)sqlite3_column_int64(statement, 0),
		    .days = (unsigned long long)sqlite3_column_int64(statement, 1)};
	else
		history_failed(history, error);
	sqlite3_finalize(statement);
	return good;
}

bool history_passes_ask(struct history_writer *writer, struct pool *pool,
			const struct history_passes_query *query, struct history_passes *passes,
			struct error *error)
{
	struct history *history = history_writer_open(writer, pool, REPUTATION_SECONDS, error);

	return history != NULL && history_passes_find(history, query, passes, error);
}
