/*
 * spf_lint - what is wrong with an SPF record, and what it costs; see spf/spf_lint.h
 *
 * RFC 7208 3.4 (size), 4.5 (selection), 4.6.4 (limits), 4.7 (default), 5.1 (all),
 * 5.2 (include), 5.5 (ptr), 6.1 (redirect).
 *
 * Names with macros depend on the message, so they cost a lookup but are not asked for. A
 * stranger's records may include each other endlessly: who was visited on the way is
 * known, and SPF_LINT_LOOKUPS_MAX ends what DNS is asked for.
 */
#include "spf/spf_lint.h"

#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"
#include "mail/lint_subject.h"
#include "spf/evaluate.h"

/* Clients ask for one of the two only. */
enum family {
	FAMILY_IP4,
	FAMILY_IP6,
	FAMILIES,
};

struct linter {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	struct spf_lint *lint;
	unsigned voids[FAMILIES]; /* terms that are void for clients of that family */
};

/* A record that is being gone through, and how we came to it. */
struct visit {
	const struct visit *from; /* NULL: it is the one that was asked for */
	const char *domain;       /* "" if not known */
	unsigned depth;
	bool is_own; /* not included by somebody: what it does with strangers matters */
	struct spf_record record;
};

/* What was found of a domain's record. */
enum search {
	SEARCH_FOUND,
	SEARCH_NONE,
	SEARCH_SEVERAL,
	SEARCH_FAILED,
};

static void lint_record(struct linter *linter, struct visit *visit, struct slice text);

static void add_finding(struct linter *linter, struct finding finding)
{
	findings_add(linter->pool, &linter->lint->findings, finding);
}

/* position_in - octets of the record before a term */
static size_t position_in(const struct visit *visit, struct slice term)
{
	return (size_t)(term.data - visit->record.text.data);
}

/* warn_term - a warning about one term */
static void warn_term(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		      const char *section, const char *text)
{
	add_finding(linter, (struct finding){
				.severity = FINDING_WARNING,
				.domain = visit->domain,
				.term = text_excerpt(linter->pool, term->text),
				.position = position_in(visit, term->text),
				.section = section,
				.text = text,
			    });
}

/* find_record - about a record as a whole */
static void find_record(struct linter *linter, enum finding_severity severity, const char *domain,
			const char *section, const char *text)
{
	add_finding(linter, (struct finding){
				.severity = severity,
				.domain = domain,
				.section = section,
				.text = text,
			    });
}

/* add_line - a record or a term of it; the number of the line */
static size_t add_line(struct linter *linter, const struct visit *visit, struct slice text,
		       const char *domain)
{
	struct spf_lint *lint = linter->lint;
	struct spf_lint_line line = {
	    .depth = visit->depth,
	    .domain = domain,
	    .text = text_printable(linter->pool, text),
	    .position = position_in(visit, text),
	};

	lint->lines = pool_grow(linter->pool, lint->lines, lint->line_count, sizeof(line));
	lint->lines[lint->line_count] = line;
	return lint->line_count++;
}

