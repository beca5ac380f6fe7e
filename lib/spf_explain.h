/*
 * spf_explain - the domain's own words on a fail (RFC 7208 section 6.2)
 */
#ifndef ASSAY_SPF_EXPLAIN_H
#define ASSAY_SPF_EXPLAIN_H

#include "dns.h"
#include "spf_macro.h"

/*
 * The text that the domain-spec of exp= points at, expanded: printable ASCII, in pool.
 * NULL, which is no error, if there is none or it cannot be used.
 */
const char *spf_explain(struct pool *pool, struct slice domain_spec,
			const struct spf_macro_source *source, struct dns *dns,
			struct dns_budget *budget);

#endif
