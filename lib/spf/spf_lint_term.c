/*
 * spf_lint_term - what is wrong with one term; see spf/spf_lint_term.h
 */
#include "spf/spf_lint_term.h"

#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"
#include "spf/macro.h"
#include "spf/spf_lint_lookup.h"
#include "spf/spf_networks.h"
#include "spf/spf_plausible.h"
#include "spf/spf_repair.h"

/* next_word - after a term of the record */
static struct slice next_word(const struct spf_visit *visit, struct slice term)
{
	struct slice text = visit->record.text;
	size_t end = (size_t)(term.data - text.data) + term.len;
	struct slice rest;

	while (end < text.len && text.data[end] == ' ')
		end++;
	rest = slice_skip(text, end);
	rest.len = slice_find(rest, ' ');
	return rest;
}

bool spf_lint_is_taken(const struct spf_visit *visit, struct slice word)
{
	for (size_t i = 0; i < visit->taken_count; i++) {
		if (visit->taken[i] == word.data)
			return true;
	}
	return false;
}

void spf_lint_repair(struct spf_linter *linter, struct spf_visit *visit,
		     enum finding_severity severity, struct slice term, struct spf_advice advice)
{
	struct spf_repair repair;
	struct slice next = next_word(visit, term);

	spf_repair(linter->pool, term, next, &repair);
	if (repair.meant != NULL && advice.text != NULL)
		advice.text = pool_printf(linter->pool, "%s: %s", advice.text, repair.meant);
	else if (advice.text == NULL)
		advice.text = repair.meant != NULL ? repair.meant : "cannot be what was meant";
	advice.remedy = repair.remedy;
	advice.write = repair.write;
	if (repair.write != NULL && slice_is(term, repair.write)) { /* the second one of its name */
		advice.remedy = "take one of them out";
		advice.write = "";
	}
	spf_finding_term(linter, visit, severity, term, advice);
	if (repair.takes_next) {
		visit->taken = pool_grow(linter->pool, visit->taken, visit->taken_count,
					 sizeof(*visit->taken));
		visit->taken[visit->taken_count++] = next.data;
		spf_finding_correct(linter, visit, next, "");
	}
}

/* lint_unknown - a modifier that RFC 7208 does not define; perhaps it was to be a term */
static void lint_unknown(struct spf_linter *linter, struct spf_visit *visit,
			 const struct spf_term *term)
{
	struct slice name = slice_from(term->text.data, slice_find(term->text, '='));
	struct spf_advice advice = {.section = "6", .text = "is ignored"};

	if (spf_is_mechanism_name(name))
		advice.text = "is ignored: after the name of a mechanism comes a colon, not \"=\"";
	spf_lint_repair(linter, visit, FINDING_WARNING, term->text, advice);
}

/* lint_network - the client's address is compared with what is written here */
static void lint_network(struct spf_linter *linter, const struct spf_visit *visit,
			 const struct spf_term *term)
{
	bool is_network = term->type == SPF_TERM_IP4 || term->type == SPF_TERM_IP6;
	const char *danger = is_network ? spf_network_danger(term) : NULL;
	const char *clean = is_network ? spf_network_clean(linter->pool, term) : NULL;

	if (term->qualifier == RESULT_PASS && spf_network_is_world(term)) {
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = is_network ? "5.6" : "5.3",
			.text = "lets every host in the world pass, or a great part of it",
			.remedy = "take it out, and name the networks of your mail servers",
			.write = ""});
		spf_finding_drop_reason(linter, visit);
	} else if (danger != NULL) {
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = "5.6",
			.text = pool_printf(
			    linter->pool, "%s: no mail comes from there over the Internet", danger),
			.remedy = "take it out; name the address that others see",
			.write = ""});
	} else if (clean != NULL) {
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = "5.6",
			.text = "has bits set after the prefix, which are ignored",
			.remedy =
			    pool_printf(linter->pool,
					"write \"%s\" for the network, or leave the prefix out for "
					"the one host",
					clean),
			.write = clean});
	}
}

/* is_same - do two terms match the same clients? Qualifiers make no difference: the first matches
 */
static bool is_same(struct pool *pool, const struct spf_term *a, const struct spf_term *b)
{
	const char *one, *other;

	if (a->type != b->type || a->prefix4 != b->prefix4 || a->prefix6 != b->prefix6 ||
	    a->type == SPF_TERM_UNKNOWN || a->type == SPF_TERM_ALL)
		return slice_equal_nocase(a->text, b->text);
	if (a->type == SPF_TERM_IP4)
		return a->network4.s_addr == b->network4.s_addr;
	if (a->type == SPF_TERM_IP6)
		return memcmp(&a->network6, &b->network6, sizeof(a->network6)) == 0;
	if (a->domain_spec.data == NULL || b->domain_spec.data == NULL)
		return a->domain_spec.data == b->domain_spec.data;
	one = domain_canonical(pool, a->domain_spec);
	other = domain_canonical(pool, b->domain_spec);
	if (one == NULL || other == NULL)
		return slice_equal_nocase(a->domain_spec, b->domain_spec);
	return strcmp(one, other) == 0;
}

/* is_earlier - is the same term there before? */
static bool is_earlier(struct pool *pool, const struct spf_record *record,
		       const struct spf_term *term)
{
	for (const struct spf_term *other = record->terms; other < term; other++) {
		if (is_same(pool, other, term))
			return true;
	}
	return false;
}

void spf_lint_mechanism(struct spf_linter *linter, struct spf_visit *visit,
			const struct spf_term *term)
{
	if (term->type == SPF_TERM_UNKNOWN && !spf_term_is_plausible(linter->pool, term->text)) {
		lint_unknown(linter, visit, term);
		return;
	}
	lint_network(linter, visit, term);
	if (term->domain_spec.data != NULL && term->type != SPF_TERM_UNKNOWN &&
	    spf_macro_uses(term->domain_spec, 'p'))
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){.section = "7.2",
					.text = "%{p} is slow and unreliable, do not use it",
					.remedy = "take it out, or use %{i}, the address",
					.write = ""});
	if (is_earlier(linter->pool, &visit->record, term))
		spf_finding_warn(linter, visit, term,
				 (struct spf_advice){
				     .section = "4.6.4",
				     .text = "is there a second time, which does nothing but cost",
				     .remedy = "take one of them out",
				     .write = ""});
	if (term->type == SPF_TERM_EXP && visit->is_own)
		spf_lint_exp(linter, visit, term);
}
