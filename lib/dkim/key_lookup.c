/*
 * key_lookup - asking the DNS for key records; see dkim/key_lookup.h
 */
#include "dkim/key_lookup.h"

#include "base/pool.h"

const struct dns_answer *key_lookup(struct pool *pool, struct dns *dns, struct dns_budget *budget,
				    const char *selector, const char *domain, enum result *result,
				    const char **reason)
{
	const char *name = pool_printf(pool, "%s._domainkey.%s", selector, domain);
	const struct dns_answer *answer = dns_query(dns, name, DNS_TXT, budget);

	if (answer->status == DNS_FOUND)
		return answer;
	if (answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA) {
		*result = RESULT_PERMERROR;
		*reason = "no key";
	} else {
		*result = RESULT_TEMPERROR;
		*reason = pool_printf(pool, "key unavailable: %s", dns_status_word(answer->status));
	}
	return NULL;
}
