/*
 * counting - which messages the history must not count (RFC 9990 section 5)
 *
 * Reports on reports, and on the bounces of reports, would go back and forth forever.
 */
#ifndef ASSAY_DMARC_COUNTING_H
#define ASSAY_DMARC_COUNTING_H

#include "dmarc/evaluation.h"

/*
 * Why a message must not be counted, or NULL: it has no policy to report on, it is a report or the
 * bounce of one of ours, or it will come again. report_address is the one that our own reports come
 * from, or NULL.
 */
const char *dmarc_uncounted(struct pool *pool, const struct message *message,
			    const struct dmarc_input *input, const struct dmarc_result *result,
			    const char *report_address);

#endif
