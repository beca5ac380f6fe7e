/*
 * evaluate_record - check_host(); see evaluate.h
 *
 * RFC 7208 4 (check_host()), 5.2 (include), 6.1 (redirect), 4.6.4 (limits); RFC 8616
 * section 4 (local parts that are not ASCII).
 *
 * Records are read by spf_record, names expanded by spf_macro, single mechanisms matched
 * by spf_match. Here is what ties them together: which record, which term next, and how
 * far a stranger's record may make us go.
 */
#include "spf/evaluate.h"

#include "base/ascii.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/domain.h"
#include "spf/macro.h"
#include "spf/spf_record.h"

#define NO_NAME "does not expand to a domain name (RFC 7208 4.8)"

#define NO_HELO    "unknown"    /* as %{p} without a name (RFC 7208 7.3) */
#define POSTMASTER "postmaster" /* RFC 7208 4.3: for a missing local part */

/* What one check shares over all its includes. */
struct spf_evaluation {
	struct pool *pool;
	struct spf_query query; /* helo and sender as macros see them */
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	struct spf_matcher *matcher;
	bool local_is_ascii;   /* the local part of sender */
	unsigned lookups;      /* terms that ask DNS */
	unsigned void_lookups; /* those among them that had an empty answer */
	unsigned records;      /* that were read */
	bool sends_no_mail;    /* the first of them says nothing but -all */
};

/* What one domain says. */
struct spf_verdict {
	enum result result;
	const char *reason;         /* without the domain in front */
	const char *mechanism;      /* as in struct spf_result */
	const char *domain;         /* whose record decided */
	const struct spf_term *exp; /* of that record, or NULL */
};

/* What came of one term. */
struct outcome {
	enum spf_match match;
	const char *reason; /* if match is an error */
};

/* For macros: the evaluation and its current domain. */
struct scope {
	struct spf_evaluation *evaluation;
	const char *domain;
};

/* Includes and redirects call it again; SPF_LOOKUPS_MAX limits how often. */
static struct spf_verdict evaluate_domain(struct spf_evaluation *evaluation, const char *domain);

static struct spf_verdict decide_outcome(enum result result, const char *reason)
{
	return (struct spf_verdict){.result = result, .reason = reason};
}

static struct outcome no_match(void)
{
	return (struct outcome){.match = SPF_MATCH_NO};
}

static struct outcome failed_match(enum spf_match match, const char *reason)
{
	return (struct outcome){.match = match, .reason = reason};
}

/* macro_value - a spf_macro_source; context is the scope */
static struct slice macro_value(void *context, char letter)
{
	const struct scope *scope = context;
	struct spf_evaluation *evaluation = scope->evaluation;

	switch (letter) {
	case 'd': return slice_of(scope->domain);
	case 't':
		return slice_of(
		    pool_printf(evaluation->pool, "%lld", (long long)evaluation->query.now));
	case 's':
	case 'l':
		if (!evaluation->local_is_ascii)
			return slice_of(NULL);
	}
	return spf_matcher_value(evaluation->matcher, letter, scope->domain);
}

/* needs_ascii - does a term match nothing because the local part has no place in DNS (8616 4)? */
static bool needs_ascii(const struct spf_evaluation *evaluation, const struct spf_term *term)
{
	return !evaluation->local_is_ascii &&
	       (spf_macro_uses(term->domain_spec, 's') || spf_macro_uses(term->domain_spec, 'l'));
}

/* spf_target_of - the expanded domain-spec of a term, or NULL if it is no name (RFC 7208 4.8) */
static const char *spf_target_of(struct spf_evaluation *evaluation, const char *domain,
				 const struct spf_term *term)
{
	struct scope scope = {.evaluation = evaluation, .domain = domain};
	struct spf_macro_source source = {.value = macro_value, .context = &scope};

	if (term->domain_spec.data == NULL)
		return domain;
	return spf_macro_target(evaluation->pool, term->domain_spec, &source);
}

/* count_lookup - one more term that asks DNS; false if it is one too many */
static bool count_lookup(struct spf_evaluation *evaluation)
{
	return ++evaluation->lookups <= SPF_LOOKUPS_MAX;
}

/*
 * count_void - a term counts once, however many of its queries came back empty
 * (RFC 7208 4.6.4 limits the number of terms): an mx with three hosts without AAAA
 * must not turn every IPv6 client into a permerror.
 */
static bool count_void(struct spf_evaluation *evaluation)
{
	if (spf_matcher_take_void(evaluation->matcher))
		evaluation->void_lookups++;
	return evaluation->void_lookups <= evaluation->query.void_limit;
}

static struct outcome too_many_lookups(const struct spf_evaluation *evaluation)
{
	return failed_match(SPF_MATCH_PERMERROR,
			    pool_printf(evaluation->pool,
					"more than %d terms that ask DNS (RFC 7208 4.6.4)",
					SPF_LOOKUPS_MAX));
}

