/*
 * finding - what is wrong with a published record; see finding.h
 */
#include "base/finding.h"

#include <sysexits.h>

#include "base/json.h"
#include "base/pool.h"

#define STATUS_WARNINGS 1
#define STATUS_ERRORS   2

void findings_add(struct pool *pool, struct findings *findings, struct finding finding)
{
	findings->items = pool_grow(pool, findings->items, findings->count, sizeof(finding));
	findings->items[findings->count++] = finding;
}

bool findings_have(const struct findings *findings, enum finding_severity severity)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->items[i].severity == severity)
			return true;
	}
	return false;
}

const char *finding_severity_word(enum finding_severity severity)
{
	return severity == FINDING_ERROR ? "error" : "warning";
}

bool findings_print_json(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		struct json json;

		json_begin(&json);
		json_string(&json, "severity", finding_severity_word(finding->severity));
		json_string(&json, "domain", finding->domain);
		json_string(&json, "term", finding->term);
		json_number(&json, "position", (long long)finding->position);
		json_string(&json, "section", finding->section);
		json_string(&json, "text", finding->text);
		json_string(&json, "remedy", finding->remedy);
		if (!json_end(&json))
			return false;
	}
	return true;
}

int findings_status(const struct findings *findings)
{
	if (findings_have(findings, FINDING_ERROR))
		return STATUS_ERRORS;
	return findings_have(findings, FINDING_WARNING) ? STATUS_WARNINGS : EX_OK;
}
