/*
 * arc_output - what dkimverify says of an ARC chain
 */
#ifndef ASSAY_DKIMVERIFY_ARC_OUTPUT_H
#define ASSAY_DKIMVERIFY_ARC_OUTPUT_H

#include "dkim/arc.h"
#include "tool/filter.h"

/* The result field in (RFC 8617 section 10.2). */
void arc_output_field(struct filter *filter, const struct arc_result *arc);

/* The same as one resinfo on one line. */
const char *arc_output_resinfo(struct pool *pool, const struct arc_result *arc);

/* The line of check mode, with -j as JSON; false if it cannot be written. */
bool arc_output_line(struct filter *filter, const struct arc_result *arc);

#endif
