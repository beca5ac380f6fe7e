/*
 * spf_lint_walk - through a record, its includes and its redirect; see spf/spf_lint_walk.h
 *
 * A stranger's records may include each other endlessly: who was visited on the way is
 * known, and SPF_LINT_LOOKUPS_MAX ends what DNS is asked for.
 */
#include "spf/spf_lint_walk.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"
#include "spf/spf_lint_lookup.h"
#include "spf/spf_lint_shape.h"
#include "spf/spf_lint_term.h"
#include "spf/spf_plausible.h"

enum spf_search spf_lint_search(struct spf_linter *linter, const char *domain, struct slice *text,
				const struct dns_answer **answer)
{
	size_t count = 0;

	*answer = dns_query(linter->dns, domain, DNS_TXT, linter->budget);
	if ((*answer)->status != DNS_FOUND && !spf_lint_is_void(*answer))
		return SPF_SEARCH_FAILED;
	for (size_t i = 0; i < (*answer)->count; i++) {
		if (spf_record_is((*answer)->records[i].text)) {
			*text = (*answer)->records[i].text;
			count++;
		}
	}
	return count == 0 ? SPF_SEARCH_NONE : count == 1 ? SPF_SEARCH_FOUND : SPF_SEARCH_SEVERAL;
}

/* merged - one record for all of a domain; NULL if they cannot be read */
static const char *merged(struct spf_linter *linter, const struct dns_answer *answer)
{
	const char *record = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].text;

		if (!spf_record_is(text))
			continue;
		record = record == NULL
			     ? slice_copy(linter->pool, text)
			     : spf_correction_merge(linter->pool, slice_of(record), text);
		if (record == NULL)
			return NULL;
	}
	return record;
}

void spf_lint_several(struct spf_linter *linter, const struct spf_visit *visit, const char *domain,
		      const struct dns_answer *answer)
{
	const char *record = merged(linter, answer);
	struct spf_visit shown = {.from = visit, .domain = domain};
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->records[i].text))
			continue;
		shown.depth = visit != NULL ? visit->depth + 1 : 0;
		shown.record.text = answer->records[i].text;
		spf_finding_line(linter, &shown, answer->records[i].text, domain);
		count++;
	}
	if (visit == NULL)
		linter->lint->corrected = record;
	spf_finding_record(
	    linter, FINDING_ERROR, domain,
	    (struct spf_advice){
		.section = "4.5",
		.text = pool_printf(linter->pool, "several SPF records, %zu: permerror", count),
		.remedy = record != NULL ? pool_printf(linter->pool,
						       "publish one record in place of all: \"%s\"",
						       text_visible(linter->pool, slice_of(record)))
					 : "publish one record with the terms of all"});
}

/* was_visited - is this the domain of one of the records that led here? */
static bool was_visited(const struct spf_visit *visit, const char *domain)
{
	for (; visit != NULL; visit = visit->from) {
		if (domain_equal(visit->domain, domain))
			return true;
	}
	return false;
}

/* find_loop - an include or a redirect to a record that led here */
static void find_loop(struct spf_linter *linter, const struct spf_visit *visit,
		      const struct spf_term *term)
{
	spf_finding_warn(linter, visit, term,
			 (struct spf_advice){.section = "4.6.4",
					     .text = "leads back to itself: permerror",
					     .remedy = "take it out",
					     .write = ""});
}

/* find_nothing - an include or a redirect to a domain without a record */
static void find_nothing(struct spf_linter *linter, const struct spf_visit *visit,
			 const struct spf_term *term, const char *target)
{
	spf_finding_warn(
	    linter, visit, term,
	    (struct spf_advice){
		.section = term->type == SPF_TERM_INCLUDE ? "5.2" : "6.1",
		.text = pool_printf(linter->pool, "%s has no SPF record: permerror", target),
		.remedy = pool_printf(linter->pool,
				      "take it out, or write the name that the provider gives; "
				      "a host of that name is \"a:%s\"",
				      target),
		.write = ""});
}

