/*
 * address - mail addresses; see mail/address.h
 *
 * RFC 5322 section 3.4 with the obsolete forms of 4.4, RFC 6854 (groups in
 * From), RFC 6532 (UTF-8), RFC 2047 section 5 (an encoded word is no
 * address). The grammar needs no backtracking: a run of words and dots is read first,
 * and the character after it tells whether it was a local-part ("@"), a display
 * name ("<"), the name of a group (":") or an address without a domain.
 */
#include "mail/address.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

struct parser {
	struct pool *pool;
	struct slice value; /* all of it, to tell where an error is */
	struct slice rest;
	struct address_list *list;
	bool has_group;
	struct error *error;
};

/* Words and dots, which may be a phrase, a local-part, both or neither. */
struct words {
	struct slice text;  /* without CFWS around it; empty: there are none */
	bool is_phrase;     /* RFC 5322 4.1, obs-phrase: begins with a word */
	bool is_local_part; /* RFC 5322 4.4, obs-local-part: single dots between words */
};

static bool at(const struct parser *parser, char byte)
{
	return parser->rest.len > 0 && parser->rest.data[0] == byte;
}

static void advance_address(struct parser *parser, size_t len)
{
	parser->rest = slice_skip(parser->rest, len);
}

/* take_address_text - goes past that character if it is the next */
static bool take_address_text(struct parser *parser, char byte)
{
	bool found = at(parser, byte);

	if (found)
		advance_address(parser, 1);
	return found;
}

static void take_cfws(struct parser *parser)
{
	advance_address(parser, skip_cfws(parser->rest));
}

/* unexpected - the error that the next character is; CFWS before it is already taken */
static bool unexpected(struct parser *parser)
{
	size_t octet = parser->value.len - parser->rest.len + 1;
	const char *what = "unexpected character";

	if (parser->rest.len == 0)
		return error_set(parser->error, STATUS_OTHER, "ends within an address");
	if (at(parser, '('))
		what = "unfinished comment";
	else if (at(parser, '"') && skip_quoted_string(parser->rest) == 0)
		what = "unfinished quoted string";
	else if (is_vchar(parser->rest.data[0]))
		return error_set(parser->error, STATUS_OTHER, "unexpected \"%c\" at octet %zu",
				 parser->rest.data[0], octet);
	return error_set(parser->error, STATUS_OTHER, "%s at octet %zu", what, octet);
}

/* skip_word_or_dot - RFC 5322 3.2.5: word = atom / quoted-string */
static size_t skip_word_or_dot(struct slice s)
{
	size_t len = skip_atom(s);

	if (len == 0 && s.len > 0 && s.data[0] == '.')
		return 1;
	return len != 0 ? len : skip_quoted_string(s);
}

/* read_words - as many words and dots as there are, and the CFWS after them */
static struct words read_words(struct parser *parser)
{
	struct words words = {.is_phrase = !at(parser, '.'), .is_local_part = true};
	const char *start = parser->rest.data;
	const char *end = start;
	bool after_word = false;
	size_t len;

	while ((len = skip_word_or_dot(parser->rest)) != 0) {
		bool is_dot = at(parser, '.');

		words.is_local_part &= is_dot == after_word;
		after_word = !is_dot;
		advance_address(parser, len);
		end = parser->rest.data;
		take_cfws(parser);
	}
	words.text = slice_between(start, end);
	words.is_phrase &= words.text.len != 0;
	words.is_local_part &= after_word;
	return words;
}

/* read_domain - a domain with the CFWS around it; RFC 5322 4.4 allows more between the atoms */
static bool read_domain(struct parser *parser, struct slice *domain)
{
	const char *start;
	size_t len;

	take_cfws(parser);
	start = parser->rest.data;
	len = skip_domain_literal(parser->rest);
	if (len == 0)
		len = skip_atom(parser->rest);
	while (len != 0) {
		advance_address(parser, len);
		*domain = slice_between(start, parser->rest.data);
		take_cfws(parser);
		if (*start == '[' || !take_address_text(parser, '.'))
			return true;
		take_cfws(parser);
		len = skip_atom(parser->rest);
	}
	return unexpected(parser);
}

/* meaning - words and dots without the CFWS between them and without quotes */
static const char *meaning(struct pool *pool, struct slice text)
{
	char *result = pool_alloc(pool, text.len + 1);
	struct slice rest = text;
	size_t count = 0;
	size_t len;

	while ((len = skip_word_or_dot(rest)) != 0) {
		const char *piece = rest.data;
		size_t piece_len = len;

		if (rest.data[0] == '"')
			piece = unquote(pool, slice_from(rest.data, len), &piece_len);
		memcpy(result + count, piece, piece_len);
		count += piece_len;
		rest = slice_skip(rest, len);
		rest = slice_skip(rest, skip_cfws(rest));
	}
	return result;
}

/* domain_meaning - canonical, or NULL for a literal and for what is no domain name */
static const char *domain_meaning(struct pool *pool, struct slice domain)
{
	if (domain.len > 0 && domain.data[0] == '[')
		return NULL;
	return domain_canonical(pool, domain);
}

static bool is_encoded_word(struct slice s)
{
	return slice_starts_nocase(s, "=?") && slice_is(slice_skip(s, s.len - 2), "?=");
}

/* parse_addr_spec - the words before it may be its local-part */
static bool parse_addr_spec(struct parser *parser, const struct words *words,
			    struct address *address)
{
	struct slice domain;

