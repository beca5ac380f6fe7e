/*
 * spf_lint_shape - what is wrong with a record as a whole (RFC 7208 3.4, 4.7, 5.1, 6.1)
 *
 * Its grammar, other records that were appended to it, and what becomes of clients that match
 * none of its terms.
 */
#ifndef ASSAY_SPF_SPF_LINT_SHAPE_H
#define ASSAY_SPF_SPF_LINT_SHAPE_H

#include "spf/spf_finding.h"

/* The first all, or NULL. */
const struct spf_term *spf_lint_all(const struct spf_visit *visit);

/* What becomes of clients that match nothing else; all is what spf_lint_all() found. */
void spf_lint_shape(struct spf_linter *linter, const struct spf_visit *visit,
		    const struct spf_term *all);

/* What is wrong with the grammar. */
void spf_lint_errors(struct spf_linter *linter, struct spf_visit *visit);

/* Finds a DMARC or DKIM record that was appended; what is left is the SPF record. */
struct slice spf_lint_cut_other(struct spf_linter *linter, const struct spf_visit *visit,
				struct slice text);

/* Finds "v=spf1" in the middle: two records that were put into one. */
bool spf_lint_again(struct spf_linter *linter, struct spf_visit *visit,
		    const struct spf_term *term);

#endif
