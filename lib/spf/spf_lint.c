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

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "dns/zone_file.h"
#include "mail/domain.h"
#include "mail/lint_subject.h"
#include "spf/evaluate.h"
#include "spf/spf_correction.h"
#include "spf/spf_networks.h"
#include "spf/spf_repair.h"
#include "spf/spf_version.h"

#define VERSION "v=spf1"

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
	const char *sender_domain; /* the domain that was asked about; NULL: a record without one */
	struct spf_correction *correction; /* of the record itself; NULL: there is none */
	unsigned voids[FAMILIES];          /* terms that are void for clients of that family */
};

/* A record that is being gone through, and how we came to it. */
struct visit {
	const struct visit *from; /* NULL: it is the one that was asked for */
	const char *domain;       /* "" if not known */
	unsigned depth;
	bool is_own;         /* not included by somebody: what it does with strangers matters */
	struct slice reason; /* the term of the record itself that led here */
	size_t shift;        /* octets that the text has before the record as it is read */
	struct spf_record record;
	size_t taken_count; /* words that the findings about those before them speak of, too */
	const char **taken;
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
	return (size_t)(term.data - visit->record.text.data) + visit->shift;
}

/* correct - notes what is to be written in place of a term, if the record is the one to mend */
static void correct(struct linter *linter, const struct visit *visit, struct slice term,
		    const char *write)
{
	if (linter->correction != NULL && visit->from == NULL)
		spf_correction_set(linter->correction, term, write);
}

/* remedy_for - others have to mend their records themselves */
static const char *remedy_for(struct linter *linter, const struct visit *visit, const char *remedy)
{
	if (visit->from == NULL)
		return remedy;
	if (visit->is_own)
		return pool_printf(linter->pool, "in the record of %s: %s", visit->domain, remedy);
	return pool_printf(linter->pool, "tell %s, whose record it is: %s", visit->domain, remedy);
}

/* About one term. write: what to write in its place, "" for nothing; NULL: that needs a decision.
 */
struct advice {
	const char *section;
	const char *text;
	const char *remedy;
	const char *write;
};

/* find_term - about one term */
static void find_term(struct linter *linter, const struct visit *visit,
		      enum finding_severity severity, struct slice term, struct advice advice)
{
	add_finding(linter, (struct finding){
				.severity = severity,
				.domain = visit->domain,
				.term = text_excerpt(linter->pool, term),
				.position = position_in(visit, term),
				.section = advice.section,
				.text = advice.text,
				.remedy = remedy_for(linter, visit, advice.remedy),
			    });
	if (advice.write != NULL)
		correct(linter, visit, term, advice.write);
}

/* warn_term - a warning about one term */
static void warn_term(struct linter *linter, const struct visit *visit, const struct spf_term *term,
		      struct advice advice)
{
	find_term(linter, visit, FINDING_WARNING, term->text, advice);
}

/* find_record - about a record as a whole */
static void find_record(struct linter *linter, enum finding_severity severity, const char *domain,
			struct advice advice)
{
	add_finding(linter, (struct finding){
				.severity = severity,
				.domain = domain,
				.section = advice.section,
				.text = advice.text,
				.remedy = advice.remedy,
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
	    .text = text_visible(linter->pool, text),
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
		warn_term(linter, visit, term,
			  (struct advice){
			      .section = "5",
			      .text = pool_printf(linter->pool, "DNS %s for %s: temperror",
						  dns_status_word(answer->status), name),
			      .remedy = pool_printf(
				  linter->pool, "mend the name servers of %s, or take the term out",
				  name)});
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
	warn_term(linter, visit, term,
		  (struct advice){.section = "4.6.4",
				  .text = "a void lookup: there is nothing in DNS",
				  .remedy = "take it out, or publish an address for the name",
				  .write = ""});
}

/* drop_reason - what leads to a record that cannot be trusted is not to be used */
static void drop_reason(struct linter *linter, const struct visit *visit)
{
	if (visit->from != NULL && !visit->is_own && linter->correction != NULL)
		spf_correction_set(linter->correction, visit->reason, "");
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
		warn_term(linter, visit, term,
			  (struct advice){
			      .section = "4.6.4",
			      .text = pool_printf(linter->pool,
						  "%zu mail hosts, %d are allowed: permerror",
						  answer->count, SPF_MX_MAX),
			      .remedy = "name the networks of the mail hosts by ip4: and ip6:"});
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
				 const struct dns_answer **answer)
{
	size_t count = 0;

	*answer = dns_query(linter->dns, domain, DNS_TXT, linter->budget);
	if ((*answer)->status != DNS_FOUND && !is_void(*answer))
		return SEARCH_FAILED;
	for (size_t i = 0; i < (*answer)->count; i++) {
		if (spf_record_is((*answer)->records[i].text)) {
			*text = (*answer)->records[i].text;
			count++;
		}
	}
	return count == 0 ? SEARCH_NONE : count == 1 ? SEARCH_FOUND : SEARCH_SEVERAL;
}

/* merged - one record for all of a domain; NULL if they cannot be read */
static const char *merged(struct linter *linter, const struct dns_answer *answer)
{
	const char *record = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].text;

		if (!spf_record_is(text))
			continue;
		record = record == NULL
			     ? slice_copy(linter->pool, text)
			     : spf_correction_merge(linter->pool, slice_of(record), text);
		if (record == NULL)
			return NULL;
	}
	return record;
}

