/*
 * utf8 - well-formed UTF-8 (RFC 3629 section 4); see base/utf8.h
 */
#include "base/utf8.h"

#include "base/ascii.h"

/* One line of the table in RFC 3629 section 4: which octets may follow the first. */
struct utf8_form {
	unsigned char first_low, first_high;
	unsigned char second_low, second_high;
	size_t len;
};

/* utf8_form_of - the form that a first octet begins; NULL for ASCII and for what begins none */
static const struct utf8_form *utf8_form_of(unsigned char first)
{
	static const struct utf8_form forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (first >= forms[i].first_low && first <= forms[i].first_high)
			return &forms[i];
	}
	return NULL;
}

size_t skip_utf8_tail(struct slice s)
{
	const unsigned char *octets = (const unsigned char *)s.data;
	const struct utf8_form *form = s.len != 0 ? utf8_form_of(octets[0]) : NULL;

	if (form == NULL || s.len < form->len)
		return 0;
	if (octets[1] < form->second_low || octets[1] > form->second_high)
		return 0;
	for (size_t i = 2; i < form->len; i++) {
		if ((octets[i] & 0xc0) != 0x80)
			return 0;
	}
	return form->len;
}

size_t utf8_decode(struct slice s, unsigned *code)
{
	size_t len = skip_utf8_tail(s);

	if (len == 0)
		return 0;
	*code = (unsigned char)s.data[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++)
		*code = *code << 6 | ((unsigned char)s.data[i] & 0x3fU);
	return len;
}

/* is_c1_control - U+0080 to U+009F */
static bool is_c1_control(struct slice s)
{
	return s.len >= 2 && s.data[0] == '\xc2' && (unsigned char)s.data[1] < 0xa0;
}

bool is_clean_text(struct slice s)
{
	size_t len;

	for (size_t at = 0; at < s.len; at += len) {
		struct slice rest = slice_skip(s, at);

		len = is_vchar(rest.data[0]) || rest.data[0] == ' ' ? 1 : skip_utf8_tail(rest);
		if (len == 0 || is_c1_control(rest))
			return false;
	}
	return true;
}
