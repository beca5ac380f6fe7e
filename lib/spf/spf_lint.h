/*
 * spf_lint - what is wrong with an SPF record, and what it costs (RFC 7208)
 *
 * Unlike a check, which ends at the term that matches, this goes through all terms, and
 * through include= and redirect= to other domains, as if no term ever matched: the
 * most that the record can cost whoever evaluates it.
 */
#ifndef ASSAY_SPF_SPF_LINT_H
#define ASSAY_SPF_SPF_LINT_H

#include "base/error.h"
#include "dns/dns.h"
#include "spf/spf_finding.h"

/*
 * subject is a record, recognized by its version ("v=..."), or a domain that has one. Everything
 * in lint lives in pool. False, with the reason in error, if DNS does not answer for
 * the domain itself.
 */
bool spf_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
	      struct spf_lint *lint, struct error *error);

/* The same of a record that is to be published at a domain. */
void spf_lint_record(struct pool *pool, const char *domain, const char *record, struct dns *dns,
		     struct dns_budget *budget, struct spf_lint *lint);

#endif
