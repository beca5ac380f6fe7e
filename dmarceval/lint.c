/*
 * lint - dmarceval --lint: what is wrong with a record; see lint.h
 */
#include "lint.h"

#include <sysexits.h>

#include "dmarc_lint.h"
#include "json.h"
#include "pool.h"

#define STATUS_WARNINGS 1
#define STATUS_ERRORS   2

static const char *const severities[] = {[DMARC_WARNING] = "warning", [DMARC_ERROR] = "error"};

/* print_people - the record, and a line for each finding */
static bool print_people(struct pool *pool, const struct dmarc_lint *lint)
{
	if (lint->record != NULL &&
	    !filter_print(pool_printf(pool, "%s%s%s", lint->domain != NULL ? lint->domain : "",
				      lint->domain != NULL ? ": " : "", lint->record)))
		return false;
	for (size_t i = 0; i < lint->count; i++) {
		const struct dmarc_finding *finding = &lint->findings[i];
		const char *place = "";

		if (finding->term != NULL)
			place = pool_printf(pool, "\"%s\" at position %zu ", finding->term,
					    finding->position);
		if (!filter_print(pool_printf(pool, "%s: %s%s (%s)", severities[finding->severity],
					      place, finding->text, finding->section)))
			return false;
	}
	return true;
}

/* print_json - one object a finding */
static bool print_json(const struct dmarc_lint *lint)
{
	for (size_t i = 0; i < lint->count; i++) {
		const struct dmarc_finding *finding = &lint->findings[i];
		struct json json;

		json_begin(&json);
		json_string(&json, "severity", severities[finding->severity]);
		json_string(&json, "domain", lint->domain);
		json_string(&json, "term", finding->term);
		json_number(&json, "position", (long long)finding->position);
		json_string(&json, "section", finding->section);
		json_string(&json, "text", finding->text);
		if (!json_end(&json))
			return false;
	}
	return true;
}

/* exit_status - of what was found */
static int exit_status(const struct dmarc_lint *lint)
{
	if (dmarc_lint_has(lint, DMARC_ERROR))
		return STATUS_ERRORS;
	return dmarc_lint_has(lint, DMARC_WARNING) ? STATUS_WARNINGS : EX_OK;
}

int lint_run(struct filter *filter, const char *subject)
{
	struct dns_budget budget;
	struct dmarc_lint lint;
	struct error error;
	bool good;

	if (!filter_open(filter, &error))
		return filter_fail(filter, &error);
	budget = filter_budget(filter);
	if (!dmarc_lint(filter->pool, subject, filter->dns, &budget, &lint, &error))
		return filter_fail(filter, &error);
	good = filter->options.json ? print_json(&lint) : print_people(filter->pool, &lint);
	return good ? exit_status(&lint) : filter_unwritten(filter);
}
