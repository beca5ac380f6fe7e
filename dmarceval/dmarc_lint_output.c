/*
 * dmarc_lint_output - dmarceval --lint: what is wrong with a record; see dmarc_lint_output.h
 */
#include "dmarc_lint_output.h"

#include "base/pool.h"
#include "dmarc/dmarc_lint.h"

/* print_people - the record, and a line for each finding */
static bool print_people(struct pool *pool, const struct dmarc_lint *lint)
{
	if (lint->record != NULL &&
	    !filter_print(pool_printf(pool, "%s%s%s", lint->domain != NULL ? lint->domain : "",
				      lint->domain != NULL ? ": " : "", lint->record)))
		return false;
	for (size_t i = 0; i < lint->findings.count; i++) {
		const struct finding *finding = &lint->findings.items[i];
		const char *place = "";

		if (finding->term != NULL)
			place = pool_printf(pool, "\"%s\" at position %zu ", finding->term,
					    finding->position);
		if (!filter_print(pool_printf(pool, "%s: %s%s (%s)",
					      finding_severity_word(finding->severity), place,
					      finding->text, finding->section)))
			return false;
	}
	return true;
}

int lint_run(struct filter *filter, const char *subject)
{
	struct dns_budget budget;
	struct dmarc_lint lint;
	struct error error;
	bool good;

	if (!filter_open(filter, &error))
		return filter_fail(filter, &error);
	filter_confine(filter, (struct sandbox){.dns = true});
	budget = filter_budget(filter);
	if (!dmarc_lint(filter->pool, subject, filter->dns, &budget, &lint, &error))
		return filter_fail(filter, &error);
	good = filter->options.json ? findings_print_json(&lint.findings)
				    : print_people(filter->pool, &lint);
	return good ? findings_status(&lint.findings) : filter_unwritten(filter);
}
