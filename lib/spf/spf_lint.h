/*
 * spf_lint - what is wrong with an SPF record, and what it costs (RFC 7208)
 *
 * Unlike a check, which ends at the term that matches, this goes through all terms, and
 * through include= and redirect= to other domains, as if no term ever matched: the
 * most that the record can cost whoever evaluates it.
 */
#ifndef ASSAY_SPF_SPF_LINT_H
#define ASSAY_SPF_SPF_LINT_H

#include "base/finding.h"
#include "dns/dns.h"
#include "spf/spf_record.h"

#define SPF_RECORD_OCTETS_MAX 450 /* RFC 7208 3.4: so that the answer fits in 512 octets */
#define SPF_LINT_LOOKUPS_MAX  100 /* terms that DNS is asked for; further ones are only counted */
#define SPF_LINT_DEPTH_MAX    10  /* RFC 7208 4.6.4: deeper includes cannot be evaluated */

/* A record, and after it its terms; those of an included record follow on the include. */
struct spf_lint_line {
	unsigned depth;     /* 0: the record itself, 1: that of an include, ... */
	const char *domain; /* of a record; NULL: this is a term */
	const char *text;   /* as written; printable ASCII */
	size_t position;    /* of a term in its record */
	unsigned lookups;   /* with those of what it includes */
	unsigned void_lookups;
};

struct spf_lint {
	struct findings findings;
	size_t line_count;
	struct spf_lint_line *lines;
	unsigned lookups;
	unsigned void_lookups;
	size_t octets;         /* of the record */
	const char *corrected; /* the record with the remedies in it; NULL: there are none, or some
				  need a decision */
};

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
