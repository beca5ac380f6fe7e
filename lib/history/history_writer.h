/*
 * history_writer - the open file of one who records, for the parts of the module history alone
 */
#ifndef ASSAY_HISTORY_HISTORY_WRITER_H
#define ASSAY_HISTORY_HISTORY_WRITER_H

#include "history/history.h"
#include "history/store.h"

/* The file that has its name now, for work that may take HISTORY_SECONDS; NULL with error. */
struct history *history_writer_connect(struct history_writer *writer, struct pool *pool,
				       struct error *error);

#endif