static struct outcome too_many_voids(const struct spf_evaluation *evaluation)
{
	return failed_match(SPF_MATCH_PERMERROR,
			    pool_printf(evaluation->pool,
					"more than %u void lookups (RFC 7208 4.6.4)",
					evaluation->query.void_limit));
}

/* test_include - include:target (RFC 7208 5.2) */
static struct outcome test_include(struct spf_evaluation *evaluation, const struct spf_term *term,
				   const char *target)
{
	struct spf_verdict inner;
	const char *reason;

	if (!count_void(evaluation)) /* of %{p}; what follows belongs to the terms in there */
		return too_many_voids(evaluation);
	inner = evaluate_domain(evaluation, target);
	reason = inner.reason;
	if (slice_find(term->domain_spec, '%') < term->domain_spec.len)
		reason =
		    pool_printf(evaluation->pool, "(%s) %s",
				text_excerpt(evaluation->pool, slice_of(target)), inner.reason);
	switch (inner.result) {
	case RESULT_PASS: return (struct outcome){.match = SPF_MATCH_YES};
	case RESULT_FAIL:
	case RESULT_SOFTFAIL:
	case RESULT_NEUTRAL: return no_match();
	case RESULT_TEMPERROR: return failed_match(SPF_MATCH_TEMPERROR, reason);
	default: return failed_match(SPF_MATCH_PERMERROR, reason);
	}
}

/* test_client - a mechanism that libspf2 matches */
static struct outcome test_client(struct spf_evaluation *evaluation, const struct spf_term *term,
				  const char *target)
{
	struct outcome outcome = {.match = spf_matcher_test(evaluation->matcher, term, target)};

	outcome.reason = spf_matcher_reason(evaluation->matcher);
	return outcome;
}

/* test_target - a mechanism that asks DNS */
static struct outcome test_target(struct spf_evaluation *evaluation, const char *domain,
				  const struct spf_term *term)
{
	const char *target;

	if (needs_ascii(evaluation, term))
		return no_match();
	target = spf_target_of(evaluation, domain, term);
	if (target == NULL && term->type == SPF_TERM_INCLUDE)
		return failed_match(SPF_MATCH_PERMERROR, NO_NAME);
	if (target == NULL)
		return no_match();
	if (term->type == SPF_TERM_INCLUDE)
		return test_include(evaluation, term, target);
	return test_client(evaluation, term, target);
}

/* test_term - does a mechanism match? */
static struct outcome test_term(struct spf_evaluation *evaluation, const char *domain,
				const struct spf_term *term)
{
	struct outcome outcome;

	if (term->type == SPF_TERM_ALL)
		return (struct outcome){.match = SPF_MATCH_YES};
	if (!spf_term_is_lookup(term))
		return test_client(evaluation, term, domain);
	if (!count_lookup(evaluation))
		return too_many_lookups(evaluation);
	outcome = test_target(evaluation, domain, term);
	if (!count_void(evaluation) && outcome.match <= SPF_MATCH_YES)
		return too_many_voids(evaluation);
	return outcome;
}

/* trace_term - what -v says about a term */
static void trace_term(const struct spf_evaluation *evaluation, const char *domain,
		       const struct spf_term *term, struct outcome outcome)
{
	static const char *const words[] = {
	    [SPF_MATCH_NO] = "no match",
	    [SPF_MATCH_YES] = "match",
	    [SPF_MATCH_TEMPERROR] = "temperror",
	    [SPF_MATCH_PERMERROR] = "permerror",
	};

	trace_print(evaluation->trace, "%s: %.*s: %s (lookups: %u, void: %u)", domain,
		    (int)term->text.len, term->text.data, words[outcome.match], evaluation->lookups,
		    evaluation->void_lookups);
}

/* matched - the verdict of a mechanism that matched */
static struct spf_verdict matched(const struct spf_evaluation *evaluation, const char *domain,
				  const struct spf_term *term, const struct spf_term *exp)
{
	static const char *const phrases[] = {
	    [RESULT_PASS] = "permits",
	    [RESULT_FAIL] = "does not permit",
	    [RESULT_SOFTFAIL] = "probably does not permit",
	    [RESULT_NEUTRAL] = "says nothing about",
	};
	const char *reason = pool_printf(evaluation->pool, "\"%s\" %s %s",
					 text_excerpt(evaluation->pool, term->text),
					 phrases[term->qualifier], evaluation->query.client.text);
	struct spf_verdict verdict = decide_outcome(term->qualifier, reason);

	verdict.mechanism = slice_copy(evaluation->pool, term->text);
	verdict.domain = domain;
	verdict.exp = exp;
	return verdict;
}

