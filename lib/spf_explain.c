/*
 * spf_explain - the domain's own words on a fail; see spf_explain.h
 *
 * RFC 7208 6.2: exactly one TXT record, an explain-string in ASCII. Whatever is
 * wrong with it, the result stands and there is no explanation.
 */
#include "spf_explain.h"

#include "abnf.h"
#include "pool.h"

/* is_printable - the sender expands to anything, line ends for one */
static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (!is_vchar(*text) && *text != ' ')
			return false;
	}
	return true;
}

const char *spf_explain(struct pool *pool, struct slice domain_spec,
			const struct spf_macro_source *source, struct dns *dns,
			struct dns_budget *budget)
{
	const char *target = spf_macro_target(pool, domain_spec, source);
	const struct dns_answer *answer;
	struct spf_syntax_error ignored;
	const char *text;

	if (target == NULL)
		return NULL;
	answer = dns_query(dns, target, DNS_TXT, budget);
	if (answer->status != DNS_FOUND || answer->count != 1 ||
	    !spf_macro_check(answer->records[0].text, SPF_EXPLAIN_STRING, &ignored))
		return NULL;
	text = spf_macro_expand(pool, answer->records[0].text, source);
	return text != NULL && text[0] != '\0' && is_printable(text) ? text : NULL;
}
