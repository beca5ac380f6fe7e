/*
 * spf - Sender Policy Framework; see spf.h
 *
 * RFC 7208 2.4 (null sender), 4 (check_host()), 5.2 (include), 6.1 (redirect),
 * 4.6.4 (limits); RFC 8616 section 4 (internationalized senders).
 *
 * Records are read by spf_record, names expanded by spf_macro, single mechanisms matched by
 * spf_match. Here is what ties them together: which record, which term next,
 * and how far a stranger's record may make us go.
 */
#include "spf.h"

#include <string.h>

#include "domain.h"
#include "pool.h"
#include "spf_explain.h"
#include "spf_macro.h"
#include "spf_match.h"
#include "spf_record.h"

#define POSTMASTER      "postmaster" /* RFC 7208 4.3: for a missing local part */
#define QUOTED_TEXT_MAX 80           /* octets of a stranger's text that a reason shows */

#define NO_NAME               "does not expand to a domain name (RFC 7208 4.8)"
#define TOO_MANY_LOOKUPS      "the 11th term that asks DNS, 10 are allowed (RFC 7208 4.6.4)"
#define TOO_MANY_VOID_LOOKUPS "the third void lookup, 2 are allowed (RFC 7208 4.6.4)"

/* What one check shares over all its includes. */
struct check {
	struct pool *pool;
	struct spf_query query; /* helo and sender as macros see them */
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	struct spf_matcher *matcher;
	bool local_is_ascii;
	unsigned lookups;
	unsigned void_lookups;
};

/* What came of one check_host(). */
struct verdict {
	enum result result;
	const char *reason;         /* without the domain in front */
	const char *mechanism;      /* or NULL */
	const char *domain;         /* whose record decided */
	const struct spf_term *exp; /* of that record, or NULL */
};

/* What came of one term. */
struct outcome {
	enum spf_match match;
	const char *problem; /* if match is an error */
};

/* For macros: the check and its current domain. */
struct scope {
	struct check *check;
	const char *domain;
};

static struct verdict check_host(struct check *check, const char *domain);

/* quote - the beginning of a stranger's text, fit for a line */
static const char *quote(struct pool *pool, struct slice text)
{
	size_t len = text.len < QUOTED_TEXT_MAX ? text.len : QUOTED_TEXT_MAX;
	char *copy = slice_copy(pool, slice_from(text.data, len));

	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '\0')
			copy[i] = '?'; /* would end the text */
	}
	return pool_printf(pool, "%s%s", text_make_printable(copy), len < text.len ? "..." : "");
}

static struct verdict decide(enum result result, const char *reason)
{
	return (struct verdict){.result = result, .reason = reason};
}

static struct outcome no_match(void)
{
	return (struct outcome){.match = SPF_MATCH_NO};
}

static struct outcome trouble(enum spf_match match, const char *problem)
{
	return (struct outcome){.match = match, .problem = problem};
}

/* macro_value - a spf_macro_source; context is the scope */
static struct slice macro_value(void *context, char letter)
{
	const struct scope *scope = context;
	struct check *check = scope->check;

	switch (letter) {
	case 'd': return slice_of(scope->domain);
	case 't': return slice_of(pool_printf(check->pool, "%lld", (long long)check->query.now));
	case 's':
	case 'l':
		if (!check->local_is_ascii)
			return slice_of(NULL);
	}
	return spf_matcher_value(check->matcher, letter, scope->domain);
}

/* needs_ascii - does a term match nothing because the local part has no place in DNS (8616 4)? */
static bool needs_ascii(const struct check *check, const struct spf_term *term)
{
	return !check->local_is_ascii &&
	       (spf_macro_uses(term->domain_spec, 's') || spf_macro_uses(term->domain_spec, 'l'));
}

/* target_of - the expanded domain-spec of a term, or NULL if it is no name (RFC 7208 4.8) */
static const char *target_of(struct check *check, const char *domain, const struct spf_term *term)
{
	struct scope scope = {.check = check, .domain = domain};
	struct spf_macro_source source = {.value = macro_value, .context = &scope};

	if (term->domain_spec.data == NULL)
		return domain;
	return spf_macro_target(check->pool, term->domain_spec, &source);
}

/* count_lookup - one more term that asks DNS; false if it is one too many */
static bool count_lookup(struct check *check)
{
	return ++check->lookups <= SPF_LOOKUPS_MAX;
}

