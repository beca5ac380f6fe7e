/*
 * expire - removing old rows
 */
#ifndef ASSAY_HISTORY_EXPIRE_H
#define ASSAY_HISTORY_EXPIRE_H

#include "history/history.h"

/* Removes all rows of the days before first, bit by bit, so that nobody waits for long. */
bool history_expire(struct history *history, long long first, unsigned long long *rows,
		    struct error *error);

#endif
