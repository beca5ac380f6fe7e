/*
 * dmarc_lint - what is wrong with a DMARC record; see dmarc/dmarc_lint.h
 *
 * RFC 9989 4.7 and 4.8 (tags and their values), 4.10 (how names above and below matter),
 * RFC 9990 4 (destinations in other organizations). Unlike the parser, which passes over what it
 * does not understand, this says so.
 */
#include "dmarc/dmarc_lint.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "dmarc/destination.h"
#include "dmarc/near_record.h"
#include "mail/domain.h"
#include "mail/lint_subject.h"
#include "mail/taglist.h"

#define POLICY_LABEL   "_dmarc"
#define SECTION_TAGS   "RFC 9989 4.7"
#define SECTION_SYNTAX "RFC 9989 4.8"
#define SECTION_WALK   "RFC 9989 4.10"
#define SECTION_REPORT "RFC 9990 4"
#define DESTINATIONS_ADVISED                                                                       \
	10 /* RFC 9990 3.5: receivers may set a limit; large ones have this                        \
	    */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct linter {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	struct dmarc_lint *lint;
	struct slice text; /* the record */
	const struct dmarc_record *record;
};

/* A tag of a record, in full. */
struct term {
	struct slice text;
	struct tag tag;
};

static void add_finding(struct linter *linter, struct finding finding)
{
	finding.domain = linter->lint->domain;
	findings_add(linter->pool, &linter->lint->findings, finding);
}

/* add_dmarc_finding - about the whole record */
static void add_dmarc_finding(struct linter *linter, enum finding_severity severity,
			      const char *section, const char *text)
{
	add_finding(linter,
		    (struct finding){.severity = severity, .section = section, .text = text});
}

/* add_at - about a part of the record */
static void add_at(struct linter *linter, enum finding_severity severity, struct slice part,
		   const char *section, const char *text)
{
	add_finding(linter, (struct finding){
				.severity = severity,
				.term = text_excerpt(linter->pool, part),
				.position = (size_t)(part.data - linter->text.data),
				.section = section,
				.text = text,
			    });
}

/* is_one_of - a word of a list, words separated by blanks */
static bool is_one_of(struct slice value, const char *words)
{
	struct slice rest = slice_of(words);
	struct slice word;

	while (slice_cut(&rest, ' ', &word)) {
		if (slice_equal_nocase(value, word))
			return true;
	}
	return false;
}

/* Tags whose value is one of some words, and what happens to any other value. */
static const struct {
	const char *name;
	const char *words;
	const char *text;
} choices[] = {
    {"p", "none quarantine reject",
     "is none of none, quarantine, reject: the record asks for nothing"},
    {"sp", "none quarantine reject",
     "is none of none, quarantine, reject: the record asks for nothing"},
    {"np", "none quarantine reject",
     "is none of none, quarantine, reject: the record asks for nothing"},
    {"psd", "y n u", "is none of y, n, u: it counts as u"},
    {"t", "y n", "is neither y nor n: it counts as n"},
    {"adkim", "r s", "is neither r nor s: it counts as r"},
    {"aspf", "r s", "is neither r nor s: it counts as r"},
};

/* Tags of older specifications. */
static const struct {
	const char *name;
	const char *text;
} obsolete[] = {
    {"pct", "is ignored since RFC 9989: the policy is for all messages; t=y stands for pct=0"},
    {"rf", "is ignored since RFC 9989: there is one format of failure reports"},
    {"ri", "is ignored since RFC 9989: reports come once a day"},
};

/* Tags that are read elsewhere in this file. */
static const char *const others[] = {"v", "rua", "ruf", "fo"};

/* lint_value - none of the words: what is in the way is told, too */
static void lint_value(struct linter *linter, const struct term *term, const char *text)
{
	if (near_record_has_quotes(term->text))
		add_at(linter, FINDING_ERROR, term->text, SECTION_SYNTAX,
		       "has quotation marks in it, which are part of the value here");
	if (slice_find(term->text, ',') < term->text.len)
		add_at(linter, FINDING_ERROR, term->text, SECTION_SYNTAX,
		       "has a comma in it: tags are divided by semicolons");
	add_at(linter, FINDING_ERROR, term->text, SECTION_TAGS, text);
}

