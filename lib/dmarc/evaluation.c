/*
 * evaluation - the judgement of DMARC (RFC 9989 sections 4.10.1, 4.10.2 and 5.3); see evaluation.h
 *
 * Two questions are kept apart: whether an authenticated identifier is aligned with
 * the author domain, and what the domain owner asks for if none is. A query that
 * was not answered is an obstacle: it makes a temperror of what would be a fail,
 * but never undoes a pass (5.3.6).
 *
 * Limits of our own are different. A stranger can choose to meet them, so an
 * identifier beyond them is not aligned.
 */
#include "dmarc/evaluation.h"

#include "base/pool.h"
#include "dmarc/discovery.h"
#include "mail/domain.h"

/* One evaluation. */
struct evaluation {
	struct pool *pool;
	const struct dmarc_input *input;
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	struct dmarc_discovery *discovery;
	struct policy_discovery found;
	bool asked_organizational; /* result->org_domain has been looked for */
	struct dmarc_unanswered organizational_unanswered;
	const char
	    *temperror_reason;   /* why there may be another verdict later; NULL if nothing is */
	const char *spf_domain;  /* aligned, or NULL */
	const char *dkim_domain; /* aligned, or NULL */
	struct dmarc_result *result;
};

/* Identifiers of one mechanism, and how they are compared. */
struct identifiers {
	const char *mechanism;
	const struct dmarc_identifier *items;
	size_t count;
	bool strict;
};

/* How sure it is that identifiers are aligned, in rising order. */
enum alignment {
	ALIGNMENT_NONE,
	ALIGNMENT_UNKNOWN, /* a query that decides it was not answered */
	ALIGNMENT_FOUND,
};

/* set_temperror - the first one is told */
static void set_temperror(struct evaluation *evaluation, const char *what, const char *happened)
{
	if (evaluation->temperror_reason == NULL)
		evaluation->temperror_reason =
		    pool_printf(evaluation->pool, "%s: %s", what, happened);
}

static void set_unanswered(struct evaluation *evaluation, const struct dmarc_unanswered *unanswered)
{
	set_temperror(evaluation, unanswered->name, dns_status_word(unanswered->status));
}

/* author_organizational_domain - asked for only once; NULL with organizational_unanswered */
static const char *author_organizational_domain(struct evaluation *evaluation)
{
	if (!evaluation->asked_organizational)
		evaluation->result->org_domain = dmarc_discover_organizational_domain(
		    evaluation->discovery, evaluation->input->author_domain,
		    &evaluation->organizational_unanswered);
	evaluation->asked_organizational = true;
	return evaluation->result->org_domain;
}

/*
 * relaxed_alignment - has this domain the organizational domain of the author domain?
 *
 * An organizational domain is an ancestor of the name it belongs to. Names for which
 * that already rules out alignment are not walked from, so that foreign
 * signatures, however many, cost no queries. A top-level domain is nobody's organizational domain,
 * even if its record lacks psd=y: evil.example would be aligned with bank.example.
 */
static enum alignment relaxed_alignment(struct evaluation *evaluation, const char *domain)
{
	const char *author = evaluation->input->author_domain;
	const char *wanted, *organizational;
	struct dmarc_unanswered unanswered;

	if (!domain_equal(domain_last_labels(author, 1), domain_last_labels(domain, 1)))
		return ALIGNMENT_NONE;
	wanted = author_organizational_domain(evaluation);
	if (wanted == NULL) {
		set_unanswered(evaluation, &evaluation->organizational_unanswered);
		return ALIGNMENT_UNKNOWN;
	}
	if (!domain_is_within(domain, wanted) || domain_label_count(wanted) == 1)
		return ALIGNMENT_NONE;
	organizational =
	    dmarc_discover_organizational_domain(evaluation->discovery, domain, &unanswered);
	if (organizational != NULL)
		return domain_equal(organizational, wanted) ? ALIGNMENT_FOUND : ALIGNMENT_NONE;
	if (unanswered.status == DNS_EXHAUSTED)
		return ALIGNMENT_NONE;
	set_unanswered(evaluation, &unanswered);
	return ALIGNMENT_UNKNOWN;
}

/* find_equal - the author domain itself among the identifiers that passed, or NULL */
static const char *find_equal(const struct evaluation *evaluation,
			      const struct identifiers *identifiers)
{
	for (size_t i = 0; i < identifiers->count; i++) {
		const struct dmarc_identifier *item = &identifiers->items[i];

		if (item->result == RESULT_PASS && item->domain != NULL &&
		    domain_equal(item->domain, evaluation->input->author_domain))
			return item->domain;
	}
	return NULL;
}

