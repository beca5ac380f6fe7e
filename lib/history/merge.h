/*
 * merge - taking over the rows of other hosts
 */
#ifndef ASSAY_HISTORY_MERGE_H
#define ASSAY_HISTORY_MERGE_H

#include "history/history.h"

/*
 * Takes over the messages that another file's own host has received. What came from that file
 * before is replaced, day by day, so that each message counts once however often it is merged.
 */
bool history_merge(struct history *history, const char *path, unsigned long long *rows,
		   struct error *error);

#endif