/* lint_choice - a tag with a set of values */
static bool lint_choice(struct linter *linter, const struct term *term)
{
	for (size_t i = 0; i < COUNT(choices); i++) {
		if (!slice_is_nocase(term->tag.name, choices[i].name))
			continue;
		if (!is_one_of(term->tag.value, choices[i].words))
			lint_value(linter, term, choices[i].text);
		return true;
	}
	return false;
}

/* lint_obsolete - a tag of old */
static bool lint_obsolete(struct linter *linter, const struct term *term)
{
	for (size_t i = 0; i < COUNT(obsolete); i++) {
		if (!slice_is_nocase(term->tag.name, obsolete[i].name))
			continue;
		add_at(linter, FINDING_WARNING, term->text, SECTION_TAGS, obsolete[i].text);
		return true;
	}
	return false;
}

/* lint_destination - one URI of rua or ruf; permission is asked for later */
static void lint_destination(struct linter *linter, const struct dmarc_destination *destination)
{
	if (destination->blocked_reason != NULL)
		add_at(linter, FINDING_ERROR, destination->text, SECTION_TAGS,
		       destination->blocked_reason);
	if (destination->has_size)
		add_at(linter, FINDING_WARNING, destination->text, SECTION_TAGS,
		       "has a size limit, which is ignored since RFC 9989");
}

/* lint_spelling - a URI that is one, but hardly what its owner means; some receivers refuse it */
static void lint_spelling(struct linter *linter, const struct dmarc_destination *destination)
{
	struct slice text = destination->text;

	if (slice_starts_nocase(text, "mailto://"))
		add_at(linter, FINDING_WARNING, text, SECTION_TAGS,
		       "has // after mailto:, which is part of the address then");
	if (slice_find(text, '<') < text.len || slice_find(text, '>') < text.len)
		add_at(linter, FINDING_WARNING, text, SECTION_TAGS,
		       "has brackets, which do not belong in a URI");
	if (destination->host != NULL &&
	    slice_find(slice_of(destination->host), '_') != strlen(destination->host))
		add_at(linter, FINDING_WARNING, text, SECTION_TAGS,
		       "has an underscore in its domain: no mail goes to such a name, or something "
		       "is missing between two parts of the record");
}

/* lint_destinations - all of a tag */
static void lint_destinations(struct linter *linter, const struct term *term)
{
	struct dmarc_destinations list;

	dmarc_destinations_parse(linter->pool, term->tag.value, &list);
	for (size_t i = 0; i < list.count; i++) {
		lint_destination(linter, &list.items[i]);
		lint_spelling(linter, &list.items[i]);
	}
	if (list.count > DESTINATIONS_ADVISED)
		add_at(linter, FINDING_WARNING, term->text, SECTION_TAGS,
		       "has more than 10 addresses: receivers need not write to all of them");
}

/* lint_fo - the value is a list; the parser knows whether it is a good one */
static void lint_fo(struct linter *linter, const struct term *term)
{
	if (linter->record->ruf == NULL)
		add_at(linter, FINDING_WARNING, term->text, SECTION_TAGS,
		       "has no meaning without ruf");
	else if (!slice_is_nocase(term->tag.value, linter->record->fo))
		add_at(linter, FINDING_ERROR, term->text, SECTION_TAGS,
		       "is no list of 0, 1, d, s divided by colons: it counts as 0");
}

/* lint_case - a name that we take, but RFC 6376 3.2 does not */
static void lint_case(struct linter *linter, const struct term *term)
{
	const char *lower = slice_lower(linter->pool, term->tag.name);

	if (!slice_is(term->tag.name, lower))
		add_at(
		    linter, FINDING_WARNING, term->text, SECTION_SYNTAX,
		    "has capital letters in the name of the tag, which not every receiver takes");
}

/* lint_term - a tag that is well-formed */
static void lint_term(struct linter *linter, const struct term *term)
{
	bool known = false;

	lint_case(linter, term);
	if (lint_choice(linter, term) || lint_obsolete(linter, term))
		return;
	if (slice_is_nocase(term->tag.name, "rua") || slice_is_nocase(term->tag.name, "ruf"))
		lint_destinations(linter, term);
	if (slice_is_nocase(term->tag.name, "fo"))
		lint_fo(linter, term);
	for (size_t i = 0; i < COUNT(others); i++)
		known = known || slice_is_nocase(term->tag.name, others[i]);
	if (!known)
		add_at(linter, FINDING_WARNING, term->text, SECTION_TAGS,
		       "is no tag of DMARC: it is ignored");
}

