/*
 * spf_flatten - a record with the addresses in place of names; see spf/spf_flatten.h
 *
 * RFC 7208 5.2: an include matches what passes there, whatever its own all says. 6.1: a redirect
 * takes over the whole of the other record.
 */
#include "spf/spf_flatten.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"
#include "spf/match.h"
#include "spf/spf_record.h"

/* Terms as they are to be written. */
struct terms {
	size_t count;
	const char **items;
};

struct flattener {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	struct spf_flat *flat;
	struct error *error;
	unsigned lookups;
	bool failed; /* error says why */
};

/* A record on the way. */
struct level {
	const char *domain;
	unsigned depth;
	struct spf_record record;
};

static void *grow(struct flattener *flattener, void *items, size_t count)
{
	return pool_grow(flattener->pool, items, count, sizeof(const char *));
}

/* add_flat_text - to a list, once */
static void add_flat_text(struct flattener *flattener, const char ***list, size_t *count,
			  const char *text)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*list)[i], text) == 0)
			return;
	}
	*list = grow(flattener, *list, *count);
	(*list)[(*count)++] = text;
}

/* fail_flattening - the first reason counts */
static bool fail_flattening(struct flattener *flattener, const char *status, const char *text)
{
	if (!flattener->failed)
		error_set(flattener->error, status, "%s", text);
	flattener->failed = true;
	return false;
}

static void add_term(struct flattener *flattener, struct terms *terms, const char *text)
{
	if (terms->count == SPF_FLATTEN_TERMS_MAX)
		fail_flattening(flattener, STATUS_OTHER, "the records have too many terms");
	else
		add_flat_text(flattener, &terms->items, &terms->count, text);
}

/* ask_to_flatten - every name is a source; no answer is no record, and not half of one */
static const struct dns_answer *ask_to_flatten(struct flattener *flattener, const char *name,
					       enum dns_type type)
{
	const struct dns_answer *answer = dns_query(flattener->dns, name, type, flattener->budget);

	if (answer->status != DNS_FOUND && answer->status != DNS_NODATA &&
	    answer->status != DNS_NXDOMAIN)
		fail_flattening(flattener, STATUS_DNS,
				pool_printf(flattener->pool, "DNS %s for %s %s",
					    dns_status_word(answer->status), name,
					    dns_type_word(type)));
	return answer;
}

static const char *qualifier_of(enum result result)
{
	switch (result) {
	case RESULT_FAIL: return "-";
	case RESULT_SOFTFAIL: return "~";
	case RESULT_NEUTRAL: return "?";
	default: return "";
	}
}

/* add_hosts - the addresses of a host, with the prefixes of the term */
static void add_hosts(struct flattener *flattener, struct terms *terms, const struct spf_term *term,
		      const char *host)
{
	const char *qualifier = qualifier_of(term->qualifier);
	const enum dns_type types[] = {DNS_A, DNS_AAAA};
	char text[INET6_ADDRSTRLEN];

	for (size_t t = 0; t < 2; t++) {
		const struct dns_answer *answer = ask_to_flatten(flattener, host, types[t]);
		bool is_ip4 = types[t] == DNS_A;
		unsigned prefix = is_ip4 ? term->prefix4 : term->prefix6;

		for (size_t i = 0; i < answer->count; i++) {
			inet_ntop(is_ip4 ? AF_INET : AF_INET6, &answer->records[i].a, text,
				  sizeof(text));
			add_term(flattener, terms,
				 prefix == (is_ip4 ? 32 : 128)
				     ? pool_printf(flattener->pool, "%s%s:%s", qualifier,
						   is_ip4 ? "ip4" : "ip6", text)
				     : pool_printf(flattener->pool, "%s%s:%s/%u", qualifier,
						   is_ip4 ? "ip4" : "ip6", text, prefix));
		}
	}
	add_flat_text(flattener, &flattener->flat->sources, &flattener->flat->source_count, host);
}

/* add_mail_hosts - of mx */
static void add_mail_hosts(struct flattener *flattener, struct terms *terms,
			   const struct spf_term *term, const char *domain)
{
	const struct dns_answer *answer = ask_to_flatten(flattener, domain, DNS_MX);

	for (size_t i = 0; i < answer->count && i < SPF_MX_MAX; i++) {
		if (answer->records[i].mx.exchange[0] != '\0')
			add_hosts(flattener, terms, term, answer->records[i].mx.exchange);
	}
}

/* keep - a term that nothing can be put in place of */
static void keep(struct flattener *flattener, struct terms *terms, struct slice text)
{
	const char *copy = slice_copy(flattener->pool, text);

	add_term(flattener, terms, copy);
	add_flat_text(flattener, &flattener->flat->kept, &flattener->flat->kept_count, copy);
}

