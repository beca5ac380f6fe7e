/*
 * dmarc_row - what is kept of a message that DMARC has judged
 */
#ifndef ASSAY_HISTORY_DMARC_ROW_H
#define ASSAY_HISTORY_DMARC_ROW_H

#include <time.h>

#include "dmarc/exceptions.h"
#include "history/row.h"

/*
 * The row for one message with a policy record (result->record is set). Texts are
 * shared with the arguments or live in pool.
 */
void dmarc_history_row(struct pool *pool, const struct dmarc_input *input,
		       const struct dmarc_result *result, const struct dmarc_overrides *overrides,
		       const struct ip_address *client, time_t now, struct history_row *row);

#endif
