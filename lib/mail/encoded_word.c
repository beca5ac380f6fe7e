/*
 * encoded_word - what encoded words stand for; see mail/encoded_word.h
 */
#include "mail/encoded_word.h"

#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/pool.h"
#include "mail/abnf.h"

#define BASE64_GROUP 4 /* characters for three octets */

/* An encoded word in its parts; the texts are not decoded. */
struct encoded_word {
	char encoding; /* 'b' or 'q' */
	struct slice text;
	size_t len; /* of all of it */
};

bool encoded_words_present(struct slice text)
{
	for (; text.len > 1; text = slice_skip(text, 1)) {
		if (text.data[0] == '=' && text.data[1] == '?')
			return true;
	}
	return false;
}

/* cut_part - up to the next "?", which is in the text; neither has white space in it */
static bool cut_part(struct slice *rest, struct slice *part)
{
	size_t len = 0;

	while (len < rest->len && rest->data[len] != '?' && !is_wsp(rest->data[len]))
		len++;
	if (len == rest->len || rest->data[len] != '?')
		return false;
	*part = slice_from(rest->data, len);
	*rest = slice_skip(*rest, len + 1);
	return true;
}

/* parse_encoded_word - "=?charset?encoding?text?=" at the start of s */
static bool parse_encoded_word(struct slice s, struct encoded_word *word)
{
	struct slice rest, charset, encoding;

	if (!slice_starts_nocase(s, "=?"))
		return false;
	rest = slice_skip(s, 2);
	if (!cut_part(&rest, &charset) || !cut_part(&rest, &encoding) ||
	    !cut_part(&rest, &word->text) || charset.len == 0 || encoding.len != 1)
		return false;
	if (rest.len == 0 || rest.data[0] != '=')
		return false;
	word->encoding = byte_lower(encoding.data[0]);
	word->len = s.len - rest.len + 1;
	return word->encoding == 'b' || word->encoding == 'q';
}

/* decode_q - RFC 2047 section 4.2; the end of what was written */
static char *decode_q(char *out, struct slice text)
{
	while (text.len > 0) {
		size_t len = 1;

		*out = text.data[0] == '_' ? ' ' : text.data[0];
		if (text.data[0] == '=' && hex_octet(slice_skip(text, 1), out))
			len += HEX_OCTET_LEN;
		out++;
		text = slice_skip(text, len);
	}
	return out;
}

/* decode_b - RFC 2047 section 4.1, as leniently as mail programs: what is no base64 is left out */
static char *decode_b(struct pool *pool, char *out, struct slice text)
{
	char *digits = pool_alloc(pool, text.len);
	struct slice octets;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (is_alnum(text.data[i]) || text.data[i] == '+' || text.data[i] == '/')
			digits[len++] = text.data[i];
	}
	if (len % BASE64_GROUP == 1) /* half an octet */
		len--;
	if (!base64_decode(pool, slice_from(digits, len), &octets) || octets.len == 0)
		return out;
	memcpy(out, octets.data, octets.len);
	return out + octets.len;
}

/* gap_before_word - white space between two encoded words says nothing (6.2) */
static size_t gap_before_word(struct slice rest)
{
	struct encoded_word word;
	size_t gap = skip_fws(rest);

	return parse_encoded_word(slice_skip(rest, gap), &word) ? gap : 0;
}

struct slice encoded_words_decode(struct pool *pool, struct slice text)
{
	char *decoded = pool_alloc(pool, text.len + 1); /* it never becomes longer */
	char *out = decoded;
	struct slice rest = text;
	struct encoded_word word;

	while (rest.len > 0) {
		if (!parse_encoded_word(rest, &word)) {
			*out++ = rest.data[0];
			rest = slice_skip(rest, 1);
			continue;
		}
		out = word.encoding == 'b' ? decode_b(pool, out, word.text)
					   : decode_q(out, word.text);
		rest = slice_skip(rest, word.len);
		rest = slice_skip(rest, gap_before_word(rest));
	}
	return slice_between(decoded, out);
}
