/*
 * spf_lint_shape - what is wrong with a record as a whole; see spf/spf_lint_shape.h
 */
#include "spf/spf_lint_shape.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "spf/spf_lint_term.h"

const struct spf_term *spf_lint_all(const struct spf_visit *visit)
{
	const struct spf_record *record = &visit->record;

	for (size_t i = 0; i < record->count; i++) {
		if (record->terms[i].type == SPF_TERM_ALL &&
		    !spf_lint_is_taken(visit, record->terms[i].text))
			return &record->terms[i];
	}
	return NULL;
}

/* lint_unreached - terms that no evaluation comes to */
static void lint_unreached(struct spf_linter *linter, const struct spf_visit *visit,
			   const struct spf_term *all)
{
	const struct spf_record *record = &visit->record;

	for (const struct spf_term *term = all + 1; term < record->terms + record->count; term++) {
		if (!spf_term_is_mechanism(term))
			continue;
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){.section = "5.1",
					.text = "is never reached: it comes after all",
					.remedy = "write one all, as the last mechanism"});
		break;
	}
	if (record->redirect != NULL)
		spf_finding_warn(linter, visit, record->redirect,
				 (struct spf_advice){.section = "6.1",
						     .text = "is ignored: there is an all",
						     .remedy = "take out redirect=, or all",
						     .write = ""});
}

void spf_lint_shape(struct spf_linter *linter, const struct spf_visit *visit,
		    const struct spf_term *all)
{
	const struct spf_record *record = &visit->record;

	if (all != NULL && all->qualifier == RESULT_PASS) {
		spf_finding_warn(
		    linter, visit, all,
		    (struct spf_advice){
			.section = "5.1",
			.text = "lets every host in the world pass",
			.remedy = "write \"~all\", and \"-all\" when all of your mail passes",
			.write = "~all"});
		spf_finding_drop_reason(linter, visit);
	}
	if (!visit->is_own)
		return;
	if (all != NULL && all->qualifier == RESULT_NEUTRAL)
		spf_finding_warn(
		    linter, visit, all,
		    (struct spf_advice){
			.section = "5.1",
			.text = "says nothing about all other hosts",
			.remedy = "write \"~all\", and \"-all\" when all of your mail passes",
			.write = "~all"});
	if (all != NULL)
		lint_unreached(linter, visit, all);
	else if (record->redirect == NULL && record->error_count == 0)
		spf_finding_record(linter, FINDING_WARNING, visit->domain,
				   (struct spf_advice){
				       .section = "4.7",
				       .text = "neither all nor redirect=: says nothing about all "
					       "other hosts",
				       .remedy = "write \"~all\" at the end, and \"-all\" when all "
						 "of your mail passes"});
	if (record->text.len > SPF_RECORD_OCTETS_MAX)
		spf_finding_record(
		    linter, FINDING_WARNING, visit->domain,
		    (struct spf_advice){
			.section = "3.4",
			.text = pool_printf(linter->pool, "%zu octets, the answer should fit in %d",
					    record->text.len, SPF_RECORD_OCTETS_MAX),
			.remedy =
			    "move terms into records of their own, such as "
			    "\"include:_spf1.example.com\"; spfcheck --flatten divides a record"});
}

void spf_lint_errors(struct spf_linter *linter, struct spf_visit *visit)
{
	for (size_t i = 0; i < visit->record.error_count; i++) {
		const struct spf_syntax_error *error = &visit->record.errors[i];
		struct finding *finding;
		struct spf_advice advice = {.section = error->section, .text = error->what};

		if (spf_lint_is_taken(visit, error->term))
			continue;
		spf_lint_repair(linter, visit, FINDING_ERROR, error->term, advice);
		finding = &linter->lint->findings.items[linter->lint->findings.count - 1];
		finding->position = error->position + visit->shift;
	}
	if (visit->record.error_count > 0)
		spf_finding_drop_reason(linter, visit);
}

/* other_record - where another record begins in the middle of this one; text.len if none does */
static size_t other_record(struct slice text)
{
	for (size_t at = strlen(SPF_VERSION); at + 2 < text.len; at++) {
		bool starts = text.data[at - 1] == ' ' || text.data[at - 1] == ';';

		if (starts && slice_starts_nocase(slice_skip(text, at), "v=") &&
		    !slice_starts_nocase(slice_skip(text, at), "v=spf"))
			return at;
	}
	return text.len;
}

struct slice spf_lint_cut_other(struct spf_linter *linter, const struct spf_visit *visit,
				struct slice text)
{
	size_t at = other_record(text);
	struct slice other = slice_skip(text, at);
	bool is_dmarc = slice_starts_nocase(other, "v=dmarc");

	if (at == text.len)
		return text;
	spf_finding_add(
	    linter, (struct finding){
			.severity = FINDING_WARNING,
			.domain = visit->domain,
			.term = text_excerpt(linter->pool, other),
			.position = at + visit->shift,
			.section = "3.1",
			.text = "is another record, which does not count in here",
			.remedy = spf_finding_remedy(
			    linter, visit,
			    pool_printf(linter->pool, "publish it as a TXT record of its own%s%s%s",
					is_dmarc ? " at _dmarc." : "",
					!is_dmarc                  ? ""
					: visit->domain[0] != '\0' ? visit->domain
								   : "example.com",
					", and take it out here")),
		    });
	return slice_trim(slice_from(text.data, at));
}

bool spf_lint_again(struct spf_linter *linter, struct spf_visit *visit, const struct spf_term *term)
{
	if (!slice_starts_nocase(term->text, "v=spf"))
		return false;
	spf_finding_warn(
	    linter, visit, term,
	    (struct spf_advice){.section = "3.2",
				.text = "is the beginning of a second record in this one",
				.remedy = "take it out, and have one all at the end",
				.write = ""});
	return true;
}
