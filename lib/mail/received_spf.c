/*
 * received_spf - reading Received-SPF fields; see mail/received_spf.h
 *
 * policyd-spf, libspf2 and others write "helo=HELO; envelope-from=SENDER" as they have got them,
 * quoted local parts without their quotes. Three things give a stranger away who has written more
 * than his name there:
 *
 *   "envelope-from" stands in the field twice: he has written it into HELO, and hides the true one
 *   in a comment, a quoted string or a second pair;
 *
 *   a key stands there twice;
 *
 *   there is an "@" after the sender: that of his own domain, if he has made a shorter address of
 *   the sender. Only the recipient may have one, where policyd-spf writes it: right after, at the
 *   end.
 */
#include "mail/received_spf.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

static const char *const keys[RECEIVED_SPF_KEYS] = {
    [RECEIVED_SPF_IDENTITY] = "identity",   [RECEIVED_SPF_ENVELOPE_FROM] = "envelope-from",
    [RECEIVED_SPF_HELO] = "helo",           [RECEIVED_SPF_RECEIVER] = "receiver",
    [RECEIVED_SPF_CLIENT_IP] = "client-ip",
};

/* mentions - how often a word stands in a text, wherever that is */
static size_t mentions(struct slice text, const char *word)
{
	size_t count = 0;

	for (; text.len > 0; text = slice_skip(text, 1)) {
		if (slice_starts_nocase(text, word))
			count++;
	}
	return count;
}

/* take_text - cuts the first octets off */
static struct slice take_text(struct slice *rest, size_t len)
{
	struct slice text = slice_from(rest->data, len);

	*rest = slice_skip(*rest, len);
	return text;
}

/* skip_spf_key - key; all but the unknown ones have the form of name */
static size_t skip_spf_key(struct slice s)
{
	size_t len = 0;

	while (len < s.len && (is_alnum(s.data[len]) || s.data[len] == '-' || s.data[len] == '_' ||
			       s.data[len] == '.'))
		len++;
	return len;
}

/* skip_bare_value - dot-atom, and what is written there though it should be quoted */
static size_t skip_bare_value(struct slice s)
{
	size_t len = 0;

	while (len < s.len && (is_vchar(s.data[len]) || (unsigned char)s.data[len] > 127) &&
	       strchr(";()\"\\", s.data[len]) == NULL)
		len++;
	return len;
}

/* take_spf_value - dot-atom / quoted-string; or quoted-string "@" domain, which is no value */
static const char *take_spf_value(struct pool *pool, struct slice *rest, bool *is_address)
{
	size_t quoted_len = skip_quoted_string(*rest);
	struct slice behind = slice_skip(*rest, quoted_len);
	size_t len;

	*is_address = quoted_len != 0 && behind.len != 0 && behind.data[0] == '@';
	if (quoted_len == 0 || *is_address)
		return slice_copy(pool, take_text(rest, quoted_len + skip_bare_value(behind)));
	return unquote(pool, take_text(rest, quoted_len), &len);
}

/* set_spf_value - false if the key was there before: one of the two is not the verifier's */
static bool set_spf_value(struct received_spf *field, struct slice key, const char *value)
{
	for (size_t i = 0; i < RECEIVED_SPF_KEYS; i++) {
		if (!slice_is_nocase(key, keys[i]))
			continue;
		if (field->values[i] != NULL)
			return false;
		field->values[i] = value;
	}
	return true;
}

/* is_harmless - can what comes after the sender not be a part of him? */
static bool is_harmless(struct slice behind)
{
	struct slice text = slice_trim(behind);
	size_t at = strlen(keys[RECEIVED_SPF_RECEIVER]);

	if (slice_find(text, '@') == text.len)
		return true;
	if (!slice_starts_nocase(text, keys[RECEIVED_SPF_RECEIVER]) || slice_find(text, '=') != at)
		return false;
	if (text.data[text.len - 1] == ';')
		text.len--;
	return slice_find(text, ';') == text.len &&
	       slice_find(slice_skip(text, at + 1), '=') == text.len - at - 1;
}

/* take_pair - key-value-pair, and the ";" or white space after it */
static bool take_pair(struct pool *pool, struct slice *rest, struct received_spf *field)
{
	struct slice key = take_text(rest, skip_spf_key(*rest));
	const char *value;
	bool is_address;
	size_t gap;

	take_text(rest, skip_cfws(*rest));
	if (key.len == 0 || rest->len == 0 || rest->data[0] != '=')
		return false;
	take_text(rest, 1);
	take_text(rest, skip_cfws(*rest));
	value = take_spf_value(pool, rest, &is_address);
	gap = skip_cfws(*rest);
	take_text(rest, gap);
	if (rest->len != 0 && rest->data[0] == ';')
		take_text(rest, 1 + skip_cfws(slice_skip(*rest, 1)));
	else if (rest->len != 0 && gap == 0)
		return false;
	if (is_address && !slice_is_nocase(key, keys[RECEIVED_SPF_ENVELOPE_FROM]))
		return false;
	field->needs_sender = field->needs_sender || is_address;
	return set_spf_value(field, key, value) &&
	       (!slice_is_nocase(key, keys[RECEIVED_SPF_ENVELOPE_FROM]) || is_harmless(*rest));
}

bool received_spf_parse(struct pool *pool, struct slice value, struct received_spf *field)
{
	struct slice rest = slice_trim(value);
	struct slice word;

	*field = (struct received_spf){.result = RESULT_UNKNOWN};
	if (mentions(value, keys[RECEIVED_SPF_ENVELOPE_FROM]) > 1)
		return false;
	take_text(&rest, skip_cfws(rest));
	word = take_text(&rest, skip_keyword(rest));
	if (word.len == 0 || (rest.len != 0 && skip_cfws(rest) == 0))
		return false;
	field->result = result_of_word(word);
	take_text(&rest, skip_cfws(rest));
	while (rest.len != 0) {
		if (!take_pair(pool, &rest, field))
			return false;
	}
	return true;
}
