/*
 * spf_record - the grammar of SPF records; see spf/spf_record.h
 *
 * RFC 7208 4.5 (version), 4.6.1 (terms), 5.1 to 5.7 (mechanisms), 6 to 6.2
 * (modifiers), 12 (collected grammar).
 *
 * Known modifiers are no unknown-modifier: "exp=-all" is an error, although the
 * grammar, read to the letter, would let the last alternative take it.
 */
#include "spf/spf_record.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define PREFIX4_MAX 32
#define PREFIX6_MAX 128

/* What a term has after its name. */
enum argument {
	ARGUMENT_NONE,
	ARGUMENT_DOMAIN,
	ARGUMENT_OPTIONAL_DOMAIN,
	ARGUMENT_DOMAIN_AND_PREFIX, /* both optional */
	ARGUMENT_NETWORK4,
	ARGUMENT_NETWORK6,
	ARGUMENT_ANY, /* macro-string */
};

struct rule {
	const char *name;
	enum spf_term_type type;
	enum argument argument;
	const char *section;
};

static const struct rule mechanisms[] = {
    {"all", SPF_TERM_ALL, ARGUMENT_NONE, "5.1"},
    {"include", SPF_TERM_INCLUDE, ARGUMENT_DOMAIN, "5.2"},
    {"a", SPF_TERM_A, ARGUMENT_DOMAIN_AND_PREFIX, "5.3"},
    {"mx", SPF_TERM_MX, ARGUMENT_DOMAIN_AND_PREFIX, "5.4"},
    {"ptr", SPF_TERM_PTR, ARGUMENT_OPTIONAL_DOMAIN, "5.5"},
    {"ip4", SPF_TERM_IP4, ARGUMENT_NETWORK4, "5.6"},
    {"ip6", SPF_TERM_IP6, ARGUMENT_NETWORK6, "5.6"},
    {"exists", SPF_TERM_EXISTS, ARGUMENT_DOMAIN, "5.7"},
    {NULL, SPF_TERM_UNKNOWN, ARGUMENT_NONE, NULL},
};

static const struct rule modifiers[] = {
    {"redirect", SPF_TERM_REDIRECT, ARGUMENT_DOMAIN, "6.1"},
    {"exp", SPF_TERM_EXP, ARGUMENT_DOMAIN, "6.2"},
    {NULL, SPF_TERM_UNKNOWN, ARGUMENT_ANY, "6"},
};

bool spf_is_mechanism_name(struct slice name)
{
	for (const struct rule *rule = mechanisms; rule->name != NULL; rule++) {
		if (slice_is_nocase(name, rule->name))
			return true;
	}
	return false;
}

/* A term that is being taken apart. */
struct parser {
	const struct spf_record *record;
	const struct rule *rule;
	struct slice text; /* of the term */
	struct slice rest;
	struct spf_syntax_error error;
};

bool spf_record_is(struct slice text)
{
	size_t len = strlen(SPF_VERSION);

	return slice_starts_nocase(text, SPF_VERSION) && (text.len == len || text.data[len] == ' ');
}

bool spf_term_is_mechanism(const struct spf_term *term)
{
	return term->type < SPF_TERM_REDIRECT;
}

bool spf_term_is_lookup(const struct spf_term *term)
{
	switch (term->type) {
	case SPF_TERM_INCLUDE:
	case SPF_TERM_A:
	case SPF_TERM_MX:
	case SPF_TERM_PTR:
	case SPF_TERM_EXISTS:
	case SPF_TERM_REDIRECT: return true;
	default: return false;
	}
}

/* fail_at - what breaks which rule, and where; false */
static bool fail_at(struct parser *parser, const char *at, const char *section, const char *what)
{
	parser->error = (struct spf_syntax_error){
	    .term = parser->text,
	    .position = (size_t)(at - parser->record->text.data),
	    .section = section,
	    .what = what,
	};
	return false;
}

/* fail_term - what breaks the term's own rule at the start of the rest */
static bool fail_term(struct parser *parser, const char *what)
{
	return fail_at(parser, parser->rest.data, parser->rule->section, what);
}

/* find_rule - the rule of a name, or the one that ends the table */
static const struct rule *find_rule(const struct rule *rule, struct slice name)
{
	while (rule->name != NULL && !slice_is_nocase(name, rule->name))
		rule++;
	return rule;
}

