/*
 * spf - Sender Policy Framework; see spf.h
 *
 * RFC 7208 2.4 (which identity), 4.1 and 4.3 (arguments of check_host()); RFC 8616
 * section 4 (internationalized names). What the domain's record says about
 * them is spf_evaluate's.
 */
#include "spf.h"

#include "domain.h"
#include "pool.h"
#include "spf_evaluate.h"
#include "spf_match.h"

#define POSTMASTER "postmaster" /* RFC 7208 4.3: for a missing local part */

/* name_for_macros - a HELO name with A-labels (RFC 8616 4); anything else as the client said it */
static const char *name_for_macros(struct pool *pool, const char *helo)
{
	const char *canonical = NULL;

	if (!slice_is_ascii(slice_of(helo)))
		canonical = domain_canonical(pool, slice_of(helo));
	return canonical != NULL ? canonical : helo;
}

/*
 * identify - whose record is asked: domain and sender of the result. Without a sender it is
 * the HELO name (RFC 7208 2.4), without a local part it is postmaster's (4.3).
 */
static bool identify(struct spf_evaluation *evaluation, const struct spf_query *query,
		     struct spf_result *result)
{
	bool by_helo = result->identity == SPF_HELO || query->sender[0] == '\0';
	struct slice address = slice_of(by_helo ? query->helo : query->sender);
	size_t at = by_helo ? address.len : slice_find_last(address, '@');
	struct slice domain = at < address.len ? slice_skip(address, at + 1) : address;
	struct slice local = at < address.len ? slice_from(address.data, at) : slice_of(NULL);
	const char *canonical = domain_canonical(evaluation->pool, domain);
	const char *shown = canonical != NULL ? canonical : slice_copy(evaluation->pool, domain);

	if (local.len == 0)
		local = slice_of(POSTMASTER);
	evaluation->local_is_ascii = slice_is_ascii(local);
	result->sender =
	    pool_printf(evaluation->pool, "%s@%s", slice_copy(evaluation->pool, local), shown);
	if (canonical != NULL && domain_is_qualified(canonical)) {
		result->domain = canonical;
		return true;
	}
	result->reason =
	    pool_printf(evaluation->pool, "\"%s\" is not a qualified domain name (RFC 7208 4.3)",
			text_excerpt(evaluation->pool, domain));
	return false;
}

/* evaluate - asks the domain, and tells what it says */
static void evaluate(struct spf_evaluation *evaluation, struct spf_result *result)
{
	struct spf_verdict verdict = spf_evaluate(evaluation, result->domain);

	result->result = verdict.result;
	result->reason = text_make_printable(
	    pool_printf(evaluation->pool, "%s: %s", result->domain, verdict.reason));
	result->mechanism = verdict.mechanism;
	result->lookups = evaluation->lookups;
	result->void_lookups = evaluation->void_lookups;
	result->explanation = spf_explanation(evaluation, &verdict);
}

void spf_check(struct pool *pool, const struct spf_query *query, enum spf_identity identity,
	       struct dns *dns, struct dns_budget *budget, const struct trace *trace,
	       struct spf_result *result)
{
	struct spf_evaluation evaluation = {
	    .pool = pool,
	    .query = *query,
	    .dns = dns,
	    .budget = budget,
	    .trace = trace,
	};

	*result = (struct spf_result){.result = RESULT_NONE, .identity = identity, .domain = ""};
	if (identify(&evaluation, query, result)) {
		evaluation.query.helo = name_for_macros(pool, query->helo);
		evaluation.query.sender = result->sender;
		evaluation.matcher = spf_matcher_new(pool, &evaluation.query, dns, budget);
		evaluate(&evaluation, result);
		spf_matcher_free(evaluation.matcher);
	}
	trace_print(trace, "%s: %s", result_word(result->result), result->reason);
}