/* several - two records of one domain */
static void several(struct linter *linter, const struct visit *visit, const char *domain,
		    const struct dns_answer *answer)
{
	const char *record = merged(linter, answer);
	struct visit shown = {.from = visit, .domain = domain};
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->records[i].text))
			continue;
		shown.depth = visit != NULL ? visit->depth + 1 : 0;
		shown.record.text = answer->records[i].text;
		add_line(linter, &shown, answer->records[i].text, domain);
		count++;
	}
	if (visit == NULL)
		linter->lint->corrected = record;
	find_record(
	    linter, FINDING_ERROR, domain,
	    (struct advice){
		.section = "4.5",
		.text = pool_printf(linter->pool, "several SPF records, %zu: permerror", count),
		.remedy = record != NULL ? pool_printf(linter->pool,
						       "publish one record in place of all: \"%s\"",
						       text_visible(linter->pool, slice_of(record)))
					 : "publish one record with the terms of all"});
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

/* find_loop - an include or a redirect to a record that led here */
static void find_loop(struct linter *linter, const struct visit *visit, const struct spf_term *term)
{
	warn_term(linter, visit, term,
		  (struct advice){.section = "4.6.4",
				  .text = "leads back to itself: permerror",
				  .remedy = "take it out",
				  .write = ""});
}

/* find_nothing - an include or a redirect to a domain without a record */
static void find_nothing(struct linter *linter, const struct visit *visit,
			 const struct spf_term *term, const char *target)
{
	warn_term(
	    linter, visit, term,
	    (struct advice){
		.section = term->type == SPF_TERM_INCLUDE ? "5.2" : "6.1",
		.text = pool_printf(linter->pool, "%s has no SPF record: permerror", target),
		.remedy = pool_printf(linter->pool,
				      "take it out, or write the name that the provider gives; "
				      "a host of that name is \"a:%s\"",
				      target),
		.write = ""});
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
	    .reason = visit->from == NULL ? term->text : visit->reason,
	};
	struct slice text = slice_of(NULL);
	const struct dns_answer *answer;

	if (was_visited(visit, target)) {
		find_loop(linter, visit, term);
		return;
	}
	if (visit->depth == SPF_LINT_DEPTH_MAX)
		return; /* more than 10 lookups, which is said at the end */
	switch (search_record(linter, target, &text, &answer)) {
	case SEARCH_FOUND: lint_record(linter, &next, text); break;
	case SEARCH_SEVERAL: several(linter, visit, target, answer); break;
	case SEARCH_NONE: find_nothing(linter, visit, term, target); break;
	case SEARCH_FAILED:
		warn_term(linter, visit, term,
			  (struct advice){
			      .section = "4.4",
			      .text = pool_printf(linter->pool, "DNS %s for %s: temperror",
						  dns_status_word(answer->status), target),
			      .remedy = pool_printf(linter->pool,
						    "try again; if it stays so, tell %s", target)});
		break;
	}
}

