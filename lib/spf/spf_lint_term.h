/*
 * spf_lint_term - what is wrong with one term of a record as it is written
 *
 * A term is misspelt, lets the whole world pass, names private networks, or is there twice.
 */
#ifndef ASSAY_SPF_SPF_LINT_TERM_H
#define ASSAY_SPF_SPF_LINT_TERM_H

#include "spf/spf_finding.h"

/* Was a word spoken of together with the one before it? */
bool spf_lint_is_taken(const struct spf_visit *visit, struct slice word);

/* A term that is broken, or that only a mistake explains; advice.text may be NULL. */
void spf_lint_repair(struct spf_linter *linter, struct spf_visit *visit,
		     enum finding_severity severity, struct slice term, struct spf_advice advice);

/* What is dangerous in a term that is right. */
void spf_lint_mechanism(struct spf_linter *linter, struct spf_visit *visit,
			const struct spf_term *term);

#endif