/* alignment_of - the same name, or a name of the same organization where that is enough */
static enum alignment alignment_of(struct evaluation *evaluation,
				   const struct identifiers *identifiers, const char *domain)
{
	if (domain_equal(domain, evaluation->input->author_domain))
		return ALIGNMENT_FOUND;
	return identifiers->strict ? ALIGNMENT_NONE : relaxed_alignment(evaluation, domain);
}

/*
 * find_passed - the aligned one of the identifiers that passed, or NULL
 *
 * Equal names come first: they need no query (RFC 9989 4.10.2).
 */
static const char *find_passed(struct evaluation *evaluation, const struct identifiers *identifiers)
{
	const char *domain = find_equal(evaluation, identifiers);

	for (size_t i = 0; i < identifiers->count && domain == NULL; i++) {
		const struct dmarc_identifier *item = &identifiers->items[i];

		if (item->result == RESULT_PASS && item->domain != NULL &&
		    alignment_of(evaluation, identifiers, item->domain) == ALIGNMENT_FOUND)
			domain = item->domain;
	}
	if (domain != NULL)
		trace_print(evaluation->trace, "%s: %s is aligned with %s", identifiers->mechanism,
			    domain, evaluation->input->author_domain);
	return domain;
}

/*
 * find_unchecked - an identifier that might pass and be aligned if it could be checked
 *
 * It must be the author domain or one above it. Below and beside it a stranger can name any domain,
 * and somewhere there is one whose DNS does not answer: that must not save his mail from a fail.
 */
static void find_unchecked(struct evaluation *evaluation, const struct identifiers *identifiers)
{
	const char *author = evaluation->input->author_domain;

	for (size_t i = 0; i < identifiers->count; i++) {
		const struct dmarc_identifier *item = &identifiers->items[i];

		if (item->result != RESULT_TEMPERROR || item->domain == NULL ||
		    !domain_is_within(author, item->domain) ||
		    alignment_of(evaluation, identifiers, item->domain) == ALIGNMENT_NONE)
			continue;
		set_temperror(evaluation,
			      pool_printf(evaluation->pool, "%s for %s", identifiers->mechanism,
					  item->domain),
			      result_word(RESULT_TEMPERROR));
		return;
	}
}

/*
 * align - looks for aligned identifiers (RFC 9989 5.3.4)
 *
 * If the record could not be had, its alignment modes are not known either. Then only
 * equal names count, which both modes allow.
 */
static void align(struct evaluation *evaluation)
{
	const struct dmarc_input *input = evaluation->input;
	const struct dmarc_record *record = evaluation->found.record;
	const struct identifiers spf = {
	    .mechanism = "SPF",
	    .items = input->spf,
	    .count = input->spf != NULL ? 1 : 0,
	    .strict = record == NULL || record->spf_strict,
	};
	const struct identifiers dkim = {
	    .mechanism = "DKIM",
	    .items = input->dkim,
	    .count = input->dkim_count,
	    .strict = record == NULL || record->dkim_strict,
	};

	evaluation->spf_domain = find_passed(evaluation, &spf);
	evaluation->dkim_domain = find_passed(evaluation, &dkim);
	evaluation->result->spf_aligned = evaluation->spf_domain != NULL;
	evaluation->result->dkim_aligned = evaluation->dkim_domain != NULL;
	if (evaluation->result->spf_aligned || evaluation->result->dkim_aligned)
		return;
	find_unchecked(evaluation, &spf);
	find_unchecked(evaluation, &dkim);
}

static void set_policy(struct evaluation *evaluation, const char *tag, enum dmarc_policy policy)
{
	evaluation->result->policy_tag = tag;
	evaluation->result->policy = policy;
}

/*
 * choose_np - np applies if the author domain does not exist (RFC 9989 3.2.13, 4.7)
 *
 * The question is for a CNAME record, because such a record makes the name exist,
 * wherever it leads; an A query would be answered for the name it leads to.
 */
static void choose_np(struct evaluation *evaluation, enum dmarc_policy np)
{
	const char *author = evaluation->input->author_domain;
	enum dns_status status =
	    dns_query(evaluation->dns, author, DNS_CNAME, evaluation->budget)->status;

	trace_print(evaluation->trace, "%s: %s", author,
		    status == DNS_NXDOMAIN ? "does not exist" : "may exist");
	if (status == DNS_NXDOMAIN)
		set_policy(evaluation, "np", np);
	else if (status != DNS_FOUND && status != DNS_NODATA && np != evaluation->result->policy)
		set_temperror(evaluation, author, dns_status_word(status));
}

