/*
 * lint_finding - what is wrong with a published record; see lint_finding.h
 */
#include "lint_finding.h"

#include <sysexits.h>

#include "json.h"
#include "pool.h"

#define STATUS_WARNINGS 1
#define STATUS_ERRORS   2

void lint_add(struct pool *pool, struct lint_findings *findings, struct lint_finding finding)
{
	findings->items = pool_grow(pool, findings->items, findings->count, sizeof(finding));
	findings->items[findings->count++] = finding;
}

bool lint_has(const struct lint_findings *findings, enum lint_severity severity)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].severity == severity)
			return true;
	}
	return false;
}

const char *lint_severity_word(enum lint_severity severity)
{
	return severity == LINT_ERROR ? "error" : "warning";
}

bool lint_print_json(const struct lint_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct lint_finding *finding = &findings->items[i];
		struct json json;

		json_begin(&json);
		json_string(&json, "severity", lint_severity_word(finding->severity));
		json_string(&json, "domain", finding->domain);
		json_string(&json, "term", finding->term);
		json_number(&json, "position", (long long)finding->position);
		json_string(&json, "section", finding->section);
		json_string(&json, "text", finding->text);
		if (!json_end(&json))
			return false;
	}
	return true;
}

int lint_status(const struct lint_findings *findings)
{
	if (lint_has(findings, LINT_ERROR))
		return STATUS_ERRORS;
	return lint_has(findings, LINT_WARNING) ? STATUS_WARNINGS : EX_OK;
}