/* skip_name - name: ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t skip_name(struct slice s)
{
	size_t len = 0;

	if (s.len == 0 || !is_alpha(s.data[0]))
		return 0;
	while (len < s.len && (is_alnum(s.data[len]) || s.data[len] == '-' || s.data[len] == '_' ||
			       s.data[len] == '.'))
		len++;
	return len;
}

/* skip_qualifier - qualifier, and what it means */
static size_t skip_qualifier(struct slice s, enum result *result)
{
	*result = RESULT_PASS;
	switch (s.len != 0 ? s.data[0] : '\0') {
	case '+': return 1;
	case '-': *result = RESULT_FAIL; return 1;
	case '~': *result = RESULT_SOFTFAIL; return 1;
	case '?': *result = RESULT_NEUTRAL; return 1;
	default: return 0;
	}
}

/* parse_macros - a text with macros, which is all of the rest */
static bool parse_macros(struct parser *parser, enum spf_macro_kind kind, struct spf_term *term)
{
	struct spf_syntax_error error;

	term->domain_spec = parser->rest;
	if (spf_macro_check(parser->rest, kind, &error))
		return true;
	return fail_at(parser, parser->rest.data + error.position, error.section, error.what);
}

/* parse_domain - domain-spec after its ':' or '=' */
static bool parse_domain(struct parser *parser, struct spf_term *term)
{
	if (parser->rest.len == 0)
		return fail_term(parser, "a domain name is missing");
	if (parser->rest.data[0] != ':' && parser->rest.data[0] != '=')
		return fail_term(parser, "an unexpected character after the name");
	parser->rest = slice_skip(parser->rest, 1);
	return parse_macros(parser, SPF_DOMAIN_SPEC, term);
}

/* parse_prefix - the digits of a cidr-length, no leading zero */
static bool parse_prefix(struct parser *parser, struct slice digits, unsigned max,
			 unsigned char *prefix)
{
	unsigned long long number;

	if (!slice_to_number(digits, max, &number) || (digits.len > 1 && digits.data[0] == '0'))
		return fail_at(parser, digits.data, "5.6", "bad prefix length");
	*prefix = (unsigned char)number;
	return true;
}

/* cut_prefix - takes "/" digits off the end of *text, if it is there */
static bool cut_prefix(struct slice *text, struct slice *digits)
{
	size_t len = text->len;

	while (len > 0 && is_digit(text->data[len - 1]))
		len--;
	if (len == 0 || text->data[len - 1] != '/')
		return false;
	*digits = slice_skip(*text, len);
	text->len = len - 1;
	return true;
}

/*
 * parse_dual_prefix - dual-cidr-length, read from the end, because a domain-spec may
 * contain slashes too; but its last label may not
 */
static bool parse_dual_prefix(struct parser *parser, struct spf_term *term)
{
	struct slice text = parser->rest;
	struct slice digits;

	if (!cut_prefix(&text, &digits))
		return true;
	if (text.len != 0 && text.data[text.len - 1] == '/') {
		text.len--;
		if (!parse_prefix(parser, digits, PREFIX6_MAX, &term->prefix6))
			return false;
		parser->rest = text;
		if (!cut_prefix(&text, &digits))
			return true;
	}
	parser->rest = text;
	return parse_prefix(parser, digits, PREFIX4_MAX, &term->prefix4);
}

/* parse_domain_and_prefix - [ ":" domain-spec ] [ dual-cidr-length ] */
static bool parse_domain_and_prefix(struct parser *parser, struct spf_term *term)
{
	if (!parse_dual_prefix(parser, term))
		return false;
	if (parser->rest.len == 0)
		return true;
	if (parser->rest.data[0] == '/')
		return fail_at(parser, parser->rest.data, "5.6", "bad prefix length");
	return parse_domain(parser, term);
}

/* cut_network - the address after ':', copied to where inet_pton() can read it, and the digits */
static bool cut_network(struct parser *parser, char *address, size_t size, struct slice *digits)
{
	size_t len;

	if (parser->rest.len == 0 || parser->rest.data[0] != ':')
		return fail_term(parser, "an address is missing");
	parser->rest = slice_skip(parser->rest, 1);
	len = slice_find(parser->rest, '/');
	*digits = len < parser->rest.len ? slice_skip(parser->rest, len + 1) : slice_of(NULL);
	if (len >= size || memchr(parser->rest.data, '\0', len) != NULL)
		return fail_term(parser, "bad address");
	memcpy(address, parser->rest.data, len);
	address[len] = '\0';
	return true;
}

/* parse_network4 - ":" ip4-network [ ip4-cidr-length ]; inet_pton() takes just what qnum is */
static bool parse_network4(struct parser *parser, struct spf_term *term)
{
	char address[INET_ADDRSTRLEN];
	struct slice digits;

	if (!cut_network(parser, address, sizeof(address), &digits))
		return false;
	if (inet_pton(AF_INET, address, &term->network4) != 1)
		return fail_term(parser, "bad address");
	return digits.data == NULL || parse_prefix(parser, digits, PREFIX4_MAX, &term->prefix4);
}

