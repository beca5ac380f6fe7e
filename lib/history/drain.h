/*
 * drain - from the spill file into the database, each row once
 */
#ifndef ASSAY_HISTORY_DRAIN_H
#define ASSAY_HISTORY_DRAIN_H

#include "history/store.h"

/*
 * Takes in rows of the side file, so many at most, in one transaction.
 * *left tells whether there are more.
 */
bool history_drain(struct history *history, size_t most, bool *left, struct error *error);

#endif
