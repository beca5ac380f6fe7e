/*
 * authres_parse - reading Authentication-Results fields; see mail/authres.h
 *
 * RFC 8601 sections 2.2 and 2.6, with the UTF-8 of RFC 6532. A function for each grammar
 * rule takes its rule off the text that is left and says whether it was there.
 *
 * Writers in use are looser than the grammar, and this reader follows them where
 * that cannot change the meaning of anything else: names may contain "_", a value
 * that is not quoted may contain any octet that does not end it and may be
 * empty at the end of its resinfo, reason= may stand between properties, a word
 * without ptype ("action=none") is skipped, the field may end with ';'.
 */
#include "mail/authres_parse.h"

#include <limits.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define AUTHRES_VERSION 1U /* RFC 8601 section 2.6: of the field; no other is defined */
#define METHOD_VERSION  1U /* RFC 8601 section 2.6: of a method; no other is defined */

/* A field that is being read. */
struct parser {
	struct pool *pool;
	struct slice rest;
	bool cut; /* a control character comes after rest */
};

/* is_control - a control character that not even a fold contains */
static bool is_control(char byte)
{
	return byte == '\x7f' ||
	       (byte >= '\0' && byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n');
}

/* parser_of - a parser that sees the text up to the first control character */
static struct parser parser_of(struct pool *pool, struct slice value)
{
	size_t len = 0;

	while (len < value.len && !is_control(value.data[len]))
		len++;
	return (struct parser){
	    .pool = pool, .rest = slice_from(value.data, len), .cut = len < value.len};
}

/* take_authres_text - cuts the first octets off */
static struct slice take_authres_text(struct parser *parser, size_t len)
{
	struct slice taken = slice_from(parser->rest.data, len);

	parser->rest = slice_skip(parser->rest, len);
	return taken;
}

/* take_cfws - [CFWS]; false if there was none */
static bool take_cfws(struct parser *parser)
{
	return take_authres_text(parser, skip_cfws(parser->rest)).len != 0;
}

/* take_char - [CFWS] and one character; takes nothing if it is not there */
static bool take_char(struct parser *parser, char byte)
{
	size_t at = skip_cfws(parser->rest);

	if (at == parser->rest.len || parser->rest.data[at] != byte)
		return false;
	take_authres_text(parser, at + 1);
	return true;
}

/* skip_name - Keyword, and the "_" that some writers have in it */
static size_t skip_name(struct slice s)
{
	size_t len = 0;

	while (len < s.len && (is_alnum(s.data[len]) || s.data[len] == '-' || s.data[len] == '_'))
		len++;
	return len;
}

/* take_name - [CFWS] Keyword */
static bool take_name(struct parser *parser, struct slice *name)
{
	take_cfws(parser);
	*name = take_authres_text(parser, skip_name(parser->rest));
	return name->len != 0;
}

/* take_number - [CFWS] 1*DIGIT */
static bool take_number(struct parser *parser, unsigned long long *number)
{
	struct slice name;

	return take_name(parser, &name) && slice_to_number(name, ULLONG_MAX, number);
}

/* at_end - of a resinfo, or of the id; a control character is not an end */
static bool at_end(const struct parser *parser)
{
	return parser->rest.len != 0 ? parser->rest.data[0] == ';' : !parser->cut;
}

/* skip_utf8_token - RFC 2045 section 5.1: token, with the UTF-8 of RFC 6532 */
static size_t skip_utf8_token(struct slice s)
{
	size_t at = 0;
	size_t len;

	do {
		len = skip_token(slice_skip(s, at));
		len += skip_utf8_tail(slice_skip(s, at + len));
		at += len;
	} while (len != 0);
	return at;
}

bool authres_is_token(struct slice s)
{
	return s.len != 0 && skip_utf8_token(s) == s.len;
}

/* copy_unquoted - the content of a quoted-string; the cut has left no NUL byte in it */
static const char *copy_unquoted(struct parser *parser, struct slice quoted)
{
	size_t len;

	return unquote(parser->pool, quoted, &len);
}

/* take_id - [CFWS] authserv-id */
static bool take_id(struct parser *parser, const char **id)
{
	struct slice text;

	take_cfws(parser);
	text = take_authres_text(parser, skip_quoted_string(parser->rest));
	if (text.len != 0) {
		*id = copy_unquoted(parser, text);
	} else {
		text = take_authres_text(parser, skip_utf8_token(parser->rest));
		*id = slice_copy(parser->pool, text);
	}
	return **id != '\0';
}

/* take_id_version - [ CFWS authres-version ] [CFWS], and there the id must end */
static bool take_id_version(struct parser *parser, unsigned long long *version)
{
	bool apart = take_cfws(parser);

	if (at_end(parser))
		return true;
	if (!apart || !take_number(parser, version))
		return false;
	take_cfws(parser);
	return at_end(parser);
}

/* skip_bare - a value that is not quoted; ')' would be the end of a comment that never began */
static size_t skip_bare(struct slice s)
{
	static const char ends[] = {' ', '\t', '\r', '\n', ';', '(', ')', '"'};
	size_t len = 0;

	while (len < s.len && memchr(ends, s.data[len], sizeof(ends)) == NULL)
		len++;
	return len;
}

/* copy_unfolded - a copy without line ends */
static const char *copy_unfolded(struct pool *pool, struct slice s)
{
	char *copy = pool_alloc(pool, s.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] != '\r' && s.data[i] != '\n')
			copy[len++] = s.data[i];
	}
	return copy;
}

