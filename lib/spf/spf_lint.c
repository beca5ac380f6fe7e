/*
 * spf_lint - what is wrong with an SPF record, and what it costs; see spf/spf_lint.h
 */
#include "spf/spf_lint.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "dns/txt_strings.h"
#include "mail/lint_subject.h"
#include "spf/evaluate.h"
#include "spf/spf_lint_walk.h"
#include "spf/spf_version.h"

/* lint_limits - what all records cost together */
static void lint_limits(struct spf_linter *linter, const char *domain)
{
	static const char *const families[] = {
	    [SPF_FAMILY_IP4] = "IPv4", [SPF_FAMILY_IP6] = "IPv6"};
	const struct spf_lint *lint = linter->lint;

	if (lint->lookups > SPF_LOOKUPS_MAX)
		spf_finding_record(
		    linter, FINDING_WARNING, domain,
		    (struct spf_advice){
			.section = "4.6.4",
			.text = pool_printf(linter->pool,
					    "%u terms that ask DNS, %d are allowed: permerror",
					    lint->lookups, SPF_LOOKUPS_MAX),
			.remedy =
			    "take out includes that you use no more, name hosts by ip4: and ip6:, "
			    "or see what spfcheck --flatten prints"});
	for (size_t i = 0; i < SPF_FAMILIES; i++) {
		if (linter->voids[i] <= SPF_VOID_LOOKUPS_MAX)
			continue;
		spf_finding_record(
		    linter, FINDING_WARNING, domain,
		    (struct spf_advice){
			.section = "4.6.4",
			.text =
			    pool_printf(linter->pool,
					"%u void lookups for %s clients, %d are allowed: permerror",
					linter->voids[i], families[i], SPF_VOID_LOOKUPS_MAX),
			.remedy =
			    pool_printf(linter->pool,
					"take out names without %s addresses, or name these hosts "
					"by ip4: and ip6:",
					families[i])});
	}
}

/* find_version - a text that was meant as a record; it is gone through as if it were one */
static void find_version(struct spf_linter *linter, const char *domain, struct slice text,
			 const struct spf_version *version)
{
	const char *read = pool_printf(linter->pool, SPF_VERSION " %.*s", (int)version->terms.len,
				       version->terms.data);
	struct spf_visit visit = {.domain = domain, .is_own = true};
	size_t offset = (size_t)(version->terms.data - text.data);
	size_t line = linter->lint->line_count;

	spf_finding_add(linter,
			(struct finding){.severity = FINDING_ERROR,
					 .domain = domain,
					 .position = version->position,
					 .term = text_excerpt(linter->pool, text),
					 .section = "4.5",
					 .text = version->wrong,
					 .remedy = "begin the record with \"v=spf1\" and a space"});
	visit.shift = offset - strlen(SPF_VERSION " ");
	spf_lint_walk(linter, &visit, slice_of(read));
	linter->lint->lines[line].text = text_visible(linter->pool, text);
}

/* lint_text - a record that was given as such */
static void lint_text(struct spf_linter *linter, struct slice text)
{
	struct spf_visit visit = {.domain = "", .is_own = true};
	struct spf_version version;

	linter->lint->octets = text.len;
	spf_version_read(linter->pool, text, &version);
	if (version.wrong == NULL)
		spf_lint_walk(linter, &visit, text);
	else if (version.is_near)
		find_version(linter, "", text, &version);
	else
		spf_finding_record(
		    linter, FINDING_ERROR, "",
		    (struct spf_advice){.section = "4.5",
					.text = version.wrong,
					.remedy = "begin the record with \"v=spf1\" and a space"});
}

