/*
 * add - a row into the database; see history/add.h
 */
#include "history/add.h"

#include "history/quota.h"

/* bind_texts - columns are numbered from 1; numbers become such by the affinity of the table */
static void bind_texts(sqlite3_stmt *statement, const struct history_texts *texts)
{
	for (int i = 0; i < HISTORY_ORGANIZATION; i++)
		sqlite3_bind_text(statement, i + 1, texts->column[i], -1, SQLITE_STATIC);
}

/* add_count - to a row that is there; changes() is 0 if there is none. Prepared once. */
static bool add_count(struct history *history, const struct history_texts *texts,
		      struct error *error)
{
	static const char addition[] =
	    "UPDATE messages SET count = count + ?14 WHERE day = ?1 AND policy ="
	    " (SELECT id FROM policy WHERE domain = ?2 AND record = ?3) AND source = ?4"
	    " AND header_from = ?5 AND envelope_from = ?6 AND spf_domain = ?7 AND spf_result = ?8"
	    " AND dkim = ?9 AND disposition = ?10 AND spf_aligned = ?11 AND dkim_aligned = ?12"
	    " AND reasons = ?13 AND origin = 1";
	int status;

	if (history->addition == NULL)
		history->addition = history_prepare(history, addition, error);
	if (history->addition == NULL)
		return false;
	bind_texts(history->addition, texts);
	status = sqlite3_step(history->addition);
	if (status != SQLITE_DONE)
		history_failed(history, error);
	sqlite3_reset(history->addition);
	sqlite3_clear_bindings(history->addition);
	return status == SQLITE_DONE;
}

/* add_to_messages - its policy is known */
static bool add_to_messages(struct history *history, const struct history_texts *texts,
			    struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history,
	    "INSERT INTO messages SELECT ?1, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14"
	    " FROM policy WHERE domain = ?2 AND record = ?3"
	    " ON CONFLICT DO UPDATE SET count = count + excluded.count",
	    error);

	if (statement != NULL)
		bind_texts(statement, texts);
	return history_finish(history, statement, error);
}

/* add_row_policy - of a row */
static bool add_row_policy(struct history *history, const struct history_texts *texts,
			   struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history, "INSERT OR IGNORE INTO policy(domain, record) VALUES(?1, ?2)", error);

	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, texts->column[HISTORY_POLICY_DOMAIN], -1,
				  SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, texts->column[HISTORY_POLICY_RECORD], -1,
				  SQLITE_STATIC);
	}
	return history_finish(history, statement, error);
}

/* add_new - a row that is not there yet, within a transaction */
static bool add_new(struct history *history, const struct history_texts *texts, struct error *error)
{
	bool admitted;

	if (!quota_take(history, texts, &admitted, error))
		return false;
	return !admitted ||
	       (add_row_policy(history, texts, error) && add_to_messages(history, texts, error));
}

bool history_add(struct history *history, const struct history_texts *texts, struct error *error)
{
	bool alone = sqlite3_get_autocommit(history->database) != 0;

	if (!add_count(history, texts, error))
		return false;
	if (sqlite3_changes(history->database) > 0)
		return true;
	if (!alone)
		return add_new(history, texts, error);
	return history_begin(history, error) &&
	       history_end(history, add_new(history, texts, error), error);
}
