/*
 * dmarc_lint - what is wrong with a DMARC record, or with how a domain has published it
 */
#ifndef ASSAY_DMARC_LINT_H
#define ASSAY_DMARC_LINT_H

#include "dns.h"

enum dmarc_severity {
	DMARC_WARNING, /* it does less than its owner may think */
	DMARC_ERROR,   /* a part of it, or all, does not count */
};

struct dmarc_finding {
	enum dmarc_severity severity;
	const char *term;    /* as written; NULL: the record as a whole */
	size_t position;     /* octets of the record before the term */
	const char *section; /* "RFC 9989 4.7" */
	const char *text;
};

struct dmarc_lint {
	const char *domain; /* NULL for a record without a domain */
	const char *record; /* as published, printable; NULL: the domain has none of its own */
	size_t count;
	struct dmarc_finding *findings;
};

/*
 * subject is a record, recognized by its version ("v=..."), or a domain. Everything in lint lives
 * in pool. False, with the reason in error, if DNS does not answer for the domain itself.
 */
bool dmarc_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
		struct dmarc_lint *lint, struct error *error);

/* Is there a finding of that severity? */
bool dmarc_lint_has(const struct dmarc_lint *lint, enum dmarc_severity severity);

#endif
