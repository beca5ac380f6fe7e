/*
 * dmarc_lint - what is wrong with a DMARC record, or with how a domain has published it
 */
#ifndef ASSAY_DMARC_DMARC_LINT_H
#define ASSAY_DMARC_DMARC_LINT_H

#include "base/finding.h"
#include "dns/dns.h"

struct dmarc_lint {
	const char *domain; /* NULL for a record without a domain */
	const char *record; /* as published, printable; NULL: the domain has none of its own */
	struct findings findings;
};

/*
 * subject is a record, recognized by its version ("v=..."), or a domain. Everything in lint lives
 * in pool. False, with the reason in error, if DNS does not answer for the domain itself.
 */
bool dmarc_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
		struct dmarc_lint *lint, struct error *error);

/* Is it the name of a tag, an obsolete one too, in any case? */
bool dmarc_lint_knows_tag(struct slice name);

#endif
