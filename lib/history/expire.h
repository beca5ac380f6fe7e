/*
 * expire - removing old rows
 */
#ifndef ASSAY_HISTORY_EXPIRE_H
#define ASSAY_HISTORY_EXPIRE_H

#include "history/history.h"

/*
 * Removes all rows of the days before first, bit by bit, so that nobody waits for long. Policies
 * that no row is left of go with them, and what was counted on those days.
 */
bool history_expire(struct history *history, long long first, unsigned long long *rows,
		    struct error *error);

/*
 * Gives the pages that have become free back to the file system, bit by bit. A file of an older
 * version is written anew for that, once.
 */
bool history_give_back(struct history *history, struct error *error);

#endif