/* Tags that may be there once. */
static const char *const single[] = {"v",    "p",   "sp",  "np", "psd", "t",  "adkim",
				     "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"};

bool dmarc_lint_knows_tag(struct slice name)
{
	for (size_t i = 0; i < COUNT(single); i++) {
		if (slice_is_nocase(name, single[i]))
			return true;
	}
	return false;
}

/* is_repeated - was a tag of that name seen before? Only known names are remembered */
static bool is_repeated(struct slice name, bool *seen)
{
	bool before;

	for (size_t i = 0; i < COUNT(single); i++) {
		if (!slice_is_nocase(name, single[i]))
			continue;
		before = seen[i];
		seen[i] = true;
		return before;
	}
	return false;
}

/* lint_terms - all tags, with their positions */
static void lint_terms(struct linter *linter)
{
	bool seen[COUNT(single)] = {false};
	struct slice rest = linter->text;
	enum taglist_step step;
	struct term term;

	for (;;) {
		struct slice before = rest;

		step = taglist_next(&rest, &term.tag);
		if (step == TAGLIST_END)
			return;
		term.text = slice_trim(slice_from(before.data, slice_find(before, ';')));
		if (step == TAGLIST_BAD)
			add_at(linter, FINDING_ERROR, term.text, SECTION_SYNTAX,
			       "is not of the form tag=value");
		else if (is_repeated(term.tag.name, seen))
			add_at(linter, FINDING_ERROR, term.text, SECTION_SYNTAX,
			       "is there a second time: only the first counts");
		else
			lint_term(linter, &term);
	}
}

/* lint_policies - what the policies amount to */
static void lint_policies(struct linter *linter)
{
	const struct dmarc_record *record = linter->record;
	enum dmarc_policy sp = record->sp != DMARC_POLICY_UNSET ? record->sp : record->p;
	enum dmarc_policy np = record->np != DMARC_POLICY_UNSET ? record->np : sp;

	if (!record->usable)
		add_dmarc_finding(
		    linter, FINDING_ERROR, SECTION_TAGS,
		    "there is no valid policy and no valid rua: the record does not count");
	else if (record->p_forced)
		add_dmarc_finding(linter, FINDING_ERROR, SECTION_TAGS,
				  "there is no valid policy: the record counts as p=none");
	else if (record->p == DMARC_POLICY_NONE && record->rua != NULL)
		add_dmarc_finding(
		    linter, FINDING_WARNING, SECTION_TAGS,
		    "p=none protects nobody: go on to quarantine as soon as the reports show that "
		    "your own mail passes");
	else if (record->p == DMARC_POLICY_NONE)
		add_dmarc_finding(linter, FINDING_WARNING, SECTION_TAGS,
				  "p=none without rua does nothing at all");
	if (sp < record->p)
		add_dmarc_finding(linter, FINDING_WARNING, SECTION_TAGS,
				  "sp is weaker than p: whoever forges takes a subdomain");
	if (np < sp)
		add_dmarc_finding(linter, FINDING_WARNING, SECTION_TAGS,
				  "np is weaker than the policy for subdomains that exist");
	if (record->testing && (record->p > DMARC_POLICY_NONE || sp > DMARC_POLICY_NONE))
		add_dmarc_finding(linter, FINDING_WARNING, SECTION_TAGS,
				  "t=y: receivers do one level less than the policy says");
	if (record->rua == NULL && record->usable)
		add_dmarc_finding(
		    linter, FINDING_WARNING, SECTION_TAGS,
		    "there is no rua: you get no reports, and do not learn of mail that fails");
	if (record->psd == 'y')
		add_dmarc_finding(
		    linter, FINDING_WARNING, SECTION_TAGS,
		    "psd=y is for registries: each name below is an organization of its own");
}

/* add_near_record - why a text is no record */
static void add_near_record(struct linter *linter, struct slice text)
{
	const struct near_record near = near_record_explain(text);

	add_finding(linter, (struct finding){.severity = FINDING_ERROR,
					     .section = SECTION_SYNTAX,
					     .text = near.reason,
					     .remedy = near.remedy});
}

