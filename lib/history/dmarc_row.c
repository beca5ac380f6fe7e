/*
 * dmarc_row - from a judgement to a row of the history; see dmarc_row.h
 *
 * RFC 9990 sections 3.1.2.4 (which signatures, in which order) and 3.1.1.10 (disposition).
 */
#include "history/dmarc_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "dmarc/record_text.h"
#include "mail/domain.h"

/* How much a signature tells, in falling order. */
enum rank {
	RANK_EQUAL,   /* passed, and is of the author domain itself */
	RANK_RELATED, /* passed, and is of its organization */
	RANK_PASSED,
	RANK_OTHER,
	RANKS,
};

/* One signature that may be kept. */
struct candidate {
	enum rank rank;
	struct history_signature signature;
};

/* rank_of - a signature, for this author domain */
static enum rank rank_of(const struct dmarc_identifier *identifier, const char *author,
			 const char *organization)
{
	if (identifier->result != RESULT_PASS)
		return RANK_OTHER;
	if (domain_equal(identifier->domain, author))
		return RANK_EQUAL;
	if (organization != NULL && domain_is_within(identifier->domain, organization))
		return RANK_RELATED;
	return RANK_PASSED;
}

/* compare - by rank; then in an order of its own, so that alike messages have alike rows */
static int compare(const void *left, const void *right)
{
	const struct candidate *a = left;
	const struct candidate *b = right;
	int order = (a->rank > b->rank) - (a->rank < b->rank);

	if (order == 0)
		order = strcmp(a->signature.domain, b->signature.domain);
	if (order == 0)
		order = strcmp(a->signature.selector, b->signature.selector);
	if (order == 0)
		order = (a->signature.result > b->signature.result) -
			(a->signature.result < b->signature.result);
	return order;
}

/* selector_of - canonical; a stranger's text that is no selector is not kept */
static const char *selector_of(struct pool *pool, const char *selector)
{
	const char *name = NULL;

	if (selector != NULL)
		name = domain_canonical(pool, slice_of(selector));
	return name != NULL ? name : "";
}

/* set_signatures - the most telling, each once */
static void set_signatures(struct pool *pool, const struct dmarc_input *input,
			   const struct dmarc_result *result, struct history_row *row)
{
	struct candidate *all = pool_alloc(pool, input->dkim_count * sizeof(*all));
	struct history_signature *kept = pool_alloc(pool, HISTORY_SIGNATURES_MAX * sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < input->dkim_count; i++) {
		const struct dmarc_identifier *identifier = &input->dkim[i];

		if (identifier->domain == NULL)
			continue;
		all[count++] = (struct candidate){
		    .rank = rank_of(identifier, result->author_domain, result->org_domain),
		    .signature = {.domain = identifier->domain,
				  .selector = selector_of(pool, identifier->selector),
				  .result = identifier->result},
		};
	}
	qsort(all, count, sizeof(*all), compare);
	for (size_t i = 0; i < count && row->dkim_count < HISTORY_SIGNATURES_MAX; i++) {
		if (i == 0 || compare(&all[i - 1], &all[i]) != 0)
			kept[row->dkim_count++] = all[i].signature;
	}
	row->dkim = kept;
}

/* set_reasons - in the words of RFC 9990 */
static void set_reasons(struct pool *pool, const struct dmarc_overrides *overrides,
			struct history_row *row)
{
	struct history_reason *reasons = pool_alloc(pool, DMARC_REASONS_MAX * sizeof(*reasons));

	for (size_t i = 0; i < overrides->count; i++) {
		reasons[i].type = dmarc_override_word(overrides->reasons[i].type);
		reasons[i].comment = overrides->reasons[i].comment;
	}
	row->reasons = reasons;
	row->reason_count = overrides->count;
}

/* envelope_from - as far as it is known; SPF is checked for a null sender, too (RFC 7208 2.4) */
static const char *envelope_from(const struct dmarc_input *input)
{
	if (input->envelope_from != NULL)
		return input->envelope_from;
	return input->spf != NULL ? input->spf->domain : "";
}

/* disposition_of - "pass" is a pass where the policy would have had consequences */
static const char *disposition_of(const struct dmarc_result *result)
{
	if (result->result == RESULT_PASS && result->policy > DMARC_POLICY_NONE)
		return result_word(RESULT_PASS);
	return dmarc_disposition_word(result->disposition);
}

void dmarc_history_row(struct pool *pool, const struct dmarc_input *input,
		       const struct dmarc_result *result, const struct dmarc_overrides *overrides,
		       const struct ip_address *client, time_t now, struct history_row *row)
{
	*row = (struct history_row){
	    .day = now / HISTORY_SECONDS_A_DAY,
	    .policy_domain = result->policy_domain,
	    .policy_record = dmarc_record_text(pool, result->record),
	    .organization = result->org_domain,
	    .source = client->text,
	    .header_from = result->author_domain,
	    .envelope_from = envelope_from(input),
	    .spf_domain = input->spf != NULL ? input->spf->domain : "",
	    .spf_result = input->spf != NULL ? input->spf->result : RESULT_NONE,
	    .disposition = disposition_of(result),
	    .spf_aligned = result->spf_aligned,
	    .dkim_aligned = result->dkim_aligned,
	    .count = 1,
	};
	set_signatures(pool, input, result, row);
	set_reasons(pool, overrides, row);
}
