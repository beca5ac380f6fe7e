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
	    !tool_print(pool_printf(pool, "%s%s%s", lint->domain != NULL ? lint->domain : "",
				    lint->domain != NULL ? ": " : "", lint->record)))
		return false;
	for (size_t i = 0; i < lint->findings.count; i++) {
		const struct finding *finding = &lint->findings.items[i];
		const char *place = "";

		if (finding->term != NULL)
			place = pool_printf(pool, "\"%s\" at position %zu ", finding->term,
					    finding->position);
		if (!tool_print(pool_printf(pool, "%s: %s%s (%s)",
					    finding_severity_word(finding->severity), place,
					    finding->text, finding->section)))
			return false;
		if (finding->remedy != NULL &&
		    !tool_print(pool_printf(pool, "  remedy: %s", finding->remedy)))
			return false;
	}
	return true;
}

int lint_run(struct tool_context *context, const char *subject)
{
	struct dns_budget budget;
	struct dmarc_lint lint;
	struct error error;
	bool good;

	if (!tool_begin_dns(context, &budget, &error))
		return tool_fail(context, &error);
	if (!dmarc_lint(context->pool, subject, context->dns, &budget, &lint, &error))
		return tool_fail(context, &error);
	good = context->options.json ? findings_print_json(&lint.findings)
				     : print_people(context->pool, &lint);
	return good ? findings_status(&lint.findings) : tool_unwritten(context);
}
