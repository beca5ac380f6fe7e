/*
 * dkim_output - what dkimverify says: fields of a message, lines of check mode
 */
#ifndef ASSAY_DKIMVERIFY_OUTPUT_H
#define ASSAY_DKIMVERIFY_OUTPUT_H

#include "dkim/adsp.h"
#include "dkim/arc.h"
#include "tool/filter.h"

/* The verdicts on one message. */
struct verdicts {
	struct dkim_result *results;
	size_t count;
	const char *unjudged; /* why no signature could be looked at, or NULL; then count is 0 */
	const char *author_domain;
	const struct adsp_result *adsp; /* NULL without --adsp */
	const struct arc_result *arc;   /* NULL without --arc */
};

/*
 * One field a signature in, the topmost signature's on top, and one for all of those that were
 * not verified when they are many; those that pretend to be ours
 * out from below the hops-th Received.
 */
void output_fields(struct filter *filter, unsigned hops, const struct verdicts *verdicts);

/* One line a signature in check mode; false if they cannot be written. */
bool output_lines(struct filter *filter, const struct verdicts *verdicts);

/* For the exit status: one pass is enough, and a temperror may have been one. */
enum result output_summary(const struct verdicts *verdicts);

#endif