/* For macros: what is known without a message. */
struct known {
	const struct linter *linter;
	const struct visit *visit;
};

/* known_value - a spf_macro_source: %{d} is the domain of the record, %{o} that of the sender */
static struct slice known_value(void *context, char letter)
{
	const struct known *known = context;

	if (letter == 'd' && known->visit->domain[0] != '\0')
		return slice_of(known->visit->domain);
	if (letter == 'o' && known->linter->sender_domain != NULL)
		return slice_of(known->linter->sender_domain);
	return slice_of(NULL);
}

/* target_of - the name that a term asks for; NULL if it depends on the message, or is none */
static const char *target_of(struct linter *linter, const struct visit *visit,
			     const struct spf_term *term, bool *is_known)
{
	struct known known = {.linter = linter, .visit = visit};
	struct spf_macro_source source = {.value = known_value, .context = &known};
	const char *target;

	*is_known = true;
	if (term->domain_spec.data == NULL) {
		*is_known = visit->domain[0] != '\0';
		return *is_known ? visit->domain : NULL;
	}
	*is_known = spf_macro_expand(linter->pool, term->domain_spec, &source) != NULL;
	if (!*is_known)
		return NULL;
	target = spf_macro_target(linter->pool, term->domain_spec, &source);
	return target != NULL ? domain_canonical(linter->pool, slice_of(target)) : NULL;
}

/* lint_no_name - a name that DNS cannot be asked for (RFC 7208 4.8) */
static void lint_no_name(struct linter *linter, const struct visit *visit,
			 const struct spf_term *term, bool follows)
{
	find_term(linter, visit, follows ? FINDING_ERROR : FINDING_WARNING, term->text,
		  (struct advice){
		      .section = "4.8",
		      .text = follows ? "is no name that DNS can be asked for: permerror"
				      : "is no name that DNS can be asked for: it never matches",
		      .remedy = "write a name with labels of 1 to 63 octets, or take the term out",
		      .write = ""});
}

