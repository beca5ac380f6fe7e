/*
 * transfer_decoding - base64 and quoted-printable; see report/transfer_decoding.h
 */
#include "report/transfer_decoding.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hex.h"

#define SIXTET_BITS 6
#define OCTET_BITS  8

enum transfer_encoding transfer_encoding_of(struct slice name)
{
	struct slice word = slice_trim(name);

	if (slice_is_nocase(word, "base64"))
		return TRANSFER_BASE64;
	if (slice_is_nocase(word, "quoted-printable"))
		return TRANSFER_QUOTED;
	return TRANSFER_IDENTITY;
}

void transfer_begin(struct transfer_decoding *decoding, enum transfer_encoding encoding)
{
	*decoding = (struct transfer_decoding){.encoding = encoding};
}

/* sixtet_of - the value of a character of base64, or -1 */
static int sixtet_of(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+' || byte == '-')
		return 62;
	return byte == '/' || byte == '_' ? 63 : -1;
}

/* decode_base64 - RFC 2045 6.8 */
static size_t decode_base64(struct transfer_decoding *decoding, struct slice text, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = sixtet_of(text.data[i]);

		if (text.data[i] == '=') {
			decoding->bits = 0;
			decoding->count = 0;
		}
		if (value < 0)
			continue;
		decoding->bits = decoding->bits << SIXTET_BITS | (unsigned)value;
		decoding->count += SIXTET_BITS;
		if (decoding->count >= OCTET_BITS) {
			decoding->count -= OCTET_BITS;
			out[len++] = (char)(decoding->bits >> decoding->count & 0xff);
			decoding->bits &= (1U << decoding->count) - 1;
		}
	}
	return len;
}

/* flush_escape - what turned out to be no escape */
static size_t flush_escape(struct transfer_decoding *decoding, char *out)
{
	size_t len = decoding->pending_len;

	memcpy(out, decoding->pending, len);
	decoding->pending_len = 0;
	return len;
}

/* end_escape - "=" and one or two characters; how many octets they make */
static size_t end_escape(struct transfer_decoding *decoding, char *out)
{
	const char *text = decoding->pending;

	if (decoding->pending_len < 2)
		return 0;
	if (text[1] == '\n' || (decoding->pending_len == 3 && text[1] == '\r' && text[2] == '\n')) {
		decoding->pending_len = 0; /* a soft line break */
		return 0;
	}
	if (text[1] == ' ' || text[1] == '\t') {
		decoding->pending_len = 1; /* padding between "=" and the line end */
		return 0;
	}
	if (decoding->pending_len == 2)
		return is_hexdigit(text[1]) || text[1] == '\r' ? 0 : flush_escape(decoding, out);
	if (!hex_octet(slice_from(text + 1, HEX_OCTET_LEN), out))
		return flush_escape(decoding, out);
	decoding->pending_len = 0;
	return 1;
}

/* decode_quoted - RFC 2045 6.7 */
static size_t decode_quoted(struct transfer_decoding *decoding, struct slice text, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (decoding->pending_len == 0 && text.data[i] != '=') {
			out[len++] = text.data[i];
			continue;
		}
		decoding->pending[decoding->pending_len++] = text.data[i];
		len += end_escape(decoding, out + len);
	}
	return len;
}

size_t transfer_decode(struct transfer_decoding *decoding, struct slice text, char *out)
{
	switch (decoding->encoding) {
	case TRANSFER_BASE64: return decode_base64(decoding, text, out);
	case TRANSFER_QUOTED: return decode_quoted(decoding, text, out);
	case TRANSFER_IDENTITY: break;
	}
	if (text.len != 0)
		memcpy(out, text.data, text.len);
	return text.len;
}
