/*
 * adsp - DKIM Author Domain Signing Practices (RFC 5617; historic since 2013)
 *
 * What an author domain said about its mail before there was DMARC: is all of it signed,
 * and what is to be done with mail that is not?
 */
#ifndef ASSAY_DKIM_ADSP_H
#define ASSAY_DKIM_ADSP_H

#include "dkim/verify.h"

struct adsp_result {
	enum result result; /* none, pass, unknown, fail, discard, nxdomain, temperror, permerror */
	const char *reason; /* one line for people, always set */
};

/*
 * Looks at the author domain (canonical, or NULL if there is no single one) and the verdicts on
 * the signatures. Only a signature by exactly the author domain speaks for it (RFC 5617 2.7).
 */
void adsp_evaluate(struct pool *pool, const char *author_domain, const struct dkim_result *verdicts,
		   size_t count, struct dns *dns, struct dns_budget *budget,
		   const struct trace *trace, struct adsp_result *result);

#endif
