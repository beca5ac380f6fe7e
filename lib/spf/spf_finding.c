/*
 * spf_finding - what is found of a record, and where it is in it; see spf/spf_finding.h
 */
#include "spf/spf_finding.h"

#include "base/pool.h"
#include "base/printable.h"

void spf_finding_add(struct spf_linter *linter, struct finding finding)
{
	findings_add(linter->pool, &linter->lint->findings, finding);
}

/* position_in - octets of the record before a term */
static size_t position_in(const struct spf_visit *visit, struct slice term)
{
	return (size_t)(term.data - visit->record.text.data) + visit->shift;
}

void spf_finding_correct(struct spf_linter *linter, const struct spf_visit *visit,
			 struct slice term, const char *write)
{
	if (linter->correction != NULL && visit->from == NULL)
		spf_correction_set(linter->correction, term, write);
}

const char *spf_finding_remedy(struct spf_linter *linter, const struct spf_visit *visit,
			       const char *remedy)
{
	if (visit->from == NULL)
		return remedy;
	if (visit->is_own)
		return pool_printf(linter->pool, "in the record of %s: %s", visit->domain, remedy);
	return pool_printf(linter->pool, "tell %s, whose record it is: %s", visit->domain, remedy);
}

void spf_finding_term(struct spf_linter *linter, const struct spf_visit *visit,
		      enum finding_severity severity, struct slice term, struct spf_advice advice)
{
	spf_finding_add(linter, (struct finding){
				    .severity = severity,
				    .domain = visit->domain,
				    .term = text_excerpt(linter->pool, term),
				    .position = position_in(visit, term),
				    .section = advice.section,
				    .text = advice.text,
				    .remedy = spf_finding_remedy(linter, visit, advice.remedy),
				});
	if (advice.write != NULL)
		spf_finding_correct(linter, visit, term, advice.write);
}

void spf_finding_warn(struct spf_linter *linter, const struct spf_visit *visit,
		      const struct spf_term *term, struct spf_advice advice)
{
	spf_finding_term(linter, visit, FINDING_WARNING, term->text, advice);
}

void spf_finding_record(struct spf_linter *linter, enum finding_severity severity,
			const char *domain, struct spf_advice advice)
{
	spf_finding_add(linter, (struct finding){
				    .severity = severity,
				    .domain = domain,
				    .section = advice.section,
				    .text = advice.text,
				    .remedy = advice.remedy,
				});
}

size_t spf_finding_line(struct spf_linter *linter, const struct spf_visit *visit, struct slice text,
			const char *domain)
{
	struct spf_lint *lint = linter->lint;
	struct spf_lint_line line = {
	    .depth = visit->depth,
	    .domain = domain,
	    .text = text_visible(linter->pool, text),
	    .position = position_in(visit, text),
	};

	lint->lines = pool_grow(linter->pool, lint->lines, lint->line_count, sizeof(line));
	lint->lines[lint->line_count] = line;
	return lint->line_count++;
}

void spf_finding_drop_reason(struct spf_linter *linter, const struct spf_visit *visit)
{
	if (visit->from != NULL && !visit->is_own && linter->correction != NULL)
		spf_correction_set(linter->correction, visit->reason, "");
}