/* lint_lookup - a term that asks DNS */
static void lint_lookup(struct linter *linter, const struct visit *visit,
			const struct spf_term *term)
{
	bool is_known;
	const char *target = target_of(linter, visit, term, &is_known);
	bool follows = term->type == SPF_TERM_INCLUDE || term->type == SPF_TERM_REDIRECT;

	if (++linter->lint->lookups > SPF_LINT_LOOKUPS_MAX)
		return;
	if (term->type == SPF_TERM_PTR)
		warn_term(
		    linter, visit, term,
		    (struct advice){.section = "5.5",
				    .text = "ptr is slow and unreliable, do not use it",
				    .remedy = "take it out, and name the hosts by ip4:, ip6: or a:",
				    .write = ""});
	if (follows && slice_is_nocase(term->domain_spec, "%{d}")) {
		find_loop(linter, visit, term);
		return;
	}
	if (is_known && target == NULL) {
		lint_no_name(linter, visit, term, follows);
		return;
	}
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

/* next_word - after a term of the record */
static struct slice next_word(const struct visit *visit, struct slice term)
{
	struct slice text = visit->record.text;
	size_t end = (size_t)(term.data - text.data) + term.len;
	struct slice rest;

	while (end < text.len && text.data[end] == ' ')
		end++;
	rest = slice_skip(text, end);
	rest.len = slice_find(rest, ' ');
	return rest;
}

/* repair_term - a term that is broken, or that only a mistake explains */
static void repair_term(struct linter *linter, struct visit *visit, enum finding_severity severity,
			struct slice term, struct advice advice)
{
	struct spf_repair repair;
	struct slice next = next_word(visit, term);

	spf_repair(linter->pool, term, next, &repair);
	if (repair.meant != NULL && advice.text != NULL)
		advice.text = pool_printf(linter->pool, "%s: %s", advice.text, repair.meant);
	else if (advice.text == NULL)
		advice.text = repair.meant != NULL ? repair.meant : "cannot be what was meant";
	advice.remedy = repair.remedy;
	advice.write = repair.write;
	if (repair.write != NULL && slice_is(term, repair.write)) { /* the second one of its name */
		advice.remedy = "take one of them out";
		advice.write = "";
	}
	find_term(linter, visit, severity, term, advice);
	if (repair.takes_next) {
		visit->taken = pool_grow(linter->pool, visit->taken, visit->taken_count,
					 sizeof(*visit->taken));
		visit->taken[visit->taken_count++] = next.data;
		correct(linter, visit, next, "");
	}
}

/* lint_unknown - a modifier that RFC 7208 does not define; perhaps it was to be a term */
static void lint_unknown(struct linter *linter, struct visit *visit, const struct spf_term *term)
{
	struct slice name = slice_from(term->text.data, slice_find(term->text, '='));
	struct advice advice = {.section = "6", .text = "is ignored"};

	if (spf_is_mechanism_name(name))
		advice.text = "is ignored: after the name of a mechanism comes a colon, not \"=\"";
	repair_term(linter, visit, FINDING_WARNING, term->text, advice);
}

/* lint_network - the client's address is compared with what is written here */
static void lint_network(struct linter *linter, const struct visit *visit,
			 const struct spf_term *term)
{
	bool is_network = term->type == SPF_TERM_IP4 || term->type == SPF_TERM_IP6;
	const char *danger = is_network ? spf_network_danger(term) : NULL;
	const char *clean = is_network ? spf_network_clean(linter->pool, term) : NULL;

	if (term->qualifier == RESULT_PASS && spf_network_is_world(term)) {
		warn_term(linter, visit, term,
			  (struct advice){
			      .section = is_network ? "5.6" : "5.3",
			      .text = "lets every host in the world pass, or a great part of it",
			      .remedy = "take it out, and name the networks of your mail servers",
			      .write = ""});
		drop_reason(linter, visit);
	} else if (danger != NULL) {
		warn_term(linter, visit, term,
			  (struct advice){
			      .section = "5.6",
			      .text = pool_printf(linter->pool,
						  "%s: no mail comes from there over the Internet",
						  danger),
			      .remedy = "take it out; name the address that others see",
			      .write = ""});
	} else if (clean != NULL) {
		warn_term(
		    linter, visit, term,
		    (struct advice){.section = "5.6",
				    .text = "has bits set after the prefix, which are ignored",
				    .remedy = pool_printf(
					linter->pool,
					"write \"%s\" for the network, or leave the prefix out for "
					"the one host",
					clean),
				    .write = clean});
	}
}

/* is_same - do two terms match the same clients? Qualifiers make no difference: the first matches
 */
static bool is_same(struct pool *pool, const struct spf_term *a, const struct spf_term *b)
{
	const char *one, *other;

	if (a->type != b->type || a->prefix4 != b->prefix4 || a->prefix6 != b->prefix6 ||
	    a->type == SPF_TERM_UNKNOWN || a->type == SPF_TERM_ALL)
		return slice_equal_nocase(a->text, b->text);
	if (a->type == SPF_TERM_IP4)
		return a->network4.s_addr == b->network4.s_addr;
	if (a->type == SPF_TERM_IP6)
		return memcmp(&a->network6, &b->network6, sizeof(a->network6)) == 0;
	if (a->domain_spec.data == NULL || b->domain_spec.data == NULL)
		return a->domain_spec.data == b->domain_spec.data;
	one = domain_canonical(pool, a->domain_spec);
	other = domain_canonical(pool, b->domain_spec);
	if (one == NULL || other == NULL)
		return slice_equal_nocase(a->domain_spec, b->domain_spec);
	return strcmp(one, other) == 0;
}

/* is_earlier - is the same term there before? */
static bool is_earlier(struct pool *pool, const struct spf_record *record,
		       const struct spf_term *term)
{
	for (const struct spf_term *other = record->terms; other < term; other++) {
		if (is_same(pool, other, term))
			return true;
	}
	return false;
}

/* lint_exp - the explanation, which costs nothing until somebody fails (RFC 7208 6.2) */
static void lint_exp(struct linter *linter, const struct visit *visit, const struct spf_term *term)
{
	bool is_known;
	const char *target = target_of(linter, visit, term, &is_known);
	const struct dns_answer *answer;
	struct spf_syntax_error ignored;
	struct advice advice = {.section = "6.2", .write = ""};

	if (target == NULL)
		return;
	answer = ask(linter, visit, term, target, DNS_TXT);
	advice.remedy = pool_printf(
	    linter->pool, "publish one TXT record with the text at %s, or take exp= out", target);
	if (is_void(answer))
		advice.text = pool_printf(linter->pool, "there is no explanation at %s", target);
	else if (answer->count > 1)
		advice.text = pool_printf(linter->pool, "%zu TXT records at %s: none is used",
					  answer->count, target);
	else if (answer->count == 1 &&
		 !spf_macro_check(answer->records[0].text, SPF_EXPLAIN_STRING, &ignored))
		advice.text =
		    pool_printf(linter->pool, "the text at %s is not used: %s at position %zu",
				target, ignored.what, ignored.position);
	if (advice.text != NULL)
		warn_term(linter, visit, term, advice);
}

/* lint_mechanism - what is dangerous in a term that is right */
static void lint_mechanism(struct linter *linter, struct visit *visit, const struct spf_term *term)
{
	if (term->type == SPF_TERM_UNKNOWN && !spf_term_is_plausible(linter->pool, term->text)) {
		lint_unknown(linter, visit, term);
		return;
	}
	lint_network(linter, visit, term);
	if (term->domain_spec.data != NULL && term->type != SPF_TERM_UNKNOWN &&
	    spf_macro_uses(term->domain_spec, 'p'))
		warn_term(linter, visit, term,
			  (struct advice){.section = "7.2",
					  .text = "%{p} is slow and unreliable, do not use it",
					  .remedy = "take it out, or use %{i}, the address",
					  .write = ""});
	if (is_earlier(linter->pool, &visit->record, term))
		warn_term(
		    linter, visit, term,
		    (struct advice){.section = "4.6.4",
				    .text = "is there a second time, which does nothing but cost",
				    .remedy = "take one of them out",
				    .write = ""});
	if (term->type == SPF_TERM_EXP && visit->is_own)
		lint_exp(linter, visit, term);
}

/* lint_term - one term and its cost */
static void lint_term(struct linter *linter, struct visit *visit, const struct spf_term *term,
		      bool is_reached)
{
	size_t line = add_line(linter, visit, term->text, NULL);
	unsigned lookups = linter->lint->lookups;
	unsigned voids = linter->lint->void_lookups;
	bool is_odd =
	    term->type != SPF_TERM_UNKNOWN && !spf_term_is_plausible(linter->pool, term->text);
	bool follows = term->type == SPF_TERM_INCLUDE || term->type == SPF_TERM_REDIRECT;

	if (is_odd)
		repair_term(linter, visit, follows ? FINDING_ERROR : FINDING_WARNING, term->text,
			    (struct advice){.section = "7.1"});
	else
		lint_mechanism(linter, visit, term);
	if (is_reached && spf_term_is_lookup(term) && !is_odd)
		lint_lookup(linter, visit, term);
	else if (is_reached && spf_term_is_lookup(term))
		linter->lint->lookups++;
	linter->lint->lines[line].lookups = linter->lint->lookups - lookups;
	linter->lint->lines[line].void_lookups = linter->lint->void_lookups - voids;
}

/* is_taken - was a word spoken of together with the one before it? */
static bool is_taken(const struct visit *visit, struct slice word)
{
	for (size_t i = 0; i < visit->taken_count; i++) {
		if (visit->taken[i] == word.data)
			return true;
	}
	return false;
}

/* find_all - the first all, or NULL */
static const struct spf_term *find_all(const struct visit *visit)
{
	const struct spf_record *record = &visit->record;

	for (size_t i = 0; i < record->count; i++) {
		if (record->terms[i].type == SPF_TERM_ALL &&
		    !is_taken(visit, record->terms[i].text))
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
		warn_term(linter, visit, term,
			  (struct advice){.section = "5.1",
					  .text = "is never reached: it comes after all",
					  .remedy = "write one all, as the last mechanism"});
		break;
	}
	if (record->redirect != NULL)
		warn_term(linter, visit, record->redirect,
			  (struct advice){.section = "6.1",
					  .text = "is ignored: there is an all",
					  .remedy = "take out redirect=, or all",
					  .write = ""});
}

/* lint_shape - what becomes of clients that match nothing else */
static void lint_shape(struct linter *linter, const struct visit *visit, const struct spf_term *all)
{
	const struct spf_record *record = &visit->record;

	if (all != NULL && all->qualifier == RESULT_PASS) {
		warn_term(linter, visit, all,
			  (struct advice){
			      .section = "5.1",
			      .text = "lets every host in the world pass",
			      .remedy = "write \"~all\", and \"-all\" when all of your mail passes",
			      .write = "~all"});
		drop_reason(linter, visit);
	}
	if (!visit->is_own)
		return;
	if (all != NULL && all->qualifier == RESULT_NEUTRAL)
		warn_term(linter, visit, all,
			  (struct advice){
			      .section = "5.1",
			      .text = "says nothing about all other hosts",
			      .remedy = "write \"~all\", and \"-all\" when all of your mail passes",
			      .write = "~all"});
	if (all != NULL)
		lint_unreached(linter, visit, all);
	else if (record->redirect == NULL && record->error_count == 0)
		find_record(
		    linter, FINDING_WARNING, visit->domain,
		    (struct advice){.section = "4.7",
				    .text = "neither all nor redirect=: says nothing about all "
					    "other hosts",
				    .remedy = "write \"~all\" at the end, and \"-all\" when all "
					      "of your mail passes"});
	if (record->text.len > SPF_RECORD_OCTETS_MAX)
		find_record(
		    linter, FINDING_WARNING, visit->domain,
		    (struct advice){
			.section = "3.4",
			.text = pool_printf(linter->pool, "%zu octets, the answer should fit in %d",
					    record->text.len, SPF_RECORD_OCTETS_MAX),
			.remedy =
			    "move terms into records of their own, such as "
			    "\"include:_spf1.example.com\"; spfcheck --flatten divides a record"});
}

/* lint_errors - what is wrong with the grammar */
static void lint_errors(struct linter *linter, struct visit *visit)
{
	for (size_t i = 0; i < visit->record.error_count; i++) {
		const struct spf_syntax_error *error = &visit->record.errors[i];
		struct finding *finding;
		struct advice advice = {.section = error->section, .text = error->what};

		if (is_taken(visit, error->term))
			continue;
		repair_term(linter, visit, FINDING_ERROR, error->term, advice);
		finding = &linter->lint->findings.items[linter->lint->findings.count - 1];
		finding->position = error->position + visit->shift;
	}
	if (visit->record.error_count > 0)
		drop_reason(linter, visit);
}

/* other_record - where another record begins in the middle of this one; text.len if none does */
static size_t other_record(struct slice text)
{
	for (size_t at = strlen(VERSION); at + 2 < text.len; at++) {
		bool starts = text.data[at - 1] == ' ' || text.data[at - 1] == ';';

		if (starts && slice_starts_nocase(slice_skip(text, at), "v=") &&
		    !slice_starts_nocase(slice_skip(text, at), "v=spf"))
			return at;
	}
	return text.len;
}

/* cut_other - a DMARC or DKIM record that was appended; what is left is the SPF record */
static struct slice cut_other(struct linter *linter, const struct visit *visit, struct slice text)
{
	size_t at = other_record(text);
	struct slice other = slice_skip(text, at);
	bool is_dmarc = slice_starts_nocase(other, "v=dmarc");

	if (at == text.len)
		return text;
	add_finding(linter,
		    (struct finding){
			.severity = FINDING_WARNING,
			.domain = visit->domain,
			.term = text_excerpt(linter->pool, other),
			.position = at + visit->shift,
			.section = "3.1",
			.text = "is another record, which does not count in here",
			.remedy = remedy_for(
			    linter, visit,
			    pool_printf(linter->pool, "publish it as a TXT record of its own%s%s%s",
					is_dmarc ? " at _dmarc." : "",
					!is_dmarc                  ? ""
					: visit->domain[0] != '\0' ? visit->domain
								   : "example.com",
					", and take it out here")),
		    });
	return slice_trim(slice_from(text.data, at));
}

/* lint_again - "v=spf1" in the middle: two records that were put into one */
static bool lint_again(struct linter *linter, struct visit *visit, const struct spf_term *term)
{
	if (!slice_starts_nocase(term->text, "v=spf"))
		return false;
	warn_term(linter, visit, term,
		  (struct advice){.section = "3.2",
				  .text = "is the beginning of a second record in this one",
				  .remedy = "take it out, and have one all at the end",
				  .write = ""});
	return true;
}

/* lint_terms - in their order */
static void lint_terms(struct linter *linter, struct visit *visit, const struct spf_term *all)
{
	bool is_reached = true;

	for (size_t i = 0; i < visit->record.count; i++) {
		const struct spf_term *term = &visit->record.terms[i];

		if (is_taken(visit, term->text) || lint_again(linter, visit, term))
			continue;
		if (term->type == SPF_TERM_REDIRECT)
			lint_term(linter, visit, term, all == NULL);
		else
			lint_term(linter, visit, term, is_reached);
		is_reached = is_reached && term != all;
	}
}

/*
 * lint_record - one record. It calls itself by way of include and redirect, at most
 * SPF_LINT_DEPTH_MAX deep.
 */
static void lint_record(struct linter *linter, struct visit *visit, struct slice text)
{
	const struct spf_term *all;

	visit->record.text = text;
	add_line(linter, visit, text, visit->domain);
	text = cut_other(linter, visit, text);
	if (visit->from == NULL)
		linter->correction =
		    spf_correction_new(linter->pool, slice_skip(text, strlen(VERSION)));
	spf_record_parse(linter->pool, text, &visit->record);
	lint_errors(linter, visit);
	all = find_all(visit);
	lint_shape(linter, visit, all);
	lint_terms(linter, visit, all);
}

/* lint_limits - what all records cost together */
static void lint_limits(struct linter *linter, const char *domain)
{
	static const char *const families[] = {[FAMILY_IP4] = "IPv4", [FAMILY_IP6] = "IPv6"};
	const struct spf_lint *lint = linter->lint;

	if (lint->lookups > SPF_LOOKUPS_MAX)
		find_record(
		    linter, FINDING_WARNING, domain,
		    (struct advice){
			.section = "4.6.4",
			.text = pool_printf(linter->pool,
					    "%u terms that ask DNS, %d are allowed: permerror",
					    lint->lookups, SPF_LOOKUPS_MAX),
			.remedy =
			    "take out includes that you use no more, name hosts by ip4: and ip6:, "
			    "or see what spfcheck --flatten prints"});
	for (size_t i = 0; i < FAMILIES; i++) {
		if (linter->voids[i] <= SPF_VOID_LOOKUPS_MAX)
			continue;
		find_record(
		    linter, FINDING_WARNING, domain,
		    (struct advice){.section = "4.6.4",
				    .text = pool_printf(
					linter->pool,
					"%u void lookups for %s clients, %d are allowed: permerror",
					linter->voids[i], families[i], SPF_VOID_LOOKUPS_MAX),
				    .remedy = pool_printf(
					linter->pool,
					"take out names without %s addresses, or name these hosts "
					"by ip4: and ip6:",
					families[i])});
	}
}

/* find_version - a text that was meant as a record; it is gone through as if it were one */
static void find_version(struct linter *linter, const char *domain, struct slice text,
			 const struct spf_version *version)
{
	const char *read = pool_printf(linter->pool, VERSION " %.*s", (int)version->terms.len,
				       version->terms.data);
	struct visit visit = {.domain = domain, .is_own = true};
	size_t offset = (size_t)(version->terms.data - text.data);
	size_t line = linter->lint->line_count;

	add_finding(linter,
		    (struct finding){.severity = FINDING_ERROR,
				     .domain = domain,
				     .position = version->position,
				     .term = text_excerpt(linter->pool, text),
				     .section = "4.5",
				     .text = version->wrong,
				     .remedy = "begin the record with \"v=spf1\" and a space"});
	visit.shift = offset - strlen(VERSION " ");
	lint_record(linter, &visit, slice_of(read));
	linter->lint->lines[line].text = text_visible(linter->pool, text);
}

/* lint_text - a record that was given as such */
static void lint_text(struct linter *linter, struct slice text)
{
	struct visit visit = {.domain = "", .is_own = true};
	struct spf_version version;

	linter->lint->octets = text.len;
	spf_version_read(linter->pool, text, &version);
	if (version.wrong == NULL)
		lint_record(linter, &visit, text);
	else if (version.is_near)
		find_version(linter, "", text, &version);
	else
		find_record(
		    linter, FINDING_ERROR, "",
		    (struct advice){.section = "4.5",
				    .text = version.wrong,
				    .remedy = "begin the record with \"v=spf1\" and a space"});
}

/* lint_none - a domain without a record, but perhaps with something that was meant as one */
static void lint_none(struct linter *linter, const char *domain, const struct dns_answer *answer)
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
	find_record(linter, FINDING_ERROR, domain,
		    (struct advice){.section = "4.5", .text = what, .remedy = remedy});
}

