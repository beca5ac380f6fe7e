/*
 * statement - SQL statements with parameters; see history/statement.h
 */
#include "history/statement.h"

#include "base/deadline.h"

sqlite3_stmt *statement_prepare(struct history *history, const char *text,
				const struct parameter *parameters, int count, struct error *error)
{
	sqlite3_stmt *statement;

	history->deadline = deadline_after(HISTORY_PATIENCE);
	statement = history_prepare(history, text, error);
	for (int i = 0; statement != NULL && i < count; i++) {
		if (parameters[i].text != NULL)
			sqlite3_bind_text(statement, i + 1, parameters[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(statement, i + 1, parameters[i].number);
	}
	return statement;
}

bool statement_numbers(struct history *history, sqlite3_stmt *statement, int count,
		       long long *numbers, struct error *error)
{
	int status;

	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < count; i++)
			numbers[i] = sqlite3_column_int64(statement, i);
	}
	return history_end_query(history, statement, status, error);
}

bool statement_begin(struct history *history, struct error *error)
{
	history->deadline = deadline_after(HISTORY_PATIENCE);
	return history_begin(history, error);
}

bool statement_end(struct history *history, bool good, struct error *error)
{
	good = history_end(history, good, error);
	history_shorten_wal(history);
	return good;
}