/*
 * count_void - a term counts once, however many of its queries came back empty
 * (RFC 7208 4.6.4 limits the number of terms): an mx with three hosts without AAAA
 * must not turn every IPv6 client into a permerror.
 */
static bool count_void(struct check *check)
{
	if (spf_matcher_take_void(check->matcher))
		check->void_lookups++;
	return check->void_lookups <= SPF_VOID_LOOKUPS_MAX;
}

/* test_include - include:target (RFC 7208 5.2) */
static struct outcome test_include(struct check *check, const struct spf_term *term,
				   const char *target)
{
	struct verdict inner = check_host(check, target);
	const char *problem = inner.reason;

	if (slice_find(term->domain_spec, '%') < term->domain_spec.len)
		problem = pool_printf(check->pool, "(%s) %s", quote(check->pool, slice_of(target)),
				      inner.reason);
	switch (inner.result) {
	case RESULT_PASS: return (struct outcome){.match = SPF_MATCH_YES};
	case RESULT_FAIL:
	case RESULT_SOFTFAIL:
	case RESULT_NEUTRAL: return no_match();
	case RESULT_TEMPERROR: return trouble(SPF_MATCH_TEMPERROR, problem);
	default: return trouble(SPF_MATCH_PERMERROR, problem);
	}
}

/* test_client - a mechanism that libspf2 matches */
static struct outcome test_client(struct check *check, const struct spf_term *term,
				  const char *target)
{
	struct outcome outcome = {.match = spf_matcher_test(check->matcher, term, target)};

	outcome.problem = spf_matcher_problem(check->matcher);
	return outcome;
}

/* test_target - a mechanism that asks DNS */
static struct outcome test_target(struct check *check, const char *domain,
				  const struct spf_term *term)
{
	const char *target;

	if (needs_ascii(check, term))
		return no_match();
	target = target_of(check, domain, term);
	if (target == NULL && term->type == SPF_TERM_INCLUDE)
		return trouble(SPF_MATCH_PERMERROR, NO_NAME);
	if (target == NULL)
		return no_match();
	if (term->type == SPF_TERM_INCLUDE)
		return test_include(check, term, target);
	return test_client(check, term, target);
}

/* test_term - does a mechanism match? */
static struct outcome test_term(struct check *check, const char *domain,
				const struct spf_term *term)
{
	struct outcome outcome;

	if (term->type == SPF_TERM_ALL)
		return (struct outcome){.match = SPF_MATCH_YES};
	if (!spf_term_is_lookup(term))
		return test_client(check, term, domain);
	if (!count_lookup(check))
		return trouble(SPF_MATCH_PERMERROR, TOO_MANY_LOOKUPS);
	outcome = test_target(check, domain, term);
	if (!count_void(check) && outcome.match <= SPF_MATCH_YES)
		return trouble(SPF_MATCH_PERMERROR, TOO_MANY_VOID_LOOKUPS);
	return outcome;
}

/* trace_term - what -v says about a term */
static void trace_term(const struct check *check, const char *domain, const struct spf_term *term,
		       struct outcome outcome)
{
	static const char *const words[] = {
	    [SPF_MATCH_NO] = "no match",
	    [SPF_MATCH_YES] = "match",
	    [SPF_MATCH_TEMPERROR] = "temperror",
	    [SPF_MATCH_PERMERROR] = "permerror",
	};

	trace_print(check->trace, "%s: %.*s: %s (lookups: %u, void: %u)", domain,
		    (int)term->text.len, term->text.data, words[outcome.match], check->lookups,
		    check->void_lookups);
}

/* matched - the verdict of a mechanism that matched */
static struct verdict matched(const struct check *check, const char *domain,
			      const struct spf_term *term, const struct spf_term *exp)
{
	static const char *const phrases[] = {
	    [RESULT_PASS] = "permits",
	    [RESULT_FAIL] = "does not permit",
	    [RESULT_SOFTFAIL] = "probably does not permit",
	    [RESULT_NEUTRAL] = "says nothing about",
	};
	const char *reason =
	    pool_printf(check->pool, "\"%s\" %s %s", quote(check->pool, term->text),
			phrases[term->qualifier], check->query.client.text);
	struct verdict verdict = decide(term->qualifier, reason);

	verdict.mechanism = slice_copy(check->pool, term->text);
	verdict.domain = domain;
	verdict.exp = exp;
	return verdict;
}