/* lint_domain - the record of a domain */
static bool lint_domain(struct linter *linter, const char *domain, struct error *error)
{
	struct visit visit = {.domain = domain, .is_own = true};
	const struct dns_answer *answer;
	struct slice text = slice_of(NULL);

	linter->sender_domain = domain;
	switch (search_record(linter, domain, &text, &answer)) {
	case SEARCH_FOUND:
		linter->lint->octets = text.len;
		lint_record(linter, &visit, text);
		break;
	case SEARCH_SEVERAL: several(linter, NULL, domain, answer); break;
	case SEARCH_NONE: lint_none(linter, domain, answer); break;
	case SEARCH_FAILED:
		return error_set(error, STATUS_DNS, "DNS %s for %s",
				 dns_status_word(answer->status), domain);
	}
	return true;
}

/* lint_string - of the quotes of a zone file */
static void lint_string(struct linter *linter, const struct lint_subject *subject)
{
	if (subject->longest <= LINT_STRING_MAX)
		return;
	find_record(
	    linter, FINDING_ERROR, "",
	    (struct advice){.section = "3.3",
			    .text = pool_printf(linter->pool,
						"a character-string of %zu octets, name servers "
						"take at most %d",
						subject->longest, LINT_STRING_MAX),
			    .remedy = pool_printf(linter->pool, "divide it: %s",
						  txt_strings(linter->pool, subject->text))});
}

