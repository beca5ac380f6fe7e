/*
 * hex - octets as two hexadecimal digits each; see base/hex.h
 */
#include "base/hex.h"

#include "base/ascii.h"

#define DIGIT_BITS 4
#define DIGIT_MASK 0xfU

/* hex_value - of a digit, in either case */
static unsigned hex_value(char digit)
{
	return (unsigned)(is_digit(digit) ? digit - '0' : byte_lower(digit) - 'a' + 10);
}

bool hex_octet(struct slice text, char *octet)
{
	if (text.len < HEX_OCTET_LEN || !is_hexdigit(text.data[0]) || !is_hexdigit(text.data[1]))
		return false;
	*octet =
	    (char)(unsigned char)(hex_value(text.data[0]) << DIGIT_BITS | hex_value(text.data[1]));
	return true;
}

void hex_escape(char octet, char digits[HEX_OCTET_LEN])
{
	static const char upper[] = "0123456789ABCDEF";

	digits[0] = upper[(unsigned char)octet >> DIGIT_BITS];
	digits[1] = upper[(unsigned char)octet & DIGIT_MASK];
}

void hex_text(char *text, const void *octets, size_t len)
{
	const char *data = octets;

	for (size_t i = 0; i < len; i++) {
		hex_escape(data[i], text + HEX_OCTET_LEN * i);
		text[HEX_OCTET_LEN * i] = byte_lower(text[HEX_OCTET_LEN * i]);
		text[HEX_OCTET_LEN * i + 1] = byte_lower(text[HEX_OCTET_LEN * i + 1]);
	}
	text[HEX_OCTET_LEN * len] = '\0';
}
