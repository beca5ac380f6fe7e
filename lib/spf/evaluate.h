/*
 * evaluate - Sender Policy Framework: check_host() (RFC 7208 sections 2.4 and 4)
 *
 * May this client send mail for this domain? The record's grammar, the order of its terms,
 * include and redirect, the limits and the macros are ours; matching one validated mechanism
 * against the client is libspf2's (spf/match.h).
 */
#ifndef ASSAY_SPF_EVALUATE_H
#define ASSAY_SPF_EVALUATE_H

#include "spf/match.h"

enum spf_identity {
	SPF_MAILFROM,
	SPF_HELO,
};

struct spf_result {
	enum result result;
	enum spf_identity identity;
	const char *reason;      /* one line for people, always set */
	const char *domain;      /* that was checked, canonical; "" if it is no domain name */
	const char *sender;      /* as in smtp.mailfrom: local@domain; postmaster@HELO for <> */
	const char *mechanism;   /* that decided, as written in the record; "default" if none
				    matched; NULL if there was no decision */
	const char *explanation; /* the domain's text for a fail (RFC 7208 6.2), printable ASCII
				    (every other byte is refused, 7208 6.2), or NULL */
	bool sends_no_mail;      /* the domain's own record says nothing but -all */
	unsigned lookups;
	unsigned void_lookups; /* terms with an empty answer, each counted once */
};

/*
 * Checks one identity (RFC 7208 4: check_host()). Always gives a result; DNS that
 * does not answer is RESULT_TEMPERROR. Everything in result lives in pool.
 */
void spf_check(struct pool *pool, const struct spf_query *query, enum spf_identity identity,
	       struct dns *dns, struct dns_budget *budget, const struct trace *trace,
	       struct spf_result *result);

#endif