/* finish - what the record would be with all remedies */
static void finish(struct linter *linter)
{
	struct spf_lint *lint = linter->lint;

	if (linter->correction != NULL && lint->findings.count > 0)
		lint->corrected = spf_correction_record(linter->correction);
	if (lint->corrected != NULL && lint->line_count > 0 &&
	    strcmp(lint->corrected, lint->lines[0].text) == 0)
		lint->corrected = NULL;
}

bool spf_lint(struct pool *pool, const char *subject, struct dns *dns, struct dns_budget *budget,
	      struct spf_lint *lint, struct error *error)
{
	struct linter linter = {.pool = pool, .dns = dns, .budget = budget, .lint = lint};
	struct lint_subject read;

	*lint = (struct spf_lint){.line_count = 0};
	lint_subject_read(pool, subject, &read);
	if (read.kind == LINT_RECORD) {
		lint_string(&linter, &read);
		lint_text(&linter, read.text);
	} else if (read.kind == LINT_NEITHER) {
		find_record(
		    &linter, FINDING_ERROR, "",
		    (struct advice){.section = "4.3", .text = read.reason, .remedy = read.remedy});
	} else if (!lint_domain(&linter, read.domain, error)) {
		return false;
	}
	lint_limits(&linter, read.domain != NULL ? read.domain : "");
	finish(&linter);
	return true;
}

void spf_lint_record(struct pool *pool, const char *domain, const char *record, struct dns *dns,
		     struct dns_budget *budget, struct spf_lint *lint)
{
	struct linter linter = {
	    .pool = pool, .dns = dns, .budget = budget, .lint = lint, .sender_domain = domain};
	struct visit visit = {.domain = domain, .is_own = true};

	*lint = (struct spf_lint){.octets = strlen(record)};
	lint_record(&linter, &visit, slice_of(record));
	lint_limits(&linter, domain);
	finish(&linter);
}