/* lint_record - what the text itself tells; false if it is no DMARC record */
static bool lint_record(struct linter *linter, struct slice text)
{
	linter->text = text;
	linter->lint->record = text_printable(linter->pool, text);
	if (!dmarc_record_is(text)) {
		add_near_record(linter, text);
		return false;
	}
	linter->record = dmarc_record_parse(linter->pool, text);
	lint_terms(linter);
	lint_policies(linter);
	return true;
}

/* names_another_host - has the owner of a destination named one that is not his? */
static bool names_another_host(struct linter *linter, const char *name)
{
	const struct dns_answer *answer = dns_query(linter->dns, name, DNS_TXT, linter->budget);

	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].text;

		if (dmarc_record_is(text) && dmarc_record_parse(linter->pool, text)->rua != NULL)
			return true;
	}
	return false;
}

/* lint_permission - of one destination */
static void lint_permission(struct linter *linter, struct dmarc_discovery *discovery,
			    const struct dmarc_destination *destination)
{
	struct dmarc_destinations instead;
	const char *name, *text;

	switch (dmarc_destination_verify(linter->pool, discovery, linter->dns, linter->budget,
					 linter->lint->domain, destination, &instead, &name)) {
	case DMARC_REFUSED:
		if (names_another_host(linter, name)) {
			add_dmarc_finding(
			    linter, FINDING_ERROR, SECTION_REPORT,
			    pool_printf(linter->pool,
					"%s: the record %s has a rua of another host than %s: "
					"then no report is sent at all",
					destination->uri, name, destination->host));
			break;
		}
		text = pool_printf(linter->pool,
				   "%s: %s does not allow it; it takes the record %s. TXT "
				   "\"v=DMARC1\" there",
				   destination->uri, destination->host, name);
		add_dmarc_finding(linter, FINDING_ERROR, SECTION_REPORT, text);
		break;
	case DMARC_UNANSWERED:
		text = pool_printf(linter->pool, "%s: DNS does not say whether %s allows it",
				   destination->uri, destination->host);
		add_dmarc_finding(linter, FINDING_WARNING, SECTION_REPORT, text);
		break;
	default: break;
	}
}

/* lint_permissions - of all destinations of a tag; value may be NULL */
static void lint_permissions(struct linter *linter, struct dmarc_discovery *discovery,
			     const char *value)
{
	struct dmarc_destinations list;

	if (value == NULL)
		return;
	dmarc_destinations_parse(linter->pool, slice_of(value), &list);
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].blocked_reason == NULL)
			lint_permission(linter, discovery, &list.items[i]);
	}
}

/* lint_place - a record below the organizational domain is not what it may seem */
static void lint_place(struct linter *linter, struct dmarc_discovery *discovery)
{
	const char *domain = linter->lint->domain;
	struct dmarc_unanswered unanswered;
	const char *organization =
	    dmarc_discover_organizational_domain(discovery, domain, &unanswered);

	if (organization == NULL || domain_equal(organization, domain))
		return;
	add_dmarc_finding(
	    linter, FINDING_WARNING, SECTION_WALK,
	    pool_printf(linter->pool,
			"names below %s get the policy of %s, not this one, and sp and np have no "
			"effect here; psd=n would make it an organization of its own",
			domain, organization));
}

/* lint_inherited - a domain without a record of its own */
static void lint_inherited(struct linter *linter, struct dmarc_discovery *discovery)
{
	const struct policy_discovery found =
	    dmarc_discover_policy(discovery, linter->lint->domain);

	if (found.record == NULL && found.unanswered.name != NULL)
		add_dmarc_finding(
		    linter, FINDING_ERROR, SECTION_WALK,
		    pool_printf(linter->pool,
				"DNS %s for %s: whether there is a record cannot be told",
				dns_status_word(found.unanswered.status), found.unanswered.name));
	else if (found.record == NULL)
		add_dmarc_finding(linter, FINDING_ERROR, SECTION_WALK,
				  pool_printf(linter->pool,
					      "there is no DMARC record at " POLICY_LABEL ".%s, "
					      "nor above it: anybody may use the name",
					      linter->lint->domain));
	else
		add_dmarc_finding(
		    linter, FINDING_WARNING, SECTION_WALK,
		    pool_printf(linter->pool,
				"there is no DMARC record at " POLICY_LABEL ".%s; that of %s "
				"applies: %s",
				linter->lint->domain, found.domain, found.record->text));
}