/* follow - the record that include= or redirect= names */
static void follow(struct spf_linter *linter, const struct spf_visit *visit,
		   const struct spf_term *term, const char *target)
{
	bool is_include = term->type == SPF_TERM_INCLUDE;
	struct spf_visit next = {
	    .from = visit,
	    .domain = target,
	    .depth = visit->depth + 1,
	    .is_own = visit->is_own && !is_include,
	    .reason = visit->from == NULL ? term->text : visit->reason,
	};
	struct slice text = slice_of(NULL);
	const struct dns_answer *answer;

	if (was_visited(visit, target)) {
		find_loop(linter, visit, term);
		return;
	}
	if (visit->depth == SPF_LINT_DEPTH_MAX)
		return; /* more than 10 lookups, which is said at the end */
	switch (spf_lint_search(linter, target, &text, &answer)) {
	case SPF_SEARCH_FOUND: spf_lint_walk(linter, &next, text); break;
	case SPF_SEARCH_SEVERAL: spf_lint_several(linter, visit, target, answer); break;
	case SPF_SEARCH_NONE: find_nothing(linter, visit, term, target); break;
	case SPF_SEARCH_FAILED:
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = "4.4",
			.text = pool_printf(linter->pool, "DNS %s for %s: temperror",
					    dns_status_word(answer->status), target),
			.remedy = pool_printf(linter->pool, "try again; if it stays so, tell %s",
					      target)});
		break;
	}
}

/* lint_lookup - a term that asks DNS */
static void lint_lookup(struct spf_linter *linter, const struct spf_visit *visit,
			const struct spf_term *term)
{
	bool is_known;
	const char *target = spf_lint_target(linter, visit, term, &is_known);
	bool follows = term->type == SPF_TERM_INCLUDE || term->type == SPF_TERM_REDIRECT;

	if (++linter->lint->lookups > SPF_LINT_LOOKUPS_MAX)
		return;
	if (term->type == SPF_TERM_PTR)
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){.section = "5.5",
					.text = "ptr is slow and unreliable, do not use it",
					.remedy =
					    "take it out, and name the hosts by ip4:, ip6: or a:",
					.write = ""});
	if (follows && slice_is_nocase(term->domain_spec, "%{d}")) {
		find_loop(linter, visit, term);
		return;
	}
	if (is_known && target == NULL) {
		spf_lint_no_name(linter, visit, term, follows);
		return;
	}
	if (target == NULL)
		return;
	switch (term->type) {
	case SPF_TERM_A: spf_lint_a(linter, visit, term, target); break;
	case SPF_TERM_MX: spf_lint_mx(linter, visit, term, target); break;
	case SPF_TERM_EXISTS: spf_lint_exists(linter, visit, term, target); break;
	case SPF_TERM_INCLUDE:
	case SPF_TERM_REDIRECT: follow(linter, visit, term, target); break;
	default: break;
	}
}

/* lint_term - one term and its cost */
static void lint_term(struct spf_linter *linter, struct spf_visit *visit,
		      const struct spf_term *term, bool is_reached)
{
	size_t line = spf_finding_line(linter, visit, term->text, NULL);
	unsigned lookups = linter->lint->lookups;
	unsigned voids = linter->lint->void_lookups;
	bool is_odd =
	    term->type != SPF_TERM_UNKNOWN && !spf_term_is_plausible(linter->pool, term->text);
	bool follows = term->type == SPF_TERM_INCLUDE || term->type == SPF_TERM_REDIRECT;

	if (is_odd)
		spf_lint_repair(linter, visit, follows ? FINDING_ERROR : FINDING_WARNING,
				term->text, (struct spf_advice){.section = "7.1"});
	else
		spf_lint_mechanism(linter, visit, term);
	if (is_reached && spf_term_is_lookup(term) && !is_odd)
		lint_lookup(linter, visit, term);
	else if (is_reached && spf_term_is_lookup(term))
		linter->lint->lookups++;
	linter->lint->lines[line].lookups = linter->lint->lookups - lookups;
	linter->lint->lines[line].void_lookups = linter->lint->void_lookups - voids;
}

/* lint_terms - in their order */
static void lint_terms(struct spf_linter *linter, struct spf_visit *visit,
		       const struct spf_term *all)
{
	bool is_reached = true;

	for (size_t i = 0; i < visit->record.count; i++) {
		const struct spf_term *term = &visit->record.terms[i];

		if (spf_lint_is_taken(visit, term->text) || spf_lint_again(linter, visit, term))
			continue;
		if (term->type == SPF_TERM_REDIRECT)
			lint_term(linter, visit, term, all == NULL);
		else
			lint_term(linter, visit, term, is_reached);
		is_reached = is_reached && term != all;
	}
}

void spf_lint_walk(struct spf_linter *linter, struct spf_visit *visit, struct slice text)
{
	const struct spf_term *all;

	visit->record.text = text;
	spf_finding_line(linter, visit, text, visit->domain);
	text = spf_lint_cut_other(linter, visit, text);
	if (visit->from == NULL)
		linter->correction =
		    spf_correction_new(linter->pool, slice_skip(text, strlen(SPF_VERSION)));
	spf_record_parse(linter->pool, text, &visit->record);
	spf_lint_errors(linter, visit);
	all = spf_lint_all(visit);
	spf_lint_shape(linter, visit, all);
	lint_terms(linter, visit, all);
}