/* take_quoted - quoted-string, which may be the local part of an address */
static bool take_quoted(struct parser *parser, const char **value)
{
	struct slice quoted = take_authres_text(parser, skip_quoted_string(parser->rest));
	struct slice behind = take_authres_text(parser, skip_bare(parser->rest));

	if (quoted.len == 0)
		return false;
	if (behind.len == 0) {
		*value = copy_unquoted(parser, quoted);
		return true;
	}
	*value = copy_unfolded(parser->pool, slice_from(quoted.data, quoted.len + behind.len));
	return behind.data[0] == '@';
}

/* begins_property - is this the next "type.name=" or "reason="? */
static bool begins_property(struct slice s)
{
	size_t len = skip_name(s);

	if (len < s.len && s.data[len] == '.')
		len += 1 + skip_name(slice_skip(s, len + 1));
	return len < s.len && s.data[len] == '=';
}

/*
 * take_value - [CFWS] pvalue
 *
 * An empty value with a property after it could as well have that property for
 * its value, so it is an error.
 */
static bool take_value(struct parser *parser, const char **value)
{
	bool apart = take_cfws(parser);

	if (parser->rest.len != 0 && parser->rest.data[0] == '"')
		return take_quoted(parser, value);
	if (apart && begins_property(parser->rest))
		return false;
	*value = slice_copy(parser->pool, take_authres_text(parser, skip_bare(parser->rest)));
	return true;
}

const char *authres_property(const struct authres_result *result, const char *type,
			     const char *name)
{
	for (size_t i = 0; i < result->count; i++) {
		if (strcmp(result->properties[i].type, type) == 0 &&
		    strcmp(result->properties[i].name, name) == 0)
			return result->properties[i].value;
	}
	return NULL;
}

/* A resinfo that is being read. */
struct resinfo {
	struct authres_result result;
	bool usable; /* well-formed, but also of one mind with itself */
};

/* add_property - false if there are too many */
static bool add_property(struct pool *pool, struct resinfo *resinfo,
			 const struct authres_property *property)
{
	struct authres_result *result = &resinfo->result;
	const char *known = authres_property(result, property->type, property->name);

	if (known != NULL) {
		resinfo->usable = resinfo->usable && strcmp(known, property->value) == 0;
		return true;
	}
	if (result->count == AUTHRES_PROPERTIES_MAX)
		return false;
	result->properties =
	    pool_grow(pool, result->properties, result->count, sizeof(*result->properties));
	result->properties[result->count++] = *property;
	return true;
}