	if (!words->is_local_part)
		return unexpected(parser);
	address->text = words->text;
	if (take_address_text(parser, '@')) {
		if (!read_domain(parser, &domain))
			return false;
		address->text = slice_between(words->text.data, domain.data + domain.len);
		if (domain.data[0] != '[')
			domain = slice_of(meaning(parser->pool, domain));
		address->domain = domain_meaning(parser->pool, domain);
	} else if (is_encoded_word(words->text)) {
		return error_set(parser->error, STATUS_OTHER, "an encoded word is no address");
	}
	address->local = meaning(parser->pool, words->text);
	return true;
}

/* take_route - RFC 5322 4.4, obs-route: domains on the way, and the ":" after them */
static bool take_route(struct parser *parser)
{
	struct slice domain = slice_of(NULL);

	if (!at(parser, '@') && !at(parser, ','))
		return true;
	do {
		take_cfws(parser);
		if (take_address_text(parser, '@') && !read_domain(parser, &domain))
			return false;
	} while (take_address_text(parser, ','));
	return (domain.len != 0 && take_address_text(parser, ':')) || unexpected(parser);
}

/* parse_angle_addr - after the "<" */
static bool parse_angle_addr(struct parser *parser, struct address *address)
{
	struct words words;

	take_cfws(parser);
	if (!take_route(parser))
		return false;
	take_cfws(parser);
	words = read_words(parser);
	if (!parse_addr_spec(parser, &words, address))
		return false;
	if (!take_address_text(parser, '>'))
		return unexpected(parser);
	take_cfws(parser);
	return true;
}

/* at_element_end - nothing may stand between an element of a list and the next separator */
static bool at_element_end(const struct parser *parser)
{
	return parser->rest.len == 0 || at(parser, ',') || at(parser, ';');
}

static bool add_address(struct parser *parser, const struct address *address)
{
	struct address_list *list = parser->list;

	if (!at_element_end(parser))
		return unexpected(parser);
	if (list->count == ADDRESS_LIST_MAX)
		return error_set(parser->error, STATUS_OTHER, "more than %u addresses",
				 ADDRESS_LIST_MAX);
	list->items = pool_grow(parser->pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = *address;
	return true;
}

/* parse_mailbox_from - the words that were read may be its display name or its local-part */
static bool parse_mailbox_from(struct parser *parser, const struct words *words)
{
	struct address address = {.domain = NULL};
	bool good;

	if ((words->is_phrase || words->text.len == 0) && take_address_text(parser, '<')) {
		address.display = words->text;
		address.in_brackets = true;
		good = parse_angle_addr(parser, &address);
	} else {
		good = parse_addr_spec(parser, words, &address);
	}
	return good && add_address(parser, &address);
}

static bool parse_mailbox(struct parser *parser)
{
	struct words words = read_words(parser);

	return parse_mailbox_from(parser, &words);
}

/* parse_elements - up to the end or a ";"; elements may be empty (RFC 5322 4.4, obs-addr-list) */
static bool parse_elements(struct parser *parser, bool (*parse_element)(struct parser *))
{
	take_cfws(parser);
	while (parser->rest.len > 0 && !at(parser, ';')) {
		if (!take_address_text(parser, ',') && !parse_element(parser))
			return false;
		take_cfws(parser);
	}
	return true;
}

/* parse_group - after the ":"; its members are mailboxes, so groups do not nest */
static bool parse_group(struct parser *parser)
{
	parser->has_group = true;
	if (!parse_elements(parser, parse_mailbox))
		return false;
	if (!take_address_text(parser, ';'))
		return unexpected(parser);
	take_cfws(parser);
	return at_element_end(parser) || unexpected(parser);
}

static bool parse_address(struct parser *parser)
{
	struct words words = read_words(parser);

	if (words.is_phrase && take_address_text(parser, ':'))
		return parse_group(parser);
	return parse_mailbox_from(parser, &words);
}

bool address_parse_list(struct pool *pool, struct slice value, struct address_list *list,
			struct error *error)
{
	struct parser parser = {
	    .pool = pool, .value = value, .rest = value, .list = list, .error = error};

	*list = (struct address_list){.count = 0};
	if (!parse_elements(&parser, parse_address))
		return false;
	if (parser.rest.len != 0)
		return unexpected(&parser);
	if (list->count == 0 && !parser.has_group)
		return error_set(error, STATUS_OTHER, "no address");
	return true;
}

/* without_brackets - of an envelope address; both or none */
static bool without_brackets(struct slice *path)
{
	bool opens = path->len > 0 && path->data[0] == '<';
	bool closes = path->len > 0 && path->data[path->len - 1] == '>';

	if (opens && closes)
		*path = slice_from(path->data + 1, path->len - 2);
	return opens == closes;
}

/* without_route - RFC 5321 4.1.2, A-d-l: must be accepted, should be ignored */
static struct slice without_route(struct slice path)
{
	size_t colon = slice_find(path, ':');

	if (path.len > 0 && path.data[0] == '@' && colon < path.len)
		return slice_skip(path, colon + 1);
	return path;
}

bool address_parse_path(struct pool *pool, struct slice text, struct address *address)
{
	struct slice path = slice_trim(text);
	struct slice local;
	size_t at_sign;
	size_t len;

	*address = (struct address){.local = "", .domain = ""};
	if (!without_brackets(&path))
		return false;
	if (path.len == 0)
		return true;
	address->text = without_route(path);
	at_sign = slice_find_last(address->text, '@');
	if (at_sign == address->text.len)
		return false;
	local = slice_from(address->text.data, at_sign);
	if (slice_find(local, '\0') != local.len)
		return false;
	if (local.len > 0 && skip_quoted_string(local) == local.len)
		address->local = unquote(pool, local, &len);
	else
		address->local = slice_copy(pool, local);
	address->domain = domain_meaning(pool, slice_skip(address->text, at_sign + 1));
	return address->domain != NULL;
}
