/*
 * note_failure - keeps what a domain wants to hear of a failing message (RFC 9991)
 */
#ifndef ASSAY_DMARCEVAL_NOTE_FAILURE_H
#define ASSAY_DMARCEVAL_NOTE_FAILURE_H

#include "dmarc/evaluation.h"
#include "history/history.h"
#include "tool/filter.h"

/* The message has been delivered; nothing that happens here is its trouble. */
void note_failure(const struct filter *filter, struct history_writer *writer,
		  const struct dmarc_input *input, const struct dmarc_result *result);

#endif
