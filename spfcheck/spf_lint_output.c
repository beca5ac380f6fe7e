/*
 * spf_lint_output - spfcheck --lint: what is wrong with a record, and what it costs
 */
#include "spf_lint_output.h"

#include "base/json.h"
#include "base/pool.h"
#include "base/printable.h"
#include "spf/evaluate.h"
#include "spf/spf_lint.h"

#define INDENT 2 /* columns for each level of include */

/* print_lines - the records and what each term costs */
static bool print_lines(struct pool *pool, const struct spf_lint *lint)
{
	bool good = true;

	for (size_t i = 0; good && i < lint->line_count; i++) {
		const struct spf_lint_line *line = &lint->lines[i];
		int indent = (int)line->depth * INDENT;

		if (line->domain != NULL)
			good = tool_print(pool_printf(pool, "%*s%s%s%s", indent, "", line->domain,
						      line->domain[0] != '\0' ? ": " : "",
						      line->text));
		else
			good = tool_print(pool_printf(
			    pool, "%*s  position %zu, lookups %u, void %u: %s", indent, "",
			    line->position, line->lookups, line->void_lookups, line->text));
	}
	return good;
}

/* print_finding - "error: example.org: "ipv4:192.0.2.1" at position 7: ... (RFC 7208 4.6.1)" */
static bool print_finding(struct pool *pool, const struct finding *finding)
{
	const char *place = "";

	if (finding->term != NULL)
		place =
		    pool_printf(pool, "\"%s\" at position %zu: ", finding->term, finding->position);
	if (!tool_print(pool_printf(pool, "%s: %s%s%s%s (RFC 7208 %s)",
				    finding_severity_word(finding->severity), finding->domain,
				    finding->domain[0] != '\0' ? ": " : "", place, finding->text,
				    finding->section)))
		return false;
	return finding->remedy == NULL ||
	       tool_print(pool_printf(pool, "  remedy: %s", finding->remedy));
}

/* print_people - all of it as text */
static bool print_people(struct pool *pool, const struct spf_lint *lint)
{
	if (!print_lines(pool, lint))
		return false;
	if (lint->line_count != 0 &&
	    !tool_print(pool_printf(
		pool, "in all %u of %d lookups, %u of %d void lookups, %zu of %d octets",
		lint->lookups, SPF_LOOKUPS_MAX, lint->void_lookups, SPF_VOID_LOOKUPS_MAX,
		lint->octets, SPF_RECORD_OCTETS_MAX)))
		return false;
	for (size_t i = 0; i < lint->findings.count; i++) {
		if (!print_finding(pool, &lint->findings.items[i]))
			return false;
	}
	return lint->corrected == NULL ||
	       tool_print(pool_printf(pool, "with these remedies: %s",
				      text_visible(pool, slice_of(lint->corrected))));
}

/* print_json - one object a finding, and a last one with what all of it costs */
static bool print_json(const struct spf_lint *lint)
{
	struct json json;

	if (!findings_print_json(&lint->findings))
		return false;
	json_begin(&json);
	json_string(&json, "severity", "info");
	json_number(&json, "lookups", lint->lookups);
	json_number(&json, "void_lookups", lint->void_lookups);
	json_number(&json, "octets", (long long)lint->octets);
	if (lint->corrected != NULL)
		json_string(&json, "corrected", lint->corrected);
	return json_end(&json);
}

bool lint_is_quoted(const struct tool_context *context, const char *subject,
		    const struct option_list *operands, struct error *error)
{
	const char *rest = operands->count > 0 ? operands->items[0] : NULL;

	if (rest == NULL && slice_is_nocase(slice_of(subject), "v=spf1") &&
	    slice_is_nocase(slice_of(context->options.authserv_id), "ll"))
		rest = "-all";
	if (rest == NULL)
		return true;
	rest = text_visible(context->pool, slice_of(rest));
	if (subject[0] == '-')
		return error_set(error, STATUS_CONFIG,
				 "option --lint takes what follows it, %s, for the record: write "
				 "spfcheck %s --lint '%s'",
				 subject, subject, rest);
	return error_set(
	    error, STATUS_CONFIG,
	    "unexpected argument \"%s\": put the record in quotes, spfcheck --lint '%s %s'", rest,
	    subject, rest);
}

int lint_run(struct tool_context *context, const char *subject)
{
	struct dns_budget budget;
	struct spf_lint lint;
	struct error error;
	bool good;

	if (!tool_begin_dns(context, &budget, &error))
		return tool_fail(context, &error);
	if (!spf_lint(context->pool, subject, context->dns, &budget, &lint, &error))
		return tool_fail(context, &error);
	good = context->options.json ? print_json(&lint) : print_people(context->pool, &lint);
	return good ? findings_status(&lint.findings) : tool_unwritten(context);
}