/* stopped - the verdict of a term with an error */
static struct spf_verdict stopped(const struct spf_evaluation *evaluation,
				  const struct spf_term *term, struct outcome outcome)
{
	enum result result =
	    outcome.match == SPF_MATCH_TEMPERROR ? RESULT_TEMPERROR : RESULT_PERMERROR;

	return decide_outcome(result, pool_printf(evaluation->pool, "%s: %s",
						  text_excerpt(evaluation->pool, term->text),
						  outcome.reason));
}

/* unmatched - the verdict of a record without a match and without redirect= (RFC 7208 4.7) */
static struct spf_verdict unmatched(const struct spf_evaluation *evaluation)
{
	struct spf_verdict verdict =
	    decide_outcome(RESULT_NEUTRAL, pool_printf(evaluation->pool, "no mechanism matches %s",
						       evaluation->query.client.text));

	verdict.mechanism = "default";
	return verdict;
}

/* follow_redirect - redirect=target (RFC 7208 6.1) */
static struct spf_verdict follow_redirect(struct spf_evaluation *evaluation, const char *domain,
					  const struct spf_term *term)
{
	const char *target;
	struct spf_verdict verdict;

	if (!count_lookup(evaluation))
		return stopped(evaluation, term, too_many_lookups(evaluation));
	if (needs_ascii(evaluation, term))
		return unmatched(evaluation);
	target = spf_target_of(evaluation, domain, term);
	if (target == NULL)
		return stopped(evaluation, term, failed_match(SPF_MATCH_PERMERROR, NO_NAME));
	if (!count_void(evaluation))
		return stopped(evaluation, term, too_many_voids(evaluation));
	trace_print(evaluation->trace, "%s: redirect to %s (lookups: %u, void: %u)", domain, target,
		    evaluation->lookups, evaluation->void_lookups);
	verdict = evaluate_domain(evaluation, target);
	verdict.reason = pool_printf(evaluation->pool, "%s: %s",
				     text_excerpt(evaluation->pool, term->text), verdict.reason);
	if (verdict.result == RESULT_NONE)
		verdict.result = RESULT_PERMERROR;
	return verdict;
}

/* evaluate_terms - the terms from left to right (RFC 7208 4.6.2), redirect= after them all */
static struct spf_verdict evaluate_terms(struct spf_evaluation *evaluation, const char *domain,
					 const struct spf_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];
		struct outcome outcome;

		if (!spf_term_is_mechanism(term))
			continue;
		outcome = test_term(evaluation, domain, term);
		trace_term(evaluation, domain, term, outcome);
		if (outcome.match == SPF_MATCH_YES)
			return matched(evaluation, domain, term, record->exp);
		if (outcome.match != SPF_MATCH_NO)
			return stopped(evaluation, term, outcome);
	}
	if (record->redirect != NULL)
		return follow_redirect(evaluation, domain, record->redirect);
	return unmatched(evaluation);
}

/* select_record - the one SPF record among the TXT records (RFC 7208 4.5), or a verdict */
static bool select_record(struct spf_evaluation *evaluation, const struct dns_answer *answer,
			  struct slice *text, struct spf_verdict *verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (spf_record_is(answer->records[i].text)) {
			*text = answer->records[i].text;
			count++;
		}
	}
	if (count == 0)
		*verdict = decide_outcome(RESULT_NONE, "no SPF record");
	else if (count > 1)
		*verdict = decide_outcome(
		    RESULT_PERMERROR,
		    pool_printf(evaluation->pool, "%zu SPF records (RFC 7208 4.5)", count));
	return count == 1;
}

/* fetch_record - the SPF record of a domain, or a verdict (RFC 7208 4.3, 4.4) */
static bool fetch_record(struct spf_evaluation *evaluation, const char *domain, struct slice *text,
			 struct spf_verdict *verdict)
{
	const struct dns_answer *answer =
	    dns_query(evaluation->dns, domain, DNS_TXT, evaluation->budget);

	switch (answer->status) {
	case DNS_FOUND: return select_record(evaluation, answer, text, verdict);
	case DNS_NODATA: *verdict = decide_outcome(RESULT_NONE, "no SPF record"); return false;
	case DNS_NXDOMAIN: *verdict = decide_outcome(RESULT_NONE, "no such domain"); return false;
	default:
		*verdict =
		    decide_outcome(RESULT_TEMPERROR, pool_printf(evaluation->pool, "DNS %s",
								 dns_status_word(answer->status)));
		return false;
	}
}

/* broken - the verdict of a record with errors (RFC 7208 4.6) */
static struct spf_verdict broken(const struct spf_evaluation *evaluation,
				 const struct spf_record *record)
{
	const struct spf_syntax_error *error = &record->errors[0];
	size_t position = (size_t)(error->term.data - record->text.data);

	return decide_outcome(RESULT_PERMERROR,
			      pool_printf(evaluation->pool,
					  "\"%s\" at position %zu: %s (RFC 7208 %s)",
					  text_excerpt(evaluation->pool, error->term), position,
					  error->what, error->section));
}