/* read_flat_record - of a domain; false if there is none that can be evaluated */
static bool read_flat_record(struct flattener *flattener, struct level *level)
{
	const struct dns_answer *answer = ask_to_flatten(flattener, level->domain, DNS_TXT);
	struct slice text = slice_of(NULL);
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (spf_record_is(answer->records[i].text)) {
			text = answer->records[i].text;
			count++;
		}
	}
	if (flattener->failed)
		return false;
	if (count != 1 || !spf_record_parse(flattener->pool, text, &level->record) ||
	    level->depth > SPF_FLATTEN_DEPTH_MAX)
		return fail_flattening(
		    flattener, STATUS_OTHER,
		    pool_printf(flattener->pool,
				"%s has no SPF record that can be evaluated; see "
				"spfcheck --lint %s",
				level->domain, level->domain));
	return true;
}

/* flat_target_of - the name of a term, NULL if it has macros */
static const char *flat_target_of(struct flattener *flattener, const struct level *level,
				  const struct spf_term *term)
{
	if (term->domain_spec.data == NULL)
		return level->domain;
	if (slice_find(term->domain_spec, '%') < term->domain_spec.len)
		return NULL;
	return domain_canonical(flattener->pool, term->domain_spec);
}

static bool collect_passes(struct flattener *flattener, const struct level *level,
			   struct terms *terms, enum result qualifier);

/* collect_include - the terms of an include; false if it has to stay */
static bool collect_include(struct flattener *flattener, const struct level *level,
			    const struct spf_term *term, struct terms *terms, enum result qualifier)
{
	struct level inner = {.domain = flat_target_of(flattener, level, term),
			      .depth = level->depth + 1};

	if (inner.domain == NULL)
		return false;
	if (++flattener->lookups > 10 * SPF_LOOKUPS_MAX)
		return fail_flattening(flattener, STATUS_OTHER,
				       "the records ask for too many names");
	if (!read_flat_record(flattener, &inner))
		return false;
	add_flat_text(flattener, &flattener->flat->sources, &flattener->flat->source_count,
		      inner.domain);
	return collect_passes(flattener, &inner, terms, qualifier);
}

/* collect_pass - one term that passes; false if it cannot be told */
static bool collect_pass(struct flattener *flattener, const struct level *level,
			 const struct spf_term *term, struct terms *terms, enum result qualifier)
{
	struct spf_term meant = *term;
	const char *target = flat_target_of(flattener, level, term);
	struct slice bare = term->text;

	meant.qualifier = qualifier;
	if (strchr("+-~?", bare.data[0]) != NULL)
		bare = slice_skip(bare, 1); /* qualifier says it */
	switch (term->type) {
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
		add_term(flattener, terms,
			 pool_printf(flattener->pool, "%s%s", qualifier_of(qualifier),
				     slice_copy(flattener->pool, bare)));
		return true;
	case SPF_TERM_A:
		if (target != NULL)
			add_hosts(flattener, terms, &meant, target);
		return target != NULL;
	case SPF_TERM_MX:
		if (target != NULL)
			add_mail_hosts(flattener, terms, &meant, target);
		return target != NULL;
	case SPF_TERM_INCLUDE: return collect_include(flattener, level, term, terms, qualifier);
	default: return false;
	}
}

/* collect_passes - all that passes in an included record; false if order matters in it */
static bool collect_passes(struct flattener *flattener, const struct level *level,
			   struct terms *terms, enum result qualifier)
{
	const struct spf_record *record = &level->record;

	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (!spf_term_is_mechanism(term))
			continue;
		if (term->type == SPF_TERM_ALL)
			return term->qualifier != RESULT_PASS;
		if (term->qualifier != RESULT_PASS ||
		    !collect_pass(flattener, level, term, terms, qualifier))
			return false;
	}
	return record->redirect == NULL ||
	       collect_include(flattener, level, record->redirect, terms, qualifier);
}

/* flatten_term - one term of the domain's own record */
static void flatten_term(struct flattener *flattener, const struct level *level,
			 const struct spf_term *term, struct terms *terms)
{
	struct terms found = {.count = 0};

	if (term->type == SPF_TERM_ALL || term->type == SPF_TERM_EXP ||
	    term->type == SPF_TERM_UNKNOWN) {
		add_term(flattener, terms, slice_copy(flattener->pool, term->text));
		return;
	}
	if (!collect_pass(flattener, level, term, &found, term->qualifier)) {
		keep(flattener, terms, term->text);
		return;
	}
	for (size_t i = 0; i < found.count; i++)
		add_term(flattener, terms, found.items[i]);
}

/* has_all - is there a mechanism that always matches, so that nothing after it counts? */
static bool has_all(const struct spf_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->terms[i].type == SPF_TERM_ALL)
			return true;
	}
	return false;
}

