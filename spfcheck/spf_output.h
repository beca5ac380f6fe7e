/*
 * spf_output - what spfcheck says: fields of a message, lines of check mode
 */
#ifndef ASSAY_SPFCHECK_OUTPUT_H
#define ASSAY_SPFCHECK_OUTPUT_H

#include "spf/evaluate.h"
#include "tool/filter.h"

/* Our result fields in, those that pretend to be ours out; header is spf, ar or both. */
void output_fields(struct filter *filter, const char *header, const struct spf_query *query,
		   const struct spf_result *result);

/* The line of check mode; false if it cannot be written. */
bool output_line(struct filter *filter, const struct spf_query *query,
		 const struct spf_result *result);

#endif