/* is_no_mail - "v=spf1 -all", with or without exp= */
static bool is_no_mail(const struct spf_record *record)
{
	size_t first = 0;

	while (first < record->count && !spf_term_is_mechanism(&record->terms[first]))
		first++;
	return first < record->count && record->terms[first].type == SPF_TERM_ALL &&
	       record->terms[first].qualifier == RESULT_FAIL;
}

static struct spf_verdict evaluate_domain(struct spf_evaluation *evaluation, const char *domain)
{
	struct slice text = slice_of(NULL);
	struct spf_record record;
	struct spf_verdict verdict;

	if (!fetch_record(evaluation, domain, &text, &verdict)) {
		trace_print(evaluation->trace, "%s: %s", domain, verdict.reason);
		return verdict;
	}
	trace_print(evaluation->trace, "%s: \"%.*s\"", domain, (int)text.len, text.data);
	if (!spf_record_parse(evaluation->pool, text, &record))
		return broken(evaluation, &record);
	if (evaluation->records++ == 0)
		evaluation->sends_no_mail = is_no_mail(&record);
	return evaluate_terms(evaluation, domain, &record);
}

/* is_printable - the sender expands to anything, line ends for one */
static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (!is_vchar(*text) && *text != ' ')
			return false;
	}
	return true;
}

/*
 * explain_term - the domain's own words on a fail, or NULL (RFC 7208 6.2): exactly one TXT record,
 * an explain-string in ASCII. Whatever is wrong with it, the result stands.
 */
static const char *explain_term(struct pool *pool, struct slice domain_spec,
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

static const char *explanation_of(struct spf_evaluation *evaluation,
				  const struct spf_verdict *verdict)
{
	struct scope scope = {.evaluation = evaluation, .domain = verdict->domain};
	struct spf_macro_source source = {.value = macro_value, .context = &scope};

	if (verdict->result != RESULT_FAIL || verdict->exp == NULL)
		return NULL;
	return explain_term(evaluation->pool, verdict->exp->domain_spec, &source, evaluation->dns,
			    evaluation->budget);
}

/*
 * name_for_macros - a HELO name with A-labels (RFC 8616 4); anything else as the client said it,
 * but for what would put an empty label into a name that DNS is asked for (RFC 7208 4.8): a dot
 * at its end, and no name at all.
 */
static const char *name_for_macros(struct pool *pool, const char *helo)
{
	struct slice name = slice_trim(slice_of(helo));
	const char *canonical = NULL;

	while (name.len != 0 && name.data[name.len - 1] == '.')
		name.len--;
	if (name.len == 0)
		return NO_HELO;
	if (!slice_is_ascii(name))
		canonical = domain_canonical(pool, name);
	return canonical != NULL ? canonical : slice_copy(pool, name);
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
	if (!by_helo && at == address.len) { /* "root": a local part, and no domain to ask */
		result->sender = query->sender;
		result->reason = pool_printf(evaluation->pool, "\"%s\" has no domain",
					     text_excerpt(evaluation->pool, address));
		return false;
	}
	result->reason =
	    pool_printf(evaluation->pool, "\"%s\" is not a qualified domain name (RFC 7208 4.3)",
			text_excerpt(evaluation->pool, domain));
	return false;
}

/* evaluate_record - asks the domain, and tells what it says */
static void evaluate_record(struct spf_evaluation *evaluation, struct spf_result *result)
{
	struct spf_verdict verdict = evaluate_domain(evaluation, result->domain);

	result->result = verdict.result;
	result->reason = text_make_printable(
	    pool_printf(evaluation->pool, "%s: %s", result->domain, verdict.reason));
	result->mechanism = verdict.mechanism;
	result->lookups = evaluation->lookups;
	result->void_lookups = evaluation->void_lookups;
	result->sends_no_mail = evaluation->sends_no_mail;
	result->explanation = explanation_of(evaluation, &verdict);
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

	if (query->void_limit == 0)
		evaluation.query.void_limit = SPF_VOID_LOOKUPS_MAX;
	*result = (struct spf_result){.result = RESULT_NONE, .identity = identity, .domain = ""};
	if (identify(&evaluation, query, result)) {
		evaluation.query.helo = name_for_macros(pool, query->helo);
		evaluation.query.sender = result->sender;
		evaluation.matcher = spf_matcher_new(pool, &evaluation.query, dns, budget);
		evaluate_record(&evaluation, result);
		spf_matcher_free(evaluation.matcher);
	}
	trace_print(trace, "%s: %s", result_word(result->result), result->reason);
}
