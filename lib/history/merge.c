/*
 * merge - taking over the rows of other hosts; see history/merge.h
 */
#include "history/merge.h"

#include "base/deadline.h"
#include "base/pool.h"
#include "history/schema.h"
#include "history/store.h"

/* Messages that one row of another file may stand for: some thousand such rows can be summed up. */
#define MERGE_COUNT_MAX "1000000000000000"

/* attach - the other file, for reading; as "other" */
static bool attach(struct history *history, const char *path, struct error *error)
{
	const char *name = *path == '/' ? path : pool_printf(history->pool, "./%s", path);
	sqlite3_stmt *statement = history_prepare(history, "ATTACH ?1 AS other", error);

	if (statement != NULL)
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	return history_finish(history, statement, error);
}

/* check_other - of our version, and not this file itself */
static bool check_other(struct history *history, const char *path, struct error *error)
{
	long long version = history_number(history, "PRAGMA other.user_version", error);
	long long same;

	if (version < 0)
		return false;
	if (version != HISTORY_VERSION)
		return error_set(error, STATUS_CONFIG,
				 "%s: no history of version %d; dmarcreport can update it", path,
				 HISTORY_VERSION);
	same = history_number(history,
			      "SELECT count(*) FROM main.origin JOIN other.origin USING(id, name)"
			      " WHERE id = 1",
			      error);
	if (same == 1)
		return error_set(error, STATUS_CONFIG,
				 "%s: is this history itself, or a copy of it", path);
	return same == 0;
}

/* merge_names - origin and policies, before rows can refer to them */
static bool merge_names(struct history *history, struct error *error)
{
	return history_run(history,
			   "INSERT OR IGNORE INTO main.origin(name)"
			   " SELECT name FROM other.origin WHERE id = 1;"
			   "INSERT OR IGNORE INTO main.policy(domain, record)"
			   " SELECT domain, record FROM other.policy;"
			   "INSERT OR IGNORE INTO main.member SELECT domain, organization"
			   " FROM other.member WHERE typeof(domain) = 'text'"
			   " AND typeof(organization) = 'text'",
			   error);
}

/* merge_seen - which organizations were seen there; what they have used there is not used here */
static bool merge_seen(struct history *history, long long day, struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history,
	    "INSERT OR IGNORE INTO main.quota SELECT organization, day, 1, 0, 0, 0 FROM other.quota"
	    " WHERE day = ?1 AND typeof(day) = 'integer' AND typeof(organization) = 'text'"
	    " AND organization NOT LIKE ' %' AND rows > 0",
	    error);

	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, day);
	return history_finish(history, statement, error);
}

/* merge_day - replaces what came from there */
static bool merge_day(struct history *history, long long day, unsigned long long *rows,
		      struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history,
	    "DELETE FROM main.messages WHERE day = ?1 AND origin = (SELECT n.id FROM main.origin"
	    " AS n JOIN other.origin AS o ON o.name = n.name WHERE o.id = 1)",
	    error);

	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, day);
	if (!history_finish(history, statement, error))
		return false;
	statement = history_prepare(
	    history,
	    "INSERT INTO main.messages SELECT m.day, p.id, m.source, m.header_from,"
	    " m.envelope_from, m.spf_domain, m.spf_result, m.dkim, m.disposition, m.spf_aligned,"
	    " m.dkim_aligned, m.reasons, n.id, m.count FROM other.messages AS m"
	    " JOIN other.policy AS q ON q.id = m.policy"
	    " JOIN main.policy AS p ON p.domain = q.domain AND p.record = q.record"
	    " JOIN other.origin AS o ON o.id = m.origin JOIN main.origin AS n ON n.name = o.name"
	    " WHERE m.day = ?1 AND m.origin = 1 AND typeof(m.count) = 'integer'"
	    " AND m.count BETWEEN 1 AND " MERGE_COUNT_MAX,
	    error);
	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, day);
	if (!history_finish(history, statement, error))
		return false;
	*rows += (unsigned long long)sqlite3_changes64(history->database);
	return merge_seen(history, day, error);
}

/* merge_step - one transaction: a day, or the names if day is negative */
static bool merge_step(struct history *history, long long day, unsigned long long *rows,
		       struct error *error)
{
	bool good;

	history->deadline = deadline_after(HISTORY_PATIENCE);
	if (!history_begin(history, error))
		return false;
	good = day < 0 ? merge_names(history, error) : merge_day(history, day, rows, error);
	good = history_end(history, good, error);
	history_shorten_wal(history);
	return good;
}

/*
 * next_day - that the other file has rows of; -1 if there is none, or with error
 *
 * A damaged file may have a day that is no integer. For sqlite a text is larger than every number,
 * so that the days would never come to an end.
 */
static long long next_day(struct history *history, long long day, struct error *error)
{
	long long next;
	char *text = sqlite3_mprintf("SELECT coalesce(min(day), -1) FROM other.messages"
				     " WHERE day > %lld AND typeof(day) = 'integer'",
				     day);

	if (text == NULL)
		memory_fail();
	next = history_number(history, text, error);
	sqlite3_free(text);
	return next;
}

/* merge_attached - from the file "other" */
static bool merge_attached(struct history *history, const char *path, unsigned long long *rows,
			   struct error *error)
{
	long long day = -1;
	long long next;
	struct error cause = {.status = NULL};

	if (!check_other(history, path, error) || !merge_step(history, day, rows, error))
		return false;
	while ((next = next_day(history, day, &cause)) >= 0) {
		if (next <= day) /* by an index that does not belong to its rows */
			return error_set(error, STATUS_OTHER,
					 "%s: is damaged: its days are not in order", path);
		day = next;
		if (!merge_step(history, day, rows, error))
			return false;
	}
	if (cause.status != NULL)
		*error = cause;
	return cause.status == NULL;
}

bool history_merge(struct history *history, const char *path, unsigned long long *rows,
		   struct error *error)
{
	struct error ignored;
	bool good;

	*rows = 0;
	if (!attach(history, path, error))
		return false;
	good = merge_attached(history, path, rows, error);
	history_run(history, "DETACH other", &ignored);
	return good;
}
