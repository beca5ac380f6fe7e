/*
 * expire - removing old rows; see history/expire.h
 */
#include "history/expire.h"

#include "base/deadline.h"
#include "history/store.h"

#define EXPIRE_PAGES   "500" /* given back in one transaction */
#define EXPIRE_SOURCES "500" /* removed in one transaction: a few milliseconds */

bool history_expire(struct history *history, long long first, unsigned long long *rows,
		    struct error *error)
{
	unsigned long long removed;

	*rows = 0;
	do {
		if (!history_change(
			history,
			"DELETE FROM messages WHERE (day, policy, source) IN"
			" (SELECT DISTINCT day, policy, source FROM messages WHERE day < ?1"
			"  LIMIT " EXPIRE_SOURCES ")",
			first, &removed, error))
			return false;
		*rows += removed;
	} while (removed > 0);
	return history_change(
		   history,
		   "DELETE FROM policy WHERE ?1 AND id NOT IN (SELECT policy FROM messages)", 1,
		   &removed, error) &&
	       history_change(
		   history,
		   "DELETE FROM member WHERE ?1 AND domain NOT IN (SELECT domain FROM policy)", 1,
		   &removed, error) &&
	       history_change(history, "DELETE FROM quota WHERE day < ?1", first, &removed,
			      error) &&
	       history_change(history, "DELETE FROM failure WHERE day < ?1", first, &removed,
			      error);
}

bool history_give_back(struct history *history, struct error *error)
{
	long long kind = history_number(history, "PRAGMA auto_vacuum", error);
	long long before = -1;
	long long free_pages;

	history->deadline = deadline_after(HISTORY_PATIENCE);
	if (kind < 0)
		return false;
	if (kind == 0)
		return history_run(history, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", error);
	while ((free_pages = history_number(history, "PRAGMA freelist_count", error)) > 0) {
		if (free_pages == before)
			break; /* a reader holds them */
		before = free_pages;
		history->deadline = deadline_after(HISTORY_PATIENCE);
		if (!history_run(history, "PRAGMA incremental_vacuum(" EXPIRE_PAGES ")", error))
			return false;
		history_shorten_wal(history);
	}
	return free_pages >= 0;
}
