/*
 * add - a row into the database, as far as the quotas let it in
 */
#ifndef ASSAY_HISTORY_ADD_H
#define ASSAY_HISTORY_ADD_H

#include "history/store.h"

/* Adds a row of this host, or its count to the one that is there; see history/quota.h. */
bool history_add(struct history *history, const struct history_texts *texts, struct error *error);

#endif
