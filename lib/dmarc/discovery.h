/*
 * discovery - finding policy records and organizational domains (RFC 9989 section 4.10)
 *
 * Both are found by the same tree walk. A discovery is the work on one message
 * (or one report): it remembers its walks, so that a domain is walked from only
 * once however many identifiers name it.
 */
#ifndef ASSAY_DMARC_DISCOVERY_H
#define ASSAY_DMARC_DISCOVERY_H

#include "dmarc/dmarc_record.h"
#include "dns/dns.h"

#define DMARC_WALK_MAX 8 /* RFC 9989 4.10: queries of one tree walk */

/*
 * Walks of one discovery: a stranger must not choose how many queries we make
 * (RFC 9989 4.10, 11.5). All of them fit into DNS_QUERIES_MAX.
 */
#define DMARC_WALKS_MAX 20

struct dmarc_discovery;

/* A question that was not answered, or not asked because a limit was met. */
struct dmarc_unanswered {
	enum dns_status status; /* SERVFAIL, TIMEOUT, EXHAUSTED; FOUND if there was no failure */
	const char *name;       /* what was asked for; NULL if there was no failure */
};

/* What the search for the policy record of an author domain has found. */
struct policy_discovery {
	const struct dmarc_record *record; /* NULL: there is none, or unanswered is set */
	const char *domain;                /* the DMARC Policy Domain: where the record is */
	const char **queries;              /* the _dmarc names that were asked, in order */
	size_t query_count;
	struct dmarc_unanswered unanswered;
};

/* Everything given and found lives in pool; budget is spent by all calls together. */
struct dmarc_discovery *dmarc_discovery_new(struct pool *pool, struct dns *dns,
					    struct dns_budget *budget, const struct trace *trace);

/*
 * The policy record (RFC 9989 4.10.1): of the author domain, else of its organizational
 * domain, else of its public suffix domain. The record may turn out not to be usable.
 */
struct policy_discovery dmarc_discover_policy(struct dmarc_discovery *discovery,
					      const char *author_domain);

/*
 * The organizational domain of any canonical name (RFC 9989 4.10.2): the name itself
 * or one above it. NULL, with unanswered set, if it could not be found out.
 */
const char *dmarc_discover_organizational_domain(struct dmarc_discovery *discovery,
						 const char *domain,
						 struct dmarc_unanswered *unanswered);

#endif
