/*
 * key_lookup - asking the DNS for key records (RFC 6376 section 3.6.2)
 */
#ifndef ASSAY_DKIM_KEY_LOOKUP_H
#define ASSAY_DKIM_KEY_LOOKUP_H

#include "dns/dns.h"
#include "mail/result.h"

#define DKIM_KEY_RECORDS_MAX 8 /* TXT records tried at one name; one is normal (3.6.2.2) */

/*
 * Asks for the TXT records of a selector. NULL without an answer that has any: then *result is
 * permerror or temperror and *reason says why.
 */
const struct dns_answer *key_lookup(struct pool *pool, struct dns *dns, struct dns_budget *budget,
				    const char *selector, const char *domain, enum result *result,
				    const char **reason);

#endif
