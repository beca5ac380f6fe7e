/*
 * spf - Sender Policy Framework (RFC 7208)
 *
 * May this client send mail for this domain? The record's grammar, the order of
 * its terms, include and redirect, the limits and the macros are ours; matching
 * one validated mechanism against the client is libspf2's (spf_match.h).
 */
#ifndef ASSAY_SPF_H
#define ASSAY_SPF_H

#include <time.h>

#include "dns.h"
#include "ip_address.h"
#include "result.h"

#define SPF_LOOKUPS_MAX      10 /* RFC 7208 4.6.4: terms that cause DNS queries, over all includes */
#define SPF_VOID_LOOKUPS_MAX 2  /* RFC 7208 4.6.4 */
#define SPF_MX_MAX           10 /* RFC 7208 4.6.4: hosts of one mx mechanism */
#define SPF_PTR_MAX          10 /* RFC 7208 4.6.4: names of the client that are looked at */

enum spf_identity {
	SPF_MAILFROM,
	SPF_HELO,
};

struct spf_query {
	struct ip_address client;
	const char *helo;     /* as the client said it */
	const char *sender;   /* without angle brackets; "" is the null sender */
	const char *receiver; /* for %{r} and receiver=; the authserv-id */
	time_t now;           /* for %{t} */
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

/*
 * The Received-SPF field (RFC 7208 9.1) without the last line end, lines separated by
 * LF; whatever a stranger chose is quoted or left out.
 */
const char *spf_received_field(struct pool *pool, const struct spf_query *query,
			       const struct spf_result *result);

#endif