/* choose_policy - which tag of the record applies (RFC 9989 4.10.1) */
static void choose_policy(struct evaluation *evaluation)
{
	const struct dmarc_record *record = evaluation->found.record;

	set_policy(evaluation, "p", record->p);
	if (domain_equal(evaluation->found.domain, evaluation->input->author_domain))
		return;
	if (record->sp != DMARC_POLICY_UNSET)
		set_policy(evaluation, "sp", record->sp);
	if (record->np != DMARC_POLICY_UNSET)
		choose_np(evaluation, record->np);
}

/* one_level_down - what t=y makes of a policy (RFC 9989 4.7) */
static enum dmarc_policy one_level_down(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE : DMARC_POLICY_NONE;
}

/* settle_evaluation - verdict and disposition, from what has been found out (RFC 9989 5.3.5, 5.3.6)
 */
static void settle_evaluation(struct evaluation *evaluation)
{
	struct dmarc_result *result = evaluation->result;

	if (result->spf_aligned || result->dkim_aligned) {
		result->result = RESULT_PASS;
		return;
	}
	if (evaluation->temperror_reason != NULL) {
		result->result = RESULT_TEMPERROR;
		return;
	}
	result->result = RESULT_FAIL;
	result->disposition = dmarc_disposition_of(result->policy);
	if (result->record->testing) {
		result->disposition = dmarc_disposition_of(one_level_down(result->policy));
		result->test_mode = result->policy > DMARC_POLICY_NONE;
	}
}

/* settle_organizational_domain - equal names with a record of their own need no walk (4.10.2) */
static void settle_organizational_domain(struct evaluation *evaluation)
{
	const char *author = evaluation->input->author_domain;
	const char *policy_domain = evaluation->found.domain;

	if (evaluation->result->result == RESULT_PASS && !evaluation->asked_organizational &&
	    policy_domain != NULL && domain_equal(policy_domain, author))
		evaluation->result->org_domain = author;
	else
		author_organizational_domain(evaluation);
}

/* policy_text - "sp=reject of example.com" */
static const char *policy_text(const struct evaluation *evaluation)
{
	const struct dmarc_result *result = evaluation->result;
	bool own;

	if (result->record == NULL)
		return "policy unknown";
	own = domain_equal(result->policy_domain, evaluation->input->author_domain);
	return pool_printf(evaluation->pool, "%s=%s%s%s%s%s", result->policy_tag,
			   dmarc_policy_word(result->policy), own ? "" : " of ",
			   own ? "" : result->policy_domain,
			   result->record->testing ? " in test mode" : "",
			   result->record->p_forced ? " for want of a valid one" : "");
}

/* spf_text - what SPF has said */
static const char *spf_text(const struct evaluation *evaluation)
{
	const struct dmarc_identifier *spf = evaluation->input->spf;

	if (spf == NULL)
		return "no result";
	return pool_printf(evaluation->pool, "%s for %s", result_word(spf->result),
			   spf->domain != NULL ? spf->domain : "an unreadable domain");
}

/* dkim_text - what DKIM has said; of many signatures one is named */
static const char *dkim_text(const struct evaluation *evaluation)
{
	const struct dmarc_input *input = evaluation->input;
	const char *domain = NULL;
	size_t passed = 0;

	for (size_t i = 0; i < input->dkim_count; i++) {
		if (input->dkim[i].result != RESULT_PASS)
			continue;
		if (domain == NULL)
			domain = input->dkim[i].domain;
		passed++;
	}
	if (passed == 0)
		return input->dkim_count == 0 ? "no result" : "no passing signature";
	if (domain == NULL)
		domain = "an unreadable domain";
	if (passed == 1)
		return pool_printf(evaluation->pool, "pass for %s", domain);
	return pool_printf(evaluation->pool, "pass for %s and %zu more", domain, passed - 1);
}

/* aligned_text - which identifiers make it a pass */
static const char *aligned_text(const struct evaluation *evaluation)
{
	const char *spf = evaluation->spf_domain;
	const char *dkim = evaluation->dkim_domain;

	if (spf != NULL && dkim != NULL)
		return pool_printf(evaluation->pool, "SPF (%s) and DKIM (%s) are aligned", spf,
				   dkim);
	if (spf != NULL)
		return pool_printf(evaluation->pool, "SPF (%s) is aligned", spf);
	return pool_printf(evaluation->pool, "DKIM (%s) is aligned", dkim);
}

/* unaligned_text - why it is no pass */
static const char *unaligned_text(const struct evaluation *evaluation)
{
	const char *neither = pool_printf(evaluation->pool, "neither SPF (%s) nor DKIM (%s) is",
					  spf_text(evaluation), dkim_text(evaluation));

	if (evaluation->temperror_reason == NULL)
		return pool_printf(evaluation->pool, "%s aligned", neither);
	return pool_printf(evaluation->pool, "%s known to be aligned (%s)", neither,
			   evaluation->temperror_reason);
}

