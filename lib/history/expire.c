/*
 * expire - removing old rows; see history/expire.h
 */
#include "history/expire.h"

#include "history/store.h"

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
	    history, "DELETE FROM policy WHERE ?1 AND id NOT IN (SELECT policy FROM messages)", 1,
	    &removed, error);
}
