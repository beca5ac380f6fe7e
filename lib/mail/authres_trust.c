/*
 * authres_trust - which Authentication-Results fields to believe, which to remove; see
 * mail/authres.h
 *
 * RFC 8601 sections 2.5 (authserv-id), 5 (removing) and 7.1 (forged fields). Our own
 * MTA puts a Received field on top of whatever it takes in, so nothing above it
 * can come from outside.
 */
#include "mail/authres_trust.h"
#include "mail/authres_parse.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define AUTHRES_FIELD      "Authentication-Results"
#define RECEIVED_FIELD     "Received"
#define RECEIVED_SPF_FIELD "Received-SPF"
#define ENCODED_WORD_START "=?" /* RFC 2047 section 2 */
#define ENCODED_WORD_END   "?="

bool authres_same_id(struct pool *pool, const char *a, const char *b)
{
	const char *name_a = domain_canonical(pool, slice_of(a));
	const char *name_b = domain_canonical(pool, slice_of(b));

	if (name_a != NULL && name_b != NULL)
		return domain_equal(name_a, name_b);
	return slice_equal_nocase(slice_of(a), slice_of(b));
}

/* is_result_field - one of the fields that make up the block on top of a message without border */
static bool is_result_field(const struct field *field)
{
	return slice_is_nocase(field->name, AUTHRES_FIELD) ||
	       slice_is_nocase(field->name, RECEIVED_SPF_FIELD);
}

size_t authres_trust_boundary(const struct message *message, unsigned hops, bool *bordered)
{
	size_t count = message_field_count(message);
	size_t border = 0;
	size_t end = 0;
	unsigned seen = 0;

	for (; border < count; border++) {
		if (slice_is_nocase(message_field(message, border)->name, RECEIVED_FIELD) &&
		    ++seen >= hops)
			break;
	}
	*bordered = border < count;
	if (*bordered)
		return border;
	while (end < count && is_result_field(message_field(message, end)))
		end++;
	return end;
}

/* is_word_byte - neither white space nor control nor quoting: what a reader takes for the id */
static bool is_word_byte(char byte)
{
	return (byte & '\x80') != 0 || (is_vchar(byte) && byte != '"' && byte != '\\');
}

/* squeeze - only what no reader drops, in lower case, so that no disguise keeps words apart */
static struct slice squeeze(struct pool *pool, struct slice s)
{
	char *copy = pool_alloc(pool, s.len);
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (is_word_byte(s.data[i]))
			copy[len++] = byte_lower(s.data[i]);
	}
	return slice_from(copy, len);
}

/* without_comments - a copy without what stands in parentheses, paired or not */
static struct slice without_comments(struct pool *pool, struct slice s)
{
	char *copy = pool_alloc(pool, s.len);
	size_t depth = 0;
	size_t len = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '(')
			depth++;
		else if (s.data[i] == ')')
			depth -= depth > 0 ? 1 : 0;
		else if (depth == 0)
			copy[len++] = s.data[i];
	}
	return slice_from(copy, len);
}

/* contains - is the word in the text? */
static bool contains(struct slice text, struct slice word)
{
	return memmem(text.data, text.len, word.data, word.len) != NULL;
}

/* mentions - may somebody see our id in a text that has no one reading? */
static bool mentions(struct pool *pool, struct slice value, const char *id)
{
	const char *name = domain_canonical(pool, slice_of(id));
	const char *forms[] = {id, name, name != NULL ? domain_for_display(pool, name) : NULL};
	struct slice with = squeeze(pool, value);
	struct slice without = squeeze(pool, without_comments(pool, value));
	struct slice word;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		word = squeeze(pool, slice_of(forms[i]));
		if (word.len != 0 && (contains(with, word) || contains(without, word)))
			return true;
	}
	return false;
}

/* skip_encoded_word - RFC 2047 section 2: "=?charset?encoding?text?=" */
static size_t skip_encoded_word(struct slice s)
{
	size_t at = strlen(ENCODED_WORD_START);

	if (!slice_starts_nocase(s, ENCODED_WORD_START))
		return 0;
	for (unsigned part = 0; part < 2; part++) { /* charset, encoding */
		at += skip_token(slice_skip(s, at));
		if (at == s.len || s.data[at++] != '?')
			return 0;
	}
	at += slice_find(slice_skip(s, at), '?');
	return slice_starts_nocase(slice_skip(s, at), ENCODED_WORD_END) ? at : 0;
}

/* has_encoded_word - some readers decode such words wherever they stand, and may then see our id */
static bool has_encoded_word(struct slice value)
{
	for (size_t at = 0; at < value.len; at++) {
		at += slice_find(slice_skip(value, at), '=');
		if (skip_encoded_word(slice_skip(value, at)) != 0)
			return true;
	}
	return false;
}

/*
 * is_canonical_id - is there only one way to read this authserv-id?
 *
 * Some readers drop blanks that are not ASCII, or take full-width letters and U+2024 for what they
 * look like (RFC 8601 7.10). So an id that is not ASCII must be a domain name of U-labels, written
 * as IDNA writes it.
 */
static bool is_canonical_id(struct pool *pool, const char *id)
{
	const char *name;

	if (slice_is_ascii(slice_of(id)))
		return true;
	name = domain_canonical(pool, slice_of(id));
	return name != NULL &&
	       slice_equal_nocase(slice_of(domain_for_display(pool, name)), slice_of(id));
}

/* claims_id - does this field say, or pretend to say to some reader, that it is ours? */
static bool claims_id(struct pool *pool, struct slice value, const char *id)
{
	struct slice before_results = slice_from(value.data, slice_find(value, ';'));
	struct authres authres;
	bool readable = authres_parse(pool, value, &authres);

	if (readable &&
	    (authres_same_id(pool, authres.id, id) || !is_canonical_id(pool, authres.id)))
		return true;
	if (readable && authres.well_formed && authres_is_token(slice_of(authres.id)))
		return false;
	return mentions(pool, value, id) || has_encoded_word(value) ||
	       !slice_is_ascii(before_results);
}

/* remove_claim - removes one field if it claims to be ours */
static bool remove_claim(struct message *message, size_t index, const char *id)
{
	struct pool *pool = pool_new();
	bool claimed = claims_id(pool, message_field(message, index)->value, id);

	if (claimed)
		message_remove_field(message, index);
	pool_free(pool);
	return claimed;
}

size_t authres_strip(struct message *message, const char *id, unsigned hops, bool first_in_chain)
{
	bool bordered;
	size_t index = authres_trust_boundary(message, hops, &bordered);
	size_t count = message_field_count(message);
	size_t removed = 0;

	if (!bordered && first_in_chain)
		index = 0;
	for (; (index = message_find(message, AUTHRES_FIELD, index)) < count; index++)
		removed += remove_claim(message, index, id) ? 1 : 0;
	return removed;
}
