/*
 * spf_lint_lookup - what DNS has for the terms of a record (RFC 7208 4.6.4, 4.8, 5, 6.2)
 *
 * Names with macros depend on the message, so they cost a lookup but are not asked for.
 */
#ifndef ASSAY_SPF_SPF_LINT_LOOKUP_H
#define ASSAY_SPF_SPF_LINT_LOOKUP_H

#include "spf/spf_finding.h"

/* Is there nothing of that type in DNS? */
bool spf_lint_is_void(const struct dns_answer *answer);

/* a: one question, for addresses of the client's family. */
void spf_lint_a(struct spf_linter *linter, const struct spf_visit *visit,
		const struct spf_term *term, const char *target);

/* mx: the mail hosts, then the addresses of each; a null MX (RFC 7505) names none. */
void spf_lint_mx(struct spf_linter *linter, const struct spf_visit *visit,
		 const struct spf_term *term, const char *target);

/* exists: always an A record (RFC 7208 5.7). */
void spf_lint_exists(struct spf_linter *linter, const struct spf_visit *visit,
		     const struct spf_term *term, const char *target);

/* The name that a term asks for; NULL if it depends on the message (is_known is false), or is
 * none. */
const char *spf_lint_target(struct spf_linter *linter, const struct spf_visit *visit,
			    const struct spf_term *term, bool *is_known);

/* Finds a name that DNS cannot be asked for (RFC 7208 4.8). */
void spf_lint_no_name(struct spf_linter *linter, const struct spf_visit *visit,
		      const struct spf_term *term, bool follows);

/* The explanation, which costs nothing until somebody fails (RFC 7208 6.2). */
void spf_lint_exp(struct spf_linter *linter, const struct spf_visit *visit,
		  const struct spf_term *term);

#endif
