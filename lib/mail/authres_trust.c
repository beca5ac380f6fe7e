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
#include "base/utf8.h"
#include "mail/abnf.h"
#include "mail/domain.h"
#include "mail/received_spf.h"

#define AUTHRES_FIELD      "Authentication-Results"
#define RECEIVED_FIELD     "Received"
#define RECEIVED_SPF_FIELD "Received-SPF"
#define SMTPD_START        "Received: from "
#define ENCODED_WORD_START "=?" /* RFC 2047 section 2 */
#define ENCODED_WORD_END   "?="

/* is_result_field - one of the fields that make up the block on top of a message without border */
static bool is_result_field(const struct field *field)
{
	return slice_is_nocase(field->name, AUTHRES_FIELD) ||
	       slice_is_nocase(field->name, RECEIVED_SPF_FIELD);
}

size_t authres_block(const struct message *message)
{
	size_t count = message_field_count(message);
	size_t end = 0;

	while (end < count && is_result_field(message_field(message, end)))
		end++;
	return end;
}

/* find_received - the hops-th Received field, or the number of fields */
static size_t find_received(const struct message *message, unsigned hops)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, RECEIVED_FIELD, 0);

	while (index < count && --hops > 0)
		index = message_find(message, RECEIVED_FIELD, index + 1);
	return index;
}

/* is_of_smtpd - as smtpd(8) begins this field, and others that take mail from strangers */
static bool is_of_smtpd(struct slice raw)
{
	return raw.len >= strlen(SMTPD_START) &&
	       memcmp(raw.data, SMTPD_START, strlen(SMTPD_START)) == 0;
}

struct authres_zone authres_find_zone(struct pool *pool, const struct message *message,
				      unsigned hops, const struct run_seal *seal, bool wants_smtpd)
{
	size_t border = find_received(message, hops);
	struct sealed sealed;

	if (seal != NULL && run_seal_find(pool, message, seal, &sealed))
		return (struct authres_zone){
		    .end = sealed.end, .is_sealed = true, .seal = sealed.index};
	if (border == message_field_count(message) ||
	    (wants_smtpd && !is_of_smtpd(message_field(message, border)->raw)))
		return (struct authres_zone){.end = 0};
	return (struct authres_zone){.end = border, .is_bordered = true};
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

/* The code points that readers take for a dot (RFC 3490 3.1, and U+2024) beside U+FF0E below. */
#define ONE_DOT_LEADER   0x2024U
#define IDEOGRAPHIC_STOP 0x3002U
#define HALFWIDTH_STOP   0xff61U
/* U+FF01 to U+FF5E are the printable characters of ASCII in full width. */
#define FULLWIDTH_FIRST 0xff01U
#define FULLWIDTH_LAST  0xff5eU
#define FULLWIDTH_SHIFT 0xfee0U

/* ascii_for - what a reader that cleans up may make of a code point; 0: nothing at all */
static char ascii_for(unsigned point)
{
	if (point == ONE_DOT_LEADER || point == IDEOGRAPHIC_STOP || point == HALFWIDTH_STOP)
		return '.';
	if (point >= FULLWIDTH_FIRST && point <= FULLWIDTH_LAST)
		return byte_lower((char)(point - FULLWIDTH_SHIFT));
	return 0;
}

/* clean_up - a squeezed text in ASCII: look-alikes become what they look like, the rest is dropped
 */
static struct slice clean_up(struct pool *pool, struct slice s)
{
	char *copy = pool_alloc(pool, s.len);
	size_t len = 0;

	while (s.len > 0) {
		unsigned point = 0;
		size_t step = utf8_decode(s, &point);
		bool is_ascii = (s.data[0] & '\x80') == 0;
		char byte = is_ascii ? s.data[0] : ascii_for(point);

		if (byte != 0)
			copy[len++] = byte;
		s = slice_skip(s, step != 0 ? step : 1);
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
	struct slice with_clean = clean_up(pool, with);
	struct slice without_clean = clean_up(pool, without);
	struct slice word;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		word = squeeze(pool, slice_of(forms[i]));
		if (word.len != 0 && (contains(with, word) || contains(without, word) ||
				      contains(with_clean, word) || contains(without_clean, word)))
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
	struct authres authres;
	bool readable = authres_parse(pool, value, &authres);

	if (readable &&
	    (authres_same_id(pool, authres.id, id) || !is_canonical_id(pool, authres.id)))
		return true;
	if (readable && authres.well_formed && authres_is_token(slice_of(authres.id)))
		return false;
	return mentions(pool, value, id) || has_encoded_word(value);
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

size_t authres_strip(struct message *message, const char *id, size_t first)
{
	size_t count = message_field_count(message);
	size_t index = first;
	size_t removed = 0;

	for (; (index = message_find(message, AUTHRES_FIELD, index)) < count; index++)
		removed += remove_claim(message, index, id) ? 1 : 0;
	return removed;
}

/* is_received_by - does a Received-SPF field say, or pretend to say, that it is ours? */
static bool is_received_by(struct pool *pool, struct slice value, const char *id)
{
	struct received_spf field;
	const char *receiver;

	if (!received_spf_parse(pool, value, &field))
		return mentions(pool, value, id);
	receiver = field.values[RECEIVED_SPF_RECEIVER];
	if (receiver == NULL)
		return mentions(pool, value, id);
	return authres_same_id(pool, receiver, id) || !is_canonical_id(pool, receiver);
}

size_t authres_strip_spf(struct message *message, const char *id, size_t first)
{
	size_t count = message_field_count(message);
	size_t index = first;
	size_t removed = 0;

	for (; (index = message_find(message, RECEIVED_SPF_FIELD, index)) < count; index++) {
		struct pool *pool = pool_new();

		if (is_received_by(pool, message_field(message, index)->value, id)) {
			message_remove_field(message, index);
			removed++;
		}
		pool_free(pool);
	}
	return removed;
}
