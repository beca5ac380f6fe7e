/*
 * output - what dmarceval says: fields of a message, lines of check mode
 */
#ifndef ASSAY_DMARCEVAL_OUTPUT_H
#define ASSAY_DMARCEVAL_OUTPUT_H

#include "dmarc.h"
#include "filter.h"

/*
 * Our result field in, those that pretend to be ours out from below the hops-th Received.
 * from is the author domain or NULL, mark a field for quarantine and reject or NULL.
 */
void output_fields(struct filter *filter, unsigned hops, const char *mark, const char *from,
		   const struct dmarc_result *result);

/* The line of check mode; false if it cannot be written. */
bool output_line(struct filter *filter, const char *from, const struct dmarc_result *result);

#endif
