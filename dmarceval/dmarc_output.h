/*
 * dmarc_output - what dmarceval says: fields of a message, lines of check mode
 */
#ifndef ASSAY_DMARCEVAL_OUTPUT_H
#define ASSAY_DMARCEVAL_OUTPUT_H

#include "base/system_log.h"
#include "judge_message.h"
#include "tool/filter.h"

/*
 * Our result field in, those that pretend to be ours out from below the hops-th Received.
 * mark is a field for every disposition but none, or NULL.
 */
void output_fields(struct filter *filter, unsigned hops, const char *mark,
		   const struct verdict *verdict);

/* The line of check mode; false if it cannot be written. */
bool output_line(struct filter *filter, const struct verdict *verdict);

/* A row that was not stored: it is lost, or waits beside the database. The log says so, too. */
void output_unrecorded(const struct filter *filter, struct system_log *log, bool lost,
		       const struct error *error);

#endif
