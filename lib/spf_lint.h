/*
 * spf_lint - what is wrong with an SPF record, and what it costs (RFC 7208)
 *
 * Unlike a check, which ends at the term that matches, this goes through all terms, and
 * through include= and redirect= to other domains, as if no term ever matched: the
 * most that the record can cost whoever evaluates it.
 */
#ifndef ASSAY_SPF_LINT_H
#define ASSAY_SPF_LINT_H

#include "dns.h"
#include "spf_record.h"

#define SPF_RECORD_OCTETS_MAX 450 /* RFC 7208 3.4: so that the answer fits in 512 octets */
#define SPF_LINT_LOOKUPS_MAX  100 /* terms that DNS is asked for; further ones are only counted */
#define SPF_LINT_DEPTH_MAX    10  /* RFC 7208 4.6.4: deeper includes cannot be evaluated */

enum spf_severity {
	SPF_WARNING, /* some clients get a result that the owner can hardly want */
	SPF_ERROR,   /* the record cannot be evaluated, permerror for every client */
};

struct spf_finding {
	enum spf_severity severity;
	const char *domain;  /* whose record; "" for a record without a domain */
	const char *term;    /* as written; NULL: the record as a whole */
	size_t position;     /* octets of the record before what is wrong */
	const char *section; /* of RFC 7208 */
	const char *text;
};

/* A record, and behind it its terms; those of an included record follow on the include. */
struct spf_lint_line {
	unsigned depth;     /* 0: the record itself, 1: that of an include, ... */
	const char *domain; /* of a record; NULL: this is a term */
	const char *text;   /* as written; printable ASCII */
	size_t position;    /* of a term in its record */
	unsigned lookups;   /* with those of what it includes */
	unsigned void_lookups;
};

struct spf_lint {
	size_t count;
	struct spf_finding *findings;
	size_t line_count;
	struct spf_lint_line *lines;
	unsigned lookups;
	unsigned void_lookups;
	size_t octets; /* of the record */
};

/*
 * subject is a record, recognized by its version ("v=..."), or a domain that has one. Everything
 * in lint lives in pool. False, with the reason in error, if DNS does not answer for
 * the domain itself.
 */
bool spf_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
	      struct spf_lint *lint, struct error *error);

/* Is there a finding of that severity? */
bool spf_lint_has(const struct spf_lint *lint, enum spf_severity severity);

#endif