static bool is_void(const struct dns_answer *answer)
{
	return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

/* ask - a question for a term; trouble is a finding */
static const struct dns_answer *ask(struct linter *linter, const struct visit *visit,
				    const struct spf_term *term, const char *name,
				    enum dns_type type)
{
	const struct dns_answer *answer = dns_query(linter->dns, name, type, linter->budget);

	if (answer->status != DNS_FOUND && !is_void(answer))
		warn_term(linter, visit, term, "5",
			  pool_printf(linter->pool, "DNS %s for %s: temperror",
				      dns_status_word(answer->status), name));
	return answer;
}

/* count_void - a term whose answers are empty for clients of either family or of both */
static void count_void(struct linter *linter, const struct visit *visit,
		       const struct spf_term *term, bool void4, bool void6)
{
	linter->voids[FAMILY_IP4] += void4;
	linter->voids[FAMILY_IP6] += void6;
	if (!void4 || !void6)
		return;
	linter->lint->void_lookups++;
	warn_term(linter, visit, term, "4.6.4", "a void lookup: there is nothing in DNS");
}

/* lint_a - a: one question, for addresses of the client's family */
static void lint_a(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		   const char *target)
{
	bool void4 = is_void(ask(linter, visit, term, target, DNS_A));
	bool void6 = is_void(ask(linter, visit, term, target, DNS_AAAA));

	count_void(linter, visit, term, void4, void6);
}

/* lint_mx - mx: the mail hosts, then the addresses of each; a null MX (RFC 7505) names none */
static void lint_mx(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		    const char *target)
{
	const struct dns_answer *answer = ask(linter, visit, term, target, DNS_MX);
	bool void4 = is_void(answer);
	bool void6 = void4;

	if (answer->count > SPF_MX_MAX) {
		warn_term(linter, visit, term, "4.6.4",
			  pool_printf(linter->pool, "%zu mail hosts, %d are allowed: permerror",
				      answer->count, SPF_MX_MAX));
		return;
	}
	for (size_t i = 0; i < answer->count; i++) {
		const char *host = answer->records[i].mx.exchange;

		if (host[0] == '\0')
			continue;
		void4 = is_void(ask(linter, visit, term, host, DNS_A)) || void4;
		void6 = is_void(ask(linter, visit, term, host, DNS_AAAA)) || void6;
	}
	count_void(linter, visit, term, void4, void6);
}

/* lint_exists - exists: always an A record (RFC 7208 5.7) */
static void lint_exists(struct linter *linter, const struct visit *visit,
			const struct spf_term *term, const char *target)
{
	bool nothing = is_void(ask(linter, visit, term, target, DNS_A));

	count_void(linter, visit, term, nothing, nothing);
}

/* search_record - the SPF record of a domain (RFC 7208 4.5) */
static enum search search_record(struct linter *linter, const char *domain, struct slice *text,
				 const char **why)
{
	const struct dns_answer *answer = dns_query(linter->dns, domain, DNS_TXT, linter->budget);
	size_t count = 0;

	*why = dns_status_word(answer->status);
	if (answer->status != DNS_FOUND && !is_void(answer))
		return SEARCH_FAILED;
	for (size_t i = 0; i < answer->count; i++) {
		if (spf_record_is(answer->records[i].text)) {
			*text = answer->records[i].text;
			count++;
		}
	}
	return count == 0 ? SEARCH_NONE : count == 1 ? SEARCH_FOUND : SEARCH_SEVERAL;
}

/* several - two records of one domain */
static void several(struct linter *linter, const char *domain)
{
	find_record(linter, FINDING_ERROR, domain, "4.5", "several SPF records: permerror");
}

/* was_visited - is this the domain of one of the records that led here? */
static bool was_visited(const struct visit *visit, const char *domain)
{
	for (; visit != NULL; visit = visit->from) {
		if (domain_equal(visit->domain, domain))
			return true;
	}
	return false;
}

/* follow - the record that include= or redirect= names */
static void follow(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		   const char *target)
{
	bool is_include = term->type == SPF_TERM_INCLUDE;
	struct visit next = {
	    .from = visit,
	    .domain = target,
	    .depth = visit->depth + 1,
	    .is_own = visit->is_own && !is_include,
	};
	struct slice text = slice_of(NULL);
	const char *why;

	if (was_visited(visit, target)) {
		warn_term(linter, visit, term, "4.6.4", "leads back to itself: permerror");
		return;
	}
	if (visit->depth == SPF_LINT_DEPTH_MAX)
		return; /* more than 10 lookups, which is said at the end */
	switch (search_record(linter, target, &text, &why)) {
	case SEARCH_FOUND: lint_record(linter, &next, text); break;
	case SEARCH_SEVERAL: several(linter, target); break;
	case SEARCH_NONE:
		warn_term(linter, visit, term, is_include ? "5.2" : "6.1",
			  pool_printf(linter->pool, "%s has no SPF record: permerror", target));
		break;
	case SEARCH_FAILED:
		warn_term(linter, visit, term, "4.4",
			  pool_printf(linter->pool, "DNS %s for %s: temperror", why, target));
		break;
	}
}

/* target_of - the name that a term asks for; NULL if it depends on the message */
static const char *target_of(struct linter *linter, const struct visit *visit,
			     const struct spf_term *term)
{
	if (term->domain_spec.data == NULL)
		return visit->domain[0] != '\0' ? visit->domain : NULL;
	if (slice_find(term->domain_spec, '%') < term->domain_spec.len)
		return NULL;
	return domain_canonical(linter->pool, term->domain_spec);
}

/* lint_lookup - a term that asks DNS */
static void lint_lookup(struct linter *linter, const struct visit *visit,
			const struct spf_term *term)
{
	const char *target = target_of(linter, visit, term);

	if (++linter->lint->lookups > SPF_LINT_LOOKUPS_MAX)
		return;
	if (term->type == SPF_TERM_PTR)
		warn_term(linter, visit, term, "5.5", "ptr is slow and unreliable, do not use it");
	if (target == NULL)
		return;
	switch (term->type) {
	case SPF_TERM_A: lint_a(linter, visit, term, target); break;
	case SPF_TERM_MX: lint_mx(linter, visit, term, target); break;
	case SPF_TERM_EXISTS: lint_exists(linter, visit, term, target); break;
	case SPF_TERM_INCLUDE:
	case SPF_TERM_REDIRECT: follow(linter, visit, term, target); break;
	default: break;
	}
}

/* lint_unknown - a modifier that RFC 7208 does not define; perhaps it was to be a mechanism */
static void lint_unknown(struct linter *linter, const struct visit *visit,
			 const struct spf_term *term)
{
	struct slice name = slice_from(term->text.data, slice_find(term->text, '='));

	if (spf_is_mechanism_name(name))
		warn_term(linter, visit, term, "6",
			  "is ignored: behind the name of a mechanism stands a colon, not \"=\"");
}

/* lint_term - one term and its cost */
static void lint_term(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		      bool is_reached)
{
	size_t line = add_line(linter, visit, term->text, NULL);
	unsigned lookups = linter->lint->lookups;
	unsigned voids = linter->lint->void_lookups;

	if (term->type == SPF_TERM_UNKNOWN)
		lint_unknown(linter, visit, term);
	if (is_reached && spf_term_is_lookup(term))
		lint_lookup(linter, visit, term);
	linter->lint->lines[line].lookups = linter->lint->lookups - lookups;
	linter->lint->lines[line].void_lookups = linter->lint->void_lookups - voids;
}

/* find_all - the first all, or NULL */
static const struct spf_term *find_all(const struct spf_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->terms[i].type == SPF_TERM_ALL)
			return &record->terms[i];
	}
	return NULL;
}