/* policy_text - the one record at a name; findings say why there is none */
static bool policy_text(struct linter *linter, const struct dns_answer *answer, struct slice *text)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		struct slice candidate = answer->records[i].text;

		if (dmarc_record_is(candidate)) {
			*text = candidate;
			count++;
		} else {
			linter->text = candidate;
			if (near_record_is(candidate))
				add_near_record(linter, candidate);
			else
				add_at(linter, FINDING_WARNING, candidate, SECTION_WALK,
				       "is no DMARC record: it is ignored");
		}
	}
	if (count > 1)
		add_dmarc_finding(linter, FINDING_ERROR, SECTION_WALK,
				  "there are several DMARC records: none of them counts");
	return count == 1;
}

/* has_record_at - is there a DMARC record at that name? */
static bool has_record_at(struct linter *linter, const char *name)
{
	const struct dns_answer *answer = dns_query(linter->dns, name, DNS_TXT, linter->budget);

	for (size_t i = 0; i < answer->count; i++) {
		if (dmarc_record_is(answer->records[i].text))
			return true;
	}
	return false;
}

/* lint_misplaced - a record where nobody looks for it */
static void lint_misplaced(struct linter *linter, const char *domain)
{
	const char *doubled = pool_printf(linter->pool, POLICY_LABEL ".%s.%s", domain, domain);
	const char *places[] = {domain, doubled};

	for (size_t i = 0; i < COUNT(places); i++) {
		if (!has_record_at(linter, places[i]))
			continue;
		add_finding(
		    linter,
		    (struct finding){.severity = FINDING_ERROR,
				     .section = SECTION_WALK,
				     .text = pool_printf(linter->pool,
							 "there is a DMARC record at %s, where "
							 "nobody looks for it",
							 places[i]),
				     .remedy = pool_printf(
					 linter->pool, "Move it to " POLICY_LABEL ".%s.", domain)});
	}
}

/* without_label - the domain that is meant by the name of its record */
static const char *without_label(struct linter *linter, const char *domain)
{
	const char *meant = domain_parent(domain);

	if (meant == NULL || !slice_starts_nocase(slice_of(domain), POLICY_LABEL "."))
		return domain;
	add_finding(linter, (struct finding){
				.severity = FINDING_WARNING,
				.section = SECTION_WALK,
				.text = pool_printf(linter->pool,
						    "%s is where the record of %s is: this "
						    "is about %s",
						    domain, meant, meant),
				.remedy = pool_printf(linter->pool, "Write --lint %s.", meant)});
	return meant;
}

/* lint_domain - its record, or the one that stands in for it */
static bool lint_domain(struct linter *linter, const char *domain, struct error *error)
{
	const char *name = pool_printf(linter->pool, POLICY_LABEL ".%s", domain);
	const struct dns_answer *answer = dns_query(linter->dns, name, DNS_TXT, linter->budget);
	struct dmarc_discovery *discovery =
	    dmarc_discovery_new(linter->pool, linter->dns, linter->budget, NULL);
	struct slice text;

	linter->lint->domain = domain;
	if (answer->status != DNS_FOUND && answer->status != DNS_NODATA &&
	    answer->status != DNS_NXDOMAIN)
		return error_set(error, STATUS_DNS, "%s: %s", name,
				 dns_status_word(answer->status));
	if (!policy_text(linter, answer, &text)) {
		lint_misplaced(linter, domain);
		lint_inherited(linter, discovery);
		return true;
	}
	lint_record(linter, text);
	lint_place(linter, discovery);
	lint_permissions(linter, discovery, linter->record->rua);
	lint_permissions(linter, discovery, linter->record->ruf);
	return true;
}

bool dmarc_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
		struct dmarc_lint *lint, struct error *error)
{
	struct linter linter = {.pool = pool, .dns = dns, .budget = budget, .lint = lint};
	struct lint_subject read;

	*lint = (struct dmarc_lint){.domain = NULL};
	lint_subject_read(pool, subject, &read);
	switch (read.kind) {
	case LINT_RECORD: lint_record(&linter, read.text); return true;
	case LINT_DOMAIN: return lint_domain(&linter, without_label(&linter, read.domain), error);
	case LINT_NEITHER: break;
	}
	add_finding(&linter, (struct finding){.severity = FINDING_ERROR,
					      .section = SECTION_WALK,
					      .text = read.reason,
					      .remedy = read.remedy});
	return true;
}