/* stopped - the verdict of a term with an error */
static struct verdict stopped(const struct check *check, const struct spf_term *term,
			      struct outcome outcome)
{
	enum result result =
	    outcome.match == SPF_MATCH_TEMPERROR ? RESULT_TEMPERROR : RESULT_PERMERROR;

	return decide(result, pool_printf(check->pool, "%s: %s", quote(check->pool, term->text),
					  outcome.problem));
}

/* unmatched - the verdict of a record without a match and without redirect= (RFC 7208 4.7) */
static struct verdict unmatched(const struct check *check)
{
	struct verdict verdict =
	    decide(RESULT_NEUTRAL,
		   pool_printf(check->pool, "no mechanism matches %s", check->query.client.text));

	verdict.mechanism = "default";
	return verdict;
}

/* follow_redirect - redirect=target (RFC 7208 6.1) */
static struct verdict follow_redirect(struct check *check, const char *domain,
				      const struct spf_term *term)
{
	const char *target;
	struct verdict verdict;

	if (!count_lookup(check))
		return stopped(check, term, trouble(SPF_MATCH_PERMERROR, TOO_MANY_LOOKUPS));
	if (needs_ascii(check, term))
		return unmatched(check);
	target = target_of(check, domain, term);
	if (target == NULL)
		return stopped(check, term, trouble(SPF_MATCH_PERMERROR, NO_NAME));
	trace_print(check->trace, "%s: redirect to %s (lookups: %u, void: %u)", domain, target,
		    check->lookups, check->void_lookups);
	verdict = check_host(check, target);
	verdict.reason =
	    pool_printf(check->pool, "%s: %s", quote(check->pool, term->text), verdict.reason);
	if (verdict.result == RESULT_NONE)
		verdict.result = RESULT_PERMERROR;
	return verdict;
}

/* evaluate - the terms from left to right (RFC 7208 4.6.2), redirect= behind them all */
static struct verdict evaluate(struct check *check, const char *domain,
			       const struct spf_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];
		struct outcome outcome;

		if (!spf_term_is_mechanism(term))
			continue;
		outcome = test_term(check, domain, term);
		trace_term(check, domain, term, outcome);
		if (outcome.match == SPF_MATCH_YES)
			return matched(check, domain, term, record->exp);
		if (outcome.match != SPF_MATCH_NO)
			return stopped(check, term, outcome);
	}
	if (record->redirect != NULL)
		return follow_redirect(check, domain, record->redirect);
	return unmatched(check);
}

/* select_record - the one SPF record among the TXT records (RFC 7208 4.5), or a verdict */
static bool select_record(struct check *check, const struct dns_answer *answer, struct slice *text,
			  struct verdict *verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (spf_record_is(answer->records[i].text)) {
			*text = answer->records[i].text;
			count++;
		}
	}
	if (count == 0)
		*verdict = decide(RESULT_NONE, "no SPF record");
	else if (count > 1)
		*verdict =
		    decide(RESULT_PERMERROR,
			   pool_printf(check->pool, "%zu SPF records (RFC 7208 4.5)", count));
	return count == 1;
}

/* fetch_record - the SPF record of a domain, or a verdict (RFC 7208 4.3, 4.4) */
static bool fetch_record(struct check *check, const char *domain, struct slice *text,
			 struct verdict *verdict)
{
	const struct dns_answer *answer = dns_query(check->dns, domain, DNS_TXT, check->budget);

	switch (answer->status) {
	case DNS_FOUND: return select_record(check, answer, text, verdict);
	case DNS_NODATA: *verdict = decide(RESULT_NONE, "no SPF record"); return false;
	case DNS_NXDOMAIN: *verdict = decide(RESULT_NONE, "no such domain"); return false;
	default:
		*verdict = decide(RESULT_TEMPERROR, pool_printf(check->pool, "DNS %s",
								dns_status_word(answer->status)));
		return false;
	}
}

/* broken - the verdict of a record with errors (RFC 7208 4.6) */
static struct verdict broken(const struct check *check, const struct spf_record *record)
{
	const struct spf_syntax_error *error = &record->errors[0];
	size_t position = (size_t)(error->term.data - record->text.data);

	return decide(RESULT_PERMERROR,
		      pool_printf(check->pool, "\"%s\" at position %zu: %s (RFC 7208 %s)",
				  quote(check->pool, error->term), position, error->what,
				  error->section));
}