/* lint_none - a domain without a record, but perhaps with something that was meant as one */
static void lint_none(struct spf_linter *linter, const char *domain,
		      const struct dns_answer *answer)
{
	const char *what = answer->status == DNS_NXDOMAIN
			       ? "no SPF record: the domain does not exist"
			       : "no SPF record";
	const char *remedy =
	    answer->status == DNS_NXDOMAIN
		? "check how the name is written, and whether it is registered"
		: "publish a TXT record there: \"v=spf1 mx ~all\" if the mail servers "
		  "send, \"v=spf1 -all\" if the domain sends no mail";

	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].text;
		struct spf_version version;

		spf_version_read(linter->pool, text, &version);
		if (!version.is_near)
			continue;
		linter->lint->octets = text.len;
		find_version(linter, domain, text, &version);
		return;
	}
	spf_finding_record(linter, FINDING_ERROR, domain,
			   (struct spf_advice){.section = "4.5", .text = what, .remedy = remedy});
}

/* lint_domain - the record of a domain */
static bool lint_domain(struct spf_linter *linter, const char *domain, struct error *error)
{
	struct spf_visit visit = {.domain = domain, .is_own = true};
	const struct dns_answer *answer;
	struct slice text = slice_of(NULL);

	linter->sender_domain = domain;
	switch (spf_lint_search(linter, domain, &text, &answer)) {
	case SPF_SEARCH_FOUND:
		linter->lint->octets = text.len;
		spf_lint_walk(linter, &visit, text);
		break;
	case SPF_SEARCH_SEVERAL: spf_lint_several(linter, NULL, domain, answer); break;
	case SPF_SEARCH_NONE: lint_none(linter, domain, answer); break;
	case SPF_SEARCH_FAILED:
		return error_set(error, STATUS_DNS, "DNS %s for %s",
				 dns_status_word(answer->status), domain);
	}
	return true;
}

/* lint_string - of the quotes of a zone file */
static void lint_string(struct spf_linter *linter, const struct lint_subject *subject)
{
	if (subject->longest <= LINT_STRING_MAX)
		return;
	spf_finding_record(linter, FINDING_ERROR, "",
			   (struct spf_advice){
			       .section = "3.3",
			       .text = pool_printf(linter->pool,
						   "a character-string of %zu octets, name servers "
						   "take at most %d",
						   subject->longest, LINT_STRING_MAX),
			       .remedy = pool_printf(linter->pool, "divide it: %s",
						     txt_strings(linter->pool, subject->text))});
}

/* finish_lint - what the record would be with all remedies */
static void finish_lint(struct spf_linter *linter)
{
	struct spf_lint *lint = linter->lint;

	/* Of several records it may be one, and spf_lint_several() has told it. */
	if (linter->correction == NULL || lint->findings.count == 0)
		return;
	lint->corrected = spf_correction_record(linter->correction);
	if (lint->corrected != NULL && lint->line_count > 0 &&
	    strcmp(lint->corrected, lint->lines[0].text) == 0)
		lint->corrected = NULL;
}

bool spf_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
	      struct spf_lint *lint, struct error *error)
{
	struct spf_linter linter = {.pool = pool, .dns = dns, .budget = budget, .lint = lint};
	struct lint_subject read;

	*lint = (struct spf_lint){.line_count = 0};
	lint_subject_read(pool, subject, &read);
	if (read.kind == LINT_RECORD) {
		lint_string(&linter, &read);
		lint_text(&linter, read.text);
	} else if (read.kind == LINT_NEITHER) {
		spf_finding_record(&linter, FINDING_ERROR, "",
				   (struct spf_advice){.section = "4.3",
						       .text = read.reason,
						       .remedy = read.remedy});
	} else if (!lint_domain(&linter, read.domain, error)) {
		return false;
	}
	lint_limits(&linter, read.domain != NULL ? read.domain : "");
	finish_lint(&linter);
	return true;
}

void spf_lint_record(struct pool *pool, const char *domain, const char *record, struct dns *dns,
		     struct dns_budget *budget, struct spf_lint *lint)
{
	struct spf_linter linter = {
	    .pool = pool, .dns = dns, .budget = budget, .lint = lint, .sender_domain = domain};
	struct spf_visit visit = {.domain = domain, .is_own = true};

	*lint = (struct spf_lint){.octets = strlen(record)};
	spf_lint_walk(&linter, &visit, slice_of(record));
	lint_limits(&linter, domain);
	finish_lint(&linter);
}
