/*
 * spf_publish - records to publish; see spf_publish.h
 *
 * Nothing is printed that --lint would call an error.
 */
#include "spf_publish.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/pool.h"
#include "dns/txt_strings.h"
#include "mail/domain.h"
#include "spf/match.h"
#include "spf/spf_flatten.h"
#include "spf/spf_lint.h"

#define DATE_SIZE 32

/* print_line - owner, type and text */
static bool print_line(struct pool *pool, const char *owner, const char *text)
{
	return tool_print(
	    pool_printf(pool, "%s. IN TXT %s", owner, txt_strings(pool, slice_of(text))));
}

/* all_term - "fail" is "-all" */
static const char *all_term(const char *word)
{
	if (strcmp(word, "fail") == 0)
		return "-all";
	if (strcmp(word, "softfail") == 0)
		return "~all";
	return strcmp(word, "neutral") == 0 ? "?all" : NULL;
}

/* read_terms - after the domain; all comes last, wherever it is given */
static const char *read_terms(struct pool *pool, const struct option_list *words,
			      struct error *error)
{
	const char *record = "v=spf1";
	const char *all = NULL;
	bool has_redirect = false;

	for (size_t i = 1; i < words->count; i++) {
		const char *word = words->items[i];

		if (strncmp(word, "all=", 4) == 0) {
			all = all_term(word + 4);
			if (all == NULL) {
				error_set(error, STATUS_CONFIG,
					  "\"%s\" is none of all=fail, all=softfail, all=neutral",
					  word);
				return NULL;
			}
			continue;
		}
		has_redirect = has_redirect || strncmp(word, "redirect=", 9) == 0;
		record = pool_printf(pool, "%s %s", record, word);
	}
	if (all == NULL && !has_redirect) {
		error_set(error, STATUS_CONFIG,
			  "all= is missing: fail, softfail or neutral for all other hosts");
		return NULL;
	}
	return all != NULL ? pool_printf(pool, "%s %s", record, all) : record;
}

/* first_error - what --lint would not let pass, and the remedy; NULL if there is none */
static const struct finding *first_error(const struct spf_lint *lint)
{
	for (size_t i = 0; i < lint->findings.count; i++) {
		if (lint->findings.items[i].severity == FINDING_ERROR)
			return &lint->findings.items[i];
	}
	return NULL;
}

/* print_cost - as comments of the zone file, with what is to be said of the record */
static bool print_cost(struct pool *pool, const struct spf_lint *lint)
{
	if (!tool_print(pool_printf(pool,
				    "; %u of %d lookups, %u of %d void lookups, %zu of %d octets",
				    lint->lookups, SPF_LOOKUPS_MAX, lint->void_lookups,
				    SPF_VOID_LOOKUPS_MAX, lint->octets, SPF_RECORD_OCTETS_MAX)))
		return false;
	for (size_t i = 0; i < lint->findings.count; i++) {
		const struct finding *finding = &lint->findings.items[i];

		if (!tool_print(pool_printf(pool, "; warning: %s%s%s; remedy: %s",
					    finding->term != NULL ? finding->term : "",
					    finding->term != NULL ? ": " : "", finding->text,
					    finding->remedy)))
			return false;
	}
	return true;
}

int spf_make_run(struct tool_context *context, const struct option_list *words)
{
	struct pool *pool = context->pool;
	const char *domain =
	    words->count > 0 ? domain_canonical(pool, slice_of(words->items[0])) : NULL;
	const struct finding *wrong;
	struct dns_budget budget;
	struct spf_lint lint;
	struct error error;
	const char *record;

	if (domain == NULL || !domain_is_qualified(domain)) {
		error_set(
		    &error, STATUS_CONFIG,
		    "--make-record needs a domain first: spfcheck --make-record example.com mx "
		    "all=softfail");
		return tool_usage(context, &error);
	}
	record = read_terms(pool, words, &error);
	if (record == NULL)
		return tool_usage(context, &error);
	if (!tool_begin_dns(context, &budget, &error))
		return tool_fail(context, &error);
	spf_lint_record(pool, domain, record, context->dns, &budget, &lint);
	wrong = first_error(&lint);
	if (wrong != NULL) {
		error_set(&error, STATUS_CONFIG, "%s: %s (RFC 7208 %s); %s",
			  wrong->term != NULL ? wrong->term : record, wrong->text, wrong->section,
			  wrong->remedy);
		return tool_usage(context, &error);
	}
	if (!print_line(pool, domain, record) || !print_cost(pool, &lint))
		return tool_unwritten(context);
	return findings_status(&lint.findings);
}

/* print_age - a flat record is true on the day it is made */
static bool print_age(struct tool_context *context, const struct spf_flat *flat)
{
	char date[DATE_SIZE];
	struct tm parts;
	bool good;

	gmtime_r(&context->options.now, &parts);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &parts);
	good = tool_print(
	    pool_printf(context->pool, "; Addresses of %s. They change without notice:", date));
	good = good &&
	       tool_print("; make these records anew each day, by cron, and publish what differs.");
	for (size_t i = 0; good && i < flat->source_count; i++)
		good = tool_print(pool_printf(context->pool, "; from %s", flat->sources[i]));
	for (size_t i = 0; good && i < flat->kept_count; i++)
		good = tool_print(pool_printf(
		    context->pool, "; as it was: %s, which cannot be told without a message",
		    flat->kept[i]));
	return good;
}

int spf_flatten_run(struct tool_context *context, const char *subject)
{
	struct pool *pool = context->pool;
	const char *domain = domain_canonical(pool, slice_of(subject));
	struct dns_budget budget;
	struct spf_flat flat;
	struct error error;
	bool good;

	if (domain == NULL || !domain_is_qualified(domain)) {
		error_set(&error, STATUS_CONFIG, "option --flatten: \"%s\" is no domain", subject);
		return tool_usage(context, &error);
	}
	if (!tool_begin_dns(context, &budget, &error))
		return tool_fail(context, &error);
	if (!spf_flatten(pool, domain, context->dns, &budget, &flat, &error))
		return tool_fail(context, &error);
	good = print_age(context, &flat);
	for (size_t i = 0; good && i < flat.count; i++)
		good = print_line(pool, flat.records[i].owner, flat.records[i].text);
	if (!good)
		return tool_unwritten(context);
	if (!context->options.quiet)
		fprintf(stderr,
			"%s: warning: these addresses are of today; a provider that moves a "
			"server makes your mail fail until they are made anew\n",
			context->tool->name);
	return EX_OK;
}
