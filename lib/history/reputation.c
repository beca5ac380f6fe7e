/*
 * reputation - how much mail of a domain has passed here; see history/reputation.h
 */
#include "history/reputation.h"

#include "history/store.h"

bool history_passes_find(struct history *history, const char *domain, long long first,
			 long long last, struct history_passes *passes, struct error *error)
{
	sqlite3_stmt *statement =
	    history_prepare(history,
			    "SELECT coalesce(sum(messages), 0), count(*) FROM passed"
			    " WHERE domain = ?1 AND day BETWEEN ?2 AND ?3",
			    error);
	bool good;

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, domain, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, first);
	sqlite3_bind_int64(statement, 3, last);
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

bool history_passes_ask(struct history_writer *writer, struct pool *pool, const char *domain,
			long long first, long long last, struct history_passes *passes,
			struct error *error)
{
	struct history *history = history_writer_open(writer, pool, REPUTATION_SECONDS, error);

	return history != NULL && history_passes_find(history, domain, first, last, passes, error);
}