/*
 * flatten_record - the domain's own record, and those that it redirects to; the exp= of the last
 * one counts then (RFC 7208 6.2), and two of them would be an error
 */
static bool flatten_record(struct flattener *flattener, struct level *level, struct terms *terms)
{
	const struct spf_record *record = &level->record;
	struct level next = {.depth = level->depth + 1};
	bool is_after_all = false;

	if (!read_flat_record(flattener, level))
		return false;
	if (record->redirect != NULL && !has_all(record))
		next.domain = flat_target_of(flattener, level, record->redirect);
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (term->type == SPF_TERM_REDIRECT ||
		    (is_after_all && spf_term_is_mechanism(term)) ||
		    (next.domain != NULL && term->type == SPF_TERM_EXP))
			continue;
		is_after_all = is_after_all || term->type == SPF_TERM_ALL;
		flatten_term(flattener, level, term, terms);
	}
	if (next.domain != NULL)
		return flatten_record(flattener, &next, terms);
	if (record->redirect != NULL && !is_after_all)
		keep(flattener, terms, record->redirect->text);
	return !flattener->failed;
}

/* is_network - a term that passes and asks nothing: it can be moved to another record */
static bool is_network(const char *term)
{
	return strncmp(term, "ip4:", 4) == 0 || strncmp(term, "ip6:", 4) == 0;
}

/* add_record - to what is to be published */
static void add_record(struct flattener *flattener, const char *owner, const char *text)
{
	struct spf_flat *flat = flattener->flat;

	flat->records =
	    pool_grow(flattener->pool, flat->records, flat->count, sizeof(*flat->records));
	flat->records[flat->count++] = (struct spf_flat_record){owner, text};
}

/* add_parts - records of networks only, as many as it takes; the includes that lead there */
static const char *add_parts(struct flattener *flattener, const char *domain,
			     const struct terms *terms)
{
	struct pool *pool = flattener->pool;
	const char *includes = "";
	const char *text = SPF_VERSION;
	unsigned number = 0;

	for (size_t i = 0; i <= terms->count; i++) {
		const char *term = i < terms->count ? terms->items[i] : NULL;
		size_t octets = strlen(text) + strlen("  -all") + (term != NULL ? strlen(term) : 0);
		bool is_full = term == NULL || octets > SPF_FLATTEN_OCTETS_MAX;

		if (term != NULL && !is_network(term))
			continue;
		if (is_full && strcmp(text, SPF_VERSION) != 0) {
			const char *owner = pool_printf(pool, "_spf%u.%s", ++number, domain);

			add_record(flattener, owner, pool_printf(pool, "%s -all", text));
			includes = pool_printf(pool, "%s include:%s", includes, owner);
			text = SPF_VERSION;
		}
		if (term != NULL)
			text = pool_printf(pool, "%s %s", text, term);
	}
	return includes;
}

/* publish - one record, or several below 450 octets */
static bool publish(struct flattener *flattener, const char *domain, const struct terms *terms)
{
	struct pool *pool = flattener->pool;
	const char *whole = SPF_VERSION;
	const char *head = SPF_VERSION;
	const char *tail = "";
	const char *includes;
	bool has_networks = false;
	bool is_ordered = false;

	for (size_t i = 0; i < terms->count; i++) {
		const char *term = terms->items[i];

		whole = pool_printf(pool, "%s %s", whole, term);
		if (is_network(term))
			has_networks = true;
		else if (has_networks)
			tail = pool_printf(pool, "%s %s", tail, term);
		else
			head = pool_printf(pool, "%s %s", head, term);
		is_ordered =
		    is_ordered || (strchr("-~?", term[0]) != NULL && strcmp(term + 1, "all") != 0);
	}
	add_record(flattener, domain, whole);
	if (strlen(whole) <= SPF_FLATTEN_OCTETS_MAX)
		return true;
	if (is_ordered)
		return fail_flattening(
		    flattener, STATUS_OTHER,
		    "the record is too long for one, and has terms that fail before others "
		    "that pass: it cannot be divided");
	includes = add_parts(flattener, domain, terms);
	flattener->flat->records[0].text = pool_printf(pool, "%s%s%s", head, includes, tail);
	return true;
}

bool spf_flatten(struct pool *pool, const char *domain, struct dns *dns, struct dns_budget *budget,
		 struct spf_flat *flat, struct error *error)
{
	struct flattener flattener = {
	    .pool = pool, .dns = dns, .budget = budget, .flat = flat, .error = error};
	struct level level = {.domain = domain};
	struct terms terms = {.count = 0};

	*flat = (struct spf_flat){.count = 0};
	return flatten_record(&flattener, &level, &terms) && publish(&flattener, domain, &terms) &&
	       !flattener.failed;
}