/* lint_unreached - terms that no evaluation comes to */
static void lint_unreached(struct linter *linter, const struct visit *visit,
			   const struct spf_term *all)
{
	const struct spf_record *record = &visit->record;

	for (const struct spf_term *term = all + 1; term < record->terms + record->count; term++) {
		if (!spf_term_is_mechanism(term))
			continue;
		warn_term(linter, visit, term, "5.1", "is never reached: it stands behind all");
		break;
	}
	if (record->redirect != NULL)
		warn_term(linter, visit, record->redirect, "6.1", "is ignored: there is an all");
}

/* lint_shape - what becomes of clients that match nothing else */
static void lint_shape(struct linter *linter, const struct visit *visit, const struct spf_term *all)
{
	const struct spf_record *record = &visit->record;

	if (all != NULL && all->qualifier == RESULT_PASS)
		warn_term(linter, visit, all, "5.1", "lets every host in the world pass");
	if (!visit->is_own)
		return;
	if (all != NULL && all->qualifier == RESULT_NEUTRAL)
		warn_term(linter, visit, all, "5.1", "says nothing about all other hosts");
	if (all != NULL)
		lint_unreached(linter, visit, all);
	else if (record->redirect == NULL && record->error_count == 0)
		find_record(linter, FINDING_WARNING, visit->domain, "4.7",
			    "neither all nor redirect=: says nothing about all other hosts");
	if (record->text.len > SPF_RECORD_OCTETS_MAX)
		find_record(linter, FINDING_WARNING, visit->domain, "3.4",
			    pool_printf(linter->pool, "%zu octets, the answer should fit in %d",
					record->text.len, SPF_RECORD_OCTETS_MAX));
}

