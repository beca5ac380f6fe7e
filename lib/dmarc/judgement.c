/*
 * judgement - the verdict on a message, whoever its author is; see dmarc/judgement.h
 *
 * A stranger chooses what is in From. So a further domain, a guess at one or an address that has
 * none can only make a verdict worse, and a domain whose DNS he slows down until there is no time
 * left for the next one gains him nothing: among several authors what is not known counts as what
 * cannot be judged.
 */
#include "dmarc/judgement.h"

#include "base/pool.h"

/* One judgement. */
struct judging {
	struct pool *pool;
	const struct dmarc_input *input;
	const struct dmarc_demands *demands;
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	size_t left;   /* domains and guesses that are not judged yet */
	bool is_alone; /* there is only one domain, and no guess at another one */
};

/* least_policy - of --at-least for a domain */
static enum dmarc_policy least_policy(const struct judging *judging, const char *domain)
{
	if (judging->demands->at_least == NULL)
		return DMARC_POLICY_UNSET;
	return least_policies_find(judging->demands->at_least, domain);
}

/* demand - raises the disposition, and says why */
static void demand(struct judging *judging, struct dmarc_result *result,
		   enum dmarc_disposition disposition, const char *why)
{
	if (disposition <= result->disposition)
		return;
	result->disposition = disposition;
	result->local_reason =
	    pool_printf(judging->pool, "%s: %s here", why, dmarc_disposition_word(disposition));
}

/* demand_least - a message of a protected domain that nothing speaks for */
static void demand_least(struct judging *judging, struct dmarc_result *result)
{
	bool aligned = result->spf_aligned || result->dkim_aligned;
	enum dmarc_policy least;

	if (result->result != RESULT_FAIL && (result->result != RESULT_NONE || aligned))
		return;
	least = least_policy(judging, result->author_domain);
	demand(judging, result, dmarc_disposition_of(least),
	       pool_printf(judging->pool, "--at-least for %s", result->author_domain));
}

/* may_ask_for_more - is it possible that the domain asks for more than none? */
static bool may_ask_for_more(const struct judging *judging, const struct dmarc_result *result)
{
	return result->record == NULL || result->policy > DMARC_POLICY_NONE ||
	       least_policy(judging, result->author_domain) > DMARC_POLICY_NONE;
}

/* demand_certainty - a message that DNS has no answer for */
static void demand_certainty(struct judging *judging, struct dmarc_result *result)
{
	if (result->result != RESULT_TEMPERROR || !may_ask_for_more(judging, result))
		return;
	demand(judging, result, judging->demands->on_temperror, "temperror");
	if (!judging->is_alone)
		demand(judging, result, judging->demands->no_author,
		       "temperror for one of several authors");
}

/* share_of - the part of time and queries for the next of the domains that are left */
static struct dns_budget share_of(struct judging *judging)
{
	double left = (double)judging->left--;
	struct dns_budget share =
	    dns_budget_part(judging->budget, dns_budget_left(judging->budget) / left);

	share.queries = (unsigned)((double)share.queries / left);
	return share;
}

/* judge_domain - the verdict for one of the domains, and what is asked for beyond it */
static void judge_domain(struct judging *judging, const char *domain, struct dmarc_result *result)
{
	struct dmarc_input input = *judging->input;
	struct dns_budget share = share_of(judging);
	unsigned before = share.queries;

	input.author_domain = domain;
	input.is_protected = least_policy(judging, domain) > DMARC_POLICY_NONE;
	dmarc_evaluate(judging->pool, &input, judging->dns, &share, judging->trace, result);
	judging->budget->queries -= before - share.queries;
	demand_least(judging, result);
	demand_certainty(judging, result);
}

/* badness - which of two results decides; of those that are alike the first one */
static unsigned badness(const struct dmarc_result *result)
{
	switch (result->result) {
	case RESULT_FAIL: return 3;
	case RESULT_TEMPERROR: return 2;
	case RESULT_PASS: return 0;
	default: return 1;
	}
}

/* is_worse - is a to be preferred to b as the verdict on the message? */
static bool is_worse(const struct dmarc_result *a, const struct dmarc_result *b)
{
	if (a->disposition != b->disposition)
		return a->disposition > b->disposition;
	if (badness(a) != badness(b))
		return badness(a) > badness(b);
	return a->result == RESULT_FAIL && a->policy > b->policy;
}

/* judge_all - the verdict of the domain that decides */
static void judge_all(struct judging *judging, struct dmarc_result *result)
{
	const struct author *author = &judging->input->author;
	struct dmarc_result other;

	judge_domain(judging, author->domains[0], result);
	for (size_t i = 1; i < author->count; i++) {
		judge_domain(judging, author->domains[i], &other);
		if (is_worse(&other, result))
			*result = other;
	}
	/* That nothing is known of a guess, or that it passes, says nothing at all. */
	for (size_t i = 0; i < author->guess_count; i++) {
		judge_domain(judging, author->guesses[i], &other);
		if (other.disposition == DMARC_DISPOSITION_NONE || !is_worse(&other, result))
			continue;
		*result = other;
		dmarc_note(judging->pool, result, "From can also be read as an address of %s",
			   author->guesses[i]);
	}
}

/* judge_nobody - there is no domain at all, or too many */
static void judge_nobody(struct judging *judging, struct dmarc_result *result)
{
	struct dmarc_input input = *judging->input;

	input.author_domain = NULL;
	dmarc_evaluate(judging->pool, &input, judging->dns, judging->budget, judging->trace,
		       result);
	demand(judging, result, judging->demands->no_author, "no author domain");
}

/* spoil - something in From cannot be judged, so that the rest cannot make it a pass */
static void spoil(struct judging *judging, struct dmarc_result *result, const char *why)
{
	dmarc_note(judging->pool, result, "%s", why);
	result->result = RESULT_PERMERROR;
	demand(judging, result, judging->demands->no_author, "no author domain");
}

void dmarc_judge(struct pool *pool, const struct dmarc_input *input,
		 const struct dmarc_demands *demands, struct dns *dns, struct dns_budget *budget,
		 const struct trace *trace, struct dmarc_result *result)
{
	const struct author *author = &input->author;
	struct judging judging = {
	    .pool = pool,
	    .input = input,
	    .demands = demands,
	    .dns = dns,
	    .budget = budget,
	    .trace = trace,
	    .left = author->count + author->guess_count,
	    .is_alone = author->count == 1 && author->guess_count == 0,
	};

	if (author->count == 0) {
		judge_nobody(&judging, result);
		return;
	}
	judge_all(&judging, result);
	if (author->incomplete)
		spoil(&judging, result, "one of the addresses in From has no domain name");
	else if (author->repeated && result->result == RESULT_PASS)
		spoil(&judging, result, author->reason);
	else if (author->reason != NULL)
		dmarc_note(pool, result, "%s", author->reason);
}
