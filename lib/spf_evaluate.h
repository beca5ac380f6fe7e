/*
 * spf_evaluate - check_host() (RFC 7208 section 4)
 */
#ifndef ASSAY_SPF_EVALUATE_H
#define ASSAY_SPF_EVALUATE_H

#include "spf.h"
#include "spf_match.h"
#include "spf_record.h"

/* What one check shares over all its includes. */
struct spf_evaluation {
	struct pool *pool;
	struct spf_query query; /* helo and sender as macros see them */
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	struct spf_matcher *matcher;
	bool local_is_ascii;   /* the local part of sender */
	unsigned lookups;      /* terms that ask DNS */
	unsigned void_lookups; /* those among them that had an empty answer */
};

/* What one domain says. */
struct spf_verdict {
	enum result result;
	const char *reason;         /* without the domain in front */
	const char *mechanism;      /* as in struct spf_result */
	const char *domain;         /* whose record decided */
	const struct spf_term *exp; /* of that record, or NULL */
};

/*
 * What the record of a domain says about the client. It calls itself by way of
 * include and redirect; SPF_LOOKUPS_MAX limits how often.
 */
struct spf_verdict spf_evaluate(struct spf_evaluation *evaluation, const char *domain);

/*
 * The domain's explanation of a fail, or NULL. To be called last: DNS trouble and void lookups
 * do not matter any more (RFC 7208 4.6.4).
 */
const char *spf_explanation(struct spf_evaluation *evaluation, const struct spf_verdict *verdict);

#endif