/* lint_errors - what is wrong with the grammar */
static void lint_errors(struct linter *linter, const struct visit *visit)
{
	for (size_t i = 0; i < visit->record.error_count; i++) {
		const struct spf_syntax_error *error = &visit->record.errors[i];

		add_finding(linter, (struct finding){
					.severity = FINDING_ERROR,
					.domain = visit->domain,
					.term = text_excerpt(linter->pool, error->term),
					.position = error->position,
					.section = error->section,
					.text = error->what,
				    });
	}
}

/*
 * lint_record - one record. It calls itself by way of include and redirect, at most
 * SPF_LINT_DEPTH_MAX deep.
 */
static void lint_record(struct linter *linter, struct visit *visit, struct slice text)
{
	const struct spf_term *all;
	bool is_reached = true;

	spf_record_parse(linter->pool, text, &visit->record);
	all = find_all(&visit->record);
	add_line(linter, visit, text, visit->domain);
	lint_errors(linter, visit);
	lint_shape(linter, visit, all);
	for (size_t i = 0; i < visit->record.count; i++) {
		const struct spf_term *term = &visit->record.terms[i];

		if (term->type == SPF_TERM_REDIRECT)
			lint_term(linter, visit, term, all == NULL);
		else
			lint_term(linter, visit, term, is_reached);
		is_reached = is_reached && term != all;
	}
}

/* lint_limits - what all records cost together */
static void lint_limits(struct linter *linter, const char *domain)
{
	static const char *const families[] = {[FAMILY_IP4] = "IPv4", [FAMILY_IP6] = "IPv6"};
	const struct spf_lint *lint = linter->lint;

	if (lint->lookups > SPF_LOOKUPS_MAX)
		find_record(linter, FINDING_WARNING, domain, "4.6.4",
			    pool_printf(linter->pool,
					"%u terms that ask DNS, %d are allowed: permerror",
					lint->lookups, SPF_LOOKUPS_MAX));
	for (size_t i = 0; i < FAMILIES; i++) {
		if (linter->voids[i] > SPF_VOID_LOOKUPS_MAX)
			find_record(linter, FINDING_WARNING, domain, "4.6.4",
				    pool_printf(linter->pool,
						"%u void lookups for %s clients, %d are allowed: "
						"permerror",
						linter->voids[i], families[i],
						SPF_VOID_LOOKUPS_MAX));
	}
}

/* lint_text - a record that was given as such */
static void lint_text(struct linter *linter, struct slice text)
{
	struct visit visit = {.domain = "", .is_own = true};

	linter->lint->octets = text.len;
	if (spf_record_is(text))
		lint_record(linter, &visit, text);
	else
		find_record(linter, FINDING_ERROR, "", "4.5",
			    "does not begin with \"v=spf1\" and a space");
}

/* lint_domain - the record of a domain */
static bool lint_domain(struct linter *linter, const char *domain, struct error *error)
{
	struct visit visit = {.domain = domain, .is_own = true};
	struct slice text = slice_of(NULL);
	const char *why;

	switch (search_record(linter, domain, &text, &why)) {
	case SEARCH_FOUND:
		linter->lint->octets = text.len;
		lint_record(linter, &visit, text);
		break;
	case SEARCH_SEVERAL: several(linter, domain); break;
	case SEARCH_NONE: find_record(linter, FINDING_ERROR, domain, "4.5", "no SPF record"); break;
	case SEARCH_FAILED: return error_set(error, STATUS_DNS, "DNS %s for %s", why, domain);
	}
	return true;
}

bool spf_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
	      struct spf_lint *lint, struct error *error)
{
	struct linter linter = {.pool = pool, .dns = dns, .budget = budget, .lint = lint};
	struct lint_subject read;

	*lint = (struct spf_lint){.line_count = 0};
	lint_subject_read(pool, subject, &read);
	if (read.kind == LINT_RECORD) {
		lint_text(&linter, read.text);
	} else if (read.kind == LINT_NEITHER) {
		add_finding(&linter, (struct finding){.severity = FINDING_ERROR,
						      .domain = "",
						      .section = "4.3",
						      .text = read.reason,
						      .remedy = read.remedy});
	} else if (!lint_domain(&linter, read.domain, error)) {
		return false;
	}
	lint_limits(&linter, read.domain != NULL ? read.domain : "");
	return true;
}
