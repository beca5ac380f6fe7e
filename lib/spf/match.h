/*
 * match - what libspf2 does for us, and all that it sees
 *
 * It matches one mechanism against the client and tells what one macro letter
 * stands for. It is never shown a record from DNS: mechanisms reach it as a text
 * of our own making, domain names as values, answers through a DNS layer that
 * is dns_query(). What it gets wrong (prefix length 0, limits, the order of PTR
 * names, DNS errors) is put right in that layer.
 */
#ifndef ASSAY_SPF_MATCH_H
#define ASSAY_SPF_MATCH_H

#include <time.h>

#include "dns/dns.h"
#include "mail/ip_address.h"
#include "spf/spf_record.h"

#define SPF_LOOKUPS_MAX      10 /* RFC 7208 4.6.4: terms that cause DNS queries, over all includes */
#define SPF_VOID_LOOKUPS_MAX 2  /* RFC 7208 4.6.4 */
#define SPF_MX_MAX           10 /* RFC 7208 4.6.4: hosts of one mx mechanism */
#define SPF_PTR_MAX          10 /* RFC 7208 4.6.4: names of the client that are looked at */

/* What is asked: may this client send for this sender? */
struct spf_query {
	struct ip_address client;
	const char *helo;     /* as the client said it */
	const char *sender;   /* without angle brackets; "" is the null sender */
	const char *receiver; /* for %{r} and receiver=; the authserv-id */
	time_t now;           /* for %{t} */
	unsigned void_limit;  /* void lookups that are allowed; 0: SPF_VOID_LOOKUPS_MAX */
};

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR,
};

struct spf_matcher;

/*
 * For one check. helo and sender of the query are what the macros expand to, so sender is
 * local@domain. Its memory is in pool, but for what libspf2 allocates:
 * spf_matcher_free() has to be called.
 */
struct spf_matcher *spf_matcher_new(struct pool *pool, const struct spf_query *query,
				    struct dns *dns, struct dns_budget *budget);
void spf_matcher_free(struct spf_matcher *matcher);

/*
 * Does the client match an ip4, ip6, a, mx, ptr or exists mechanism? target is the
 * expanded domain-spec, or the current domain where there is none.
 */
enum spf_match spf_matcher_test(struct spf_matcher *matcher, const struct spf_term *term,
				const char *target);

/*
 * Does one of the names of the client, validated as for ptr (RFC 7208 5.5), lie at or below the
 * domain; is the client's an address of the host (5.3)? For lists of our own, without a record.
 */
bool spf_client_is_below(struct pool *pool, const struct ip_address *client, const char *domain,
			 struct dns *dns, struct dns_budget *budget);
bool spf_client_is_host(struct pool *pool, const struct ip_address *client, const char *host,
			struct dns *dns, struct dns_budget *budget);

/* What was wrong when the last test gave an error. */
const char *spf_matcher_reason(const struct spf_matcher *matcher);

/*
 * The value of a macro letter (lower case; not d, which the caller knows best, nor t)
 * while domain is the current one. data is NULL where libspf2 failed.
 */
struct slice spf_matcher_value(struct spf_matcher *matcher, char letter, const char *domain);

/* Was an answer empty (RFC 7208 4.6.4: a void lookup) since this was asked last? */
bool spf_matcher_take_void(struct spf_matcher *matcher);

#endif