/* parse_network6 - ":" ip6-network [ ip6-cidr-length ] */
static bool parse_network6(struct parser *parser, struct spf_term *term)
{
	char address[INET6_ADDRSTRLEN];
	struct slice digits;

	if (!cut_network(parser, address, sizeof(address), &digits))
		return false;
	if (inet_pton(AF_INET6, address, &term->network6) != 1)
		return fail_term(parser, "bad address");
	return digits.data == NULL || parse_prefix(parser, digits, PREFIX6_MAX, &term->prefix6);
}

/* parse_argument - what is after the name, all of it */
static bool parse_argument(struct parser *parser, struct spf_term *term)
{
	switch (parser->rule->argument) {
	case ARGUMENT_NONE:
		return parser->rest.len == 0 || fail_term(parser, "nothing may follow the name");
	case ARGUMENT_OPTIONAL_DOMAIN: return parser->rest.len == 0 || parse_domain(parser, term);
	case ARGUMENT_DOMAIN: return parse_domain(parser, term);
	case ARGUMENT_DOMAIN_AND_PREFIX: return parse_domain_and_prefix(parser, term);
	case ARGUMENT_NETWORK4: return parse_network4(parser, term);
	case ARGUMENT_NETWORK6: return parse_network6(parser, term);
	case ARGUMENT_ANY:
		parser->rest = slice_skip(parser->rest, 1);
		return parse_macros(parser, SPF_MACRO_STRING, term);
	}
	return false;
}

/* parse_term - directive or modifier: '=' right after the name tells them apart (4.6.1) */
static bool parse_term(struct parser *parser, struct spf_term *term)
{
	size_t qualifier_len = skip_qualifier(parser->rest, &term->qualifier);
	struct slice name = slice_skip(parser->rest, qualifier_len);
	bool is_modifier;

	parser->rest = name;
	name.len = skip_name(name);
	if (name.len == 0)
		return fail_at(parser, name.data, "4.6.1", "no name of a mechanism or modifier");
	parser->rest = slice_skip(parser->rest, name.len);
	is_modifier = parser->rest.len != 0 && parser->rest.data[0] == '=';
	if (is_modifier && qualifier_len != 0)
		return fail_at(parser, parser->text.data, "4.6.1", "a qualifier before a modifier");
	parser->rule = find_rule(is_modifier ? modifiers : mechanisms, name);
	if (!is_modifier && parser->rule->name == NULL)
		return fail_at(parser, name.data, "4.6.1", "unknown mechanism");
	term->type = parser->rule->type;
	return parse_argument(parser, term);
}

/* note_modifier - keeps a copy of redirect= and exp=, as terms move; there may be one of each */
static bool note_modifier(struct pool *pool, struct parser *parser, const struct spf_term *term,
			  struct spf_record *record)
{
	const struct spf_term **place;
	struct spf_term *copy;

	if (term->type == SPF_TERM_REDIRECT)
		place = &record->redirect;
	else if (term->type == SPF_TERM_EXP)
		place = &record->exp;
	else
		return true;
	if (*place != NULL)
		return fail_at(parser, parser->text.data, "6", "the second one of its name");
	copy = pool_alloc(pool, sizeof(*copy));
	*copy = *term;
	*place = copy;
	return true;
}

static void add_error(struct pool *pool, const struct parser *parser, struct spf_record *record)
{
	if (record->error_count == SPF_ERRORS_MAX)
		return;
	record->errors =
	    pool_grow(pool, record->errors, record->error_count, sizeof(*record->errors));
	record->errors[record->error_count++] = parser->error;
}

/* add_term - one term, or what is wrong with it */
static void add_term(struct pool *pool, struct slice text, struct spf_record *record)
{
	struct parser parser = {.record = record, .text = text, .rest = text};
	struct spf_term term = {.text = text, .prefix4 = PREFIX4_MAX, .prefix6 = PREFIX6_MAX};

	if (record->count == SPF_TERMS_MAX) {
		fail_at(&parser, text.data, "3.4", "too many terms");
		add_error(pool, &parser, record);
		return;
	}
	if (!parse_term(&parser, &term) || !note_modifier(pool, &parser, &term, record)) {
		add_error(pool, &parser, record);
		return;
	}
	record->terms = pool_grow(pool, record->terms, record->count, sizeof(*record->terms));
	record->terms[record->count++] = term;
}

bool spf_record_parse(struct pool *pool, struct slice text, struct spf_record *record)
{
	struct slice rest = slice_skip(text, strlen(SPF_VERSION));
	struct slice term;

	*record = (struct spf_record){.text = text};
	while (slice_cut(&rest, ' ', &term)) {
		if (term.len != 0)
			add_term(pool, term, record);
	}
	return record->error_count == 0;
}