/*
 * check_host - what a domain says about the client (RFC 7208 4). It calls itself by way
 * of include and redirect, each of which count_lookup() has to allow.
 */
static struct verdict check_host(struct check *check, const char *domain)
{
	struct slice text = slice_of(NULL);
	struct spf_record record;
	struct verdict verdict;

	if (!fetch_record(check, domain, &text, &verdict)) {
		trace_print(check->trace, "%s: %s", domain, verdict.reason);
		return verdict;
	}
	trace_print(check->trace, "%s: \"%.*s\"", domain, (int)text.len, text.data);
	if (!spf_record_parse(check->pool, text, &record))
		return broken(check, &record);
	return evaluate(check, domain, &record);
}

static bool is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] > 127)
			return false;
	}
	return true;
}

/* name_for_macros - a HELO name with A-labels (RFC 8616 4); anything else as the client said it */
static const char *name_for_macros(struct pool *pool, const char *helo)
{
	const char *canonical = NULL;

	if (!is_ascii(slice_of(helo)))
		canonical = domain_canonical(pool, slice_of(helo));
	return canonical != NULL ? canonical : helo;
}

/*
 * identify - whose record is asked: domain and sender of the result. Without a sender it is
 * the HELO name (RFC 7208 2.4), without a local part it is postmaster's (4.3).
 */
static bool identify(struct check *check, const struct spf_query *query, struct spf_result *result)
{
	bool by_helo = result->identity == SPF_HELO || query->sender[0] == '\0';
	struct slice address = slice_of(by_helo ? query->helo : query->sender);
	size_t at = by_helo ? address.len : slice_find_last(address, '@');
	struct slice domain = at < address.len ? slice_skip(address, at + 1) : address;
	struct slice local = at < address.len ? slice_from(address.data, at) : slice_of(NULL);
	const char *canonical = domain_canonical(check->pool, domain);
	const char *shown = canonical != NULL ? canonical : slice_copy(check->pool, domain);

	if (local.len == 0)
		local = slice_of(POSTMASTER);
	check->local_is_ascii = is_ascii(local);
	result->sender = pool_printf(check->pool, "%s@%s", slice_copy(check->pool, local), shown);
	if (canonical != NULL && domain_is_qualified(canonical)) {
		result->domain = canonical;
		return true;
	}
	result->reason =
	    pool_printf(check->pool, "\"%s\" is not a qualified domain name (RFC 7208 4.3)",
			quote(check->pool, domain));
	return false;
}

/* explain - the domain's text on a fail; DNS trouble, limits and void lookups do not matter now */
static const char *explain(struct check *check, const struct verdict *verdict)
{
	struct scope scope = {.check = check, .domain = verdict->domain};
	struct spf_macro_source source = {.value = macro_value, .context = &scope};

	if (verdict->result != RESULT_FAIL || verdict->exp == NULL)
		return NULL;
	return spf_explain(check->pool, verdict->exp->domain_spec, &source, check->dns,
			   check->budget);
}

/* report - the verdict of the whole check */
static void report(struct check *check, const struct verdict *verdict, struct spf_result *result)
{
	result->result = verdict->result;
	result->reason = text_make_printable(
	    pool_printf(check->pool, "%s: %s", result->domain, verdict->reason));
	result->mechanism = verdict->mechanism;
	result->lookups = check->lookups;
	result->void_lookups = check->void_lookups;
	result->explanation = explain(check, verdict);
}

void spf_check(struct pool *pool, const struct spf_query *query, enum spf_identity identity,
	       struct dns *dns, struct dns_budget *budget, const struct trace *trace,
	       struct spf_result *result)
{
	struct check check = {
	    .pool = pool,
	    .query = *query,
	    .dns = dns,
	    .budget = budget,
	    .trace = trace,
	};
	struct verdict verdict;

	*result = (struct spf_result){.result = RESULT_NONE, .identity = identity, .domain = ""};
	if (identify(&check, query, result)) {
		check.query.helo = name_for_macros(pool, query->helo);
		check.query.sender = result->sender;
		check.matcher = spf_matcher_new(pool, &check.query, dns, budget);
		verdict = check_host(&check, result->domain);
		report(&check, &verdict, result);
		spf_matcher_free(check.matcher);
	}
	trace_print(trace, "%s: %s", result_word(result->result), result->reason);
}