/* set_reason - a second reason must be the same as the first */
static void set_reason(struct resinfo *resinfo, const char *reason)
{
	const char *known = resinfo->result.reason;

	resinfo->usable = resinfo->usable && (known == NULL || strcmp(known, reason) == 0);
	resinfo->result.reason = reason;
}

/* take_property - propspec or reasonspec */
static bool take_property(struct parser *parser, struct resinfo *resinfo)
{
	struct authres_property property;
	struct slice type, name;
	bool has_type;

	if (!take_name(parser, &type))
		return false;
	has_type = take_char(parser, '.');
	if (has_type && !take_name(parser, &name))
		return false;
	if (!take_char(parser, '=') || !take_value(parser, &property.value))
		return false;
	if (has_type) {
		property.type = slice_lower(parser->pool, type);
		property.name = slice_lower(parser->pool, name);
		return add_property(parser->pool, resinfo, &property);
	}
	if (slice_is_nocase(type, "reason"))
		set_reason(resinfo, property.value);
	return true;
}

/* take_methodspec - method [ "/" method-version ] "=" result */
static bool take_methodspec(struct parser *parser, struct resinfo *resinfo)
{
	unsigned long long version = METHOD_VERSION;
	struct slice method, word;

	if (!take_name(parser, &method))
		return false;
	if (take_char(parser, '/') && !take_number(parser, &version))
		return false;
	if (!take_char(parser, '=') || !take_name(parser, &word))
		return false;
	resinfo->usable = version == METHOD_VERSION;
	resinfo->result = (struct authres_result){
	    .method = slice_lower(parser->pool, method),
	    .result = result_of_word(word),
	    .word = slice_lower(parser->pool, word),
	};
	return true;
}

/* take_resinfo - methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ], up to the ';' */
static bool take_resinfo(struct parser *parser, struct resinfo *resinfo)
{
	if (!take_methodspec(parser, resinfo))
		return false;
	while (take_cfws(parser), !at_end(parser)) {
		if (!take_property(parser, resinfo))
			return false;
	}
	return true;
}

/* take_none - "none" [CFWS]; takes nothing if it is not there */
static bool take_none(struct parser *parser)
{
	struct parser ahead = *parser;
	struct slice name;

	if (!take_name(&ahead, &name) || !slice_is_nocase(name, "none"))
		return false;
	take_cfws(&ahead);
	*parser = ahead;
	return true;
}

/* take_results - no-result / 1*resinfo; false from the first syntax error on */
static bool take_results(struct parser *parser, struct authres *authres)
{
	struct resinfo resinfo;

	for (size_t seen = 0; take_char(parser, ';'); seen++) {
		take_cfws(parser);
		if (parser->rest.len == 0 || (seen == 0 && take_none(parser)))
			break;
		if (seen == AUTHRES_RESULTS_MAX || !take_resinfo(parser, &resinfo))
			return false;
		if (!resinfo.usable)
			continue;
		authres->results = pool_grow(parser->pool, authres->results, authres->count,
					     sizeof(*authres->results));
		authres->results[authres->count++] = resinfo.result;
	}
	return parser->rest.len == 0 && !parser->cut;
}

bool authres_parse(struct pool *pool, struct slice value, struct authres *authres)
{
	struct parser parser = parser_of(pool, value);
	unsigned long long version = AUTHRES_VERSION;

	*authres = (struct authres){0};
	if (!take_id(&parser, &authres->id) || !take_id_version(&parser, &version))
		return false;
	authres->well_formed = take_results(&parser, authres);
	if (version != AUTHRES_VERSION)
		authres->count = 0;
	return true;
}

bool authres_same_id(struct pool *pool, const char *a, const char *b)
{
	const char *name_a = domain_canonical(pool, slice_of(a));
	const char *name_b = domain_canonical(pool, slice_of(b));

	if (name_a != NULL && name_b != NULL)
		return domain_equal(name_a, name_b);
	return slice_equal_nocase(slice_of(a), slice_of(b));
}