/* reason_text - the verdict in one line */
static const char *reason_text(const struct evaluation *evaluation)
{
	bool passed = evaluation->result->result == RESULT_PASS;

	return pool_printf(evaluation->pool, "%s: %s; %s", evaluation->input->author_domain,
			   policy_text(evaluation),
			   passed ? aligned_text(evaluation) : unaligned_text(evaluation));
}

/* judge_policy - with a usable record, or without knowing whether there is one */
static void judge_policy(struct evaluation *evaluation)
{
	struct dmarc_result *result = evaluation->result;

	result->record = evaluation->found.record;
	result->policy_domain = evaluation->found.domain;
	if (evaluation->found.unanswered.name != NULL)
		set_unanswered(evaluation, &evaluation->found.unanswered);
	align(evaluation);
	if (result->record != NULL)
		choose_policy(evaluation);
	settle_evaluation(evaluation);
	result->reason = reason_text(evaluation);
}

/* decline - DMARC does not apply to this message (RFC 9989 4.10.1) */
static void decline(struct evaluation *evaluation)
{
	const char *author = evaluation->input->author_domain;
	const struct dmarc_record *record = evaluation->found.record;

	if (record == NULL)
		evaluation->result->reason =
		    pool_printf(evaluation->pool, "%s: no DMARC record", author);
	else
		evaluation->result->reason =
		    pool_printf(evaluation->pool,
				"%s: the DMARC record of %s has no valid policy and no valid rua",
				author, evaluation->found.domain);
	evaluation->found.record = NULL; /* it does not even say how to align */
	if (!evaluation->input->is_protected)
		return;
	align(evaluation);
	if (evaluation->temperror_reason == NULL)
		return;
	evaluation->result->result = RESULT_TEMPERROR;
	evaluation->result->reason = pool_printf(
	    evaluation->pool, "%s; %s", evaluation->result->reason, evaluation->temperror_reason);
}

/* refuse_evaluation - without an author domain there is nothing to judge (RFC 9989 5.3.1) */
static void refuse_evaluation(const struct dmarc_input *input, struct dmarc_result *result)
{
	result->result = RESULT_PERMERROR;
	result->reason =
	    input->author.reason != NULL ? input->author.reason : "there is no author domain";
}

void dmarc_note(struct pool *pool, struct dmarc_result *result, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = pool_vprintf(pool, format, args);
	va_end(args);
	result->note =
	    result->note != NULL ? pool_printf(pool, "%s; %s", result->note, text) : text;
	result->reason = pool_printf(pool, "%s; %s", result->reason, text);
}

const char *dmarc_disposition_word(enum dmarc_disposition disposition)
{
	static const char *const words[] = {
	    [DMARC_DISPOSITION_NONE] = "none",
	    [DMARC_DISPOSITION_QUARANTINE] = "quarantine",
	    [DMARC_DISPOSITION_DEFER] = "defer",
	    [DMARC_DISPOSITION_REJECT] = "reject",
	};

	return words[disposition];
}

enum dmarc_disposition dmarc_disposition_of(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_QUARANTINE: return DMARC_DISPOSITION_QUARANTINE;
	case DMARC_POLICY_REJECT: return DMARC_DISPOSITION_REJECT;
	default: return DMARC_DISPOSITION_NONE;
	}
}

void dmarc_evaluate(struct pool *pool, const struct dmarc_input *input, struct dns *dns,
		    struct dns_budget *budget, const struct trace *trace,
		    struct dmarc_result *result)
{
	struct evaluation evaluation = {
	    .pool = pool,
	    .input = input,
	    .dns = dns,
	    .budget = budget,
	    .trace = trace,
	    .discovery = dmarc_discovery_new(pool, dns, budget, trace),
	    .result = result,
	};
	const struct policy_discovery *found = &evaluation.found;

	*result = (struct dmarc_result){.author_domain = input->author_domain};
	if (input->author_domain == NULL) {
		refuse_evaluation(input, result);
		return;
	}
	evaluation.found = dmarc_discover_policy(evaluation.discovery, input->author_domain);
	result->queries = found->queries;
	result->query_count = found->query_count;
	if (found->unanswered.name == NULL && (found->record == NULL || !found->record->usable))
		decline(&evaluation);
	else
		judge_policy(&evaluation);
	settle_organizational_domain(&evaluation);
	trace_print(trace, "%s: %s", result_word(result->result), result->reason);
}
