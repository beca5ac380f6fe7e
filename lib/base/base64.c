/*
 * base64 - RFC 4648 section 4; see base/base64.h
 */
#include "base/base64.h"

#include "base/pool.h"

#define GROUP_OCTETS 3
#define GROUP_DIGITS 4
#define DIGIT_BITS   6
#define DIGIT_MASK   0x3fU
#define OCTET_BITS   8
#define OCTET_MASK   0xffU

/* write_group - up to three octets; what is missing is padding */
static void write_group(const unsigned char *octets, size_t count, char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = (unsigned)octets[0] << 2 * OCTET_BITS;

	if (count > 1)
		bits |= (unsigned)octets[1] << OCTET_BITS;
	if (count > 2)
		bits |= octets[2];
	text[0] = digits[bits >> 3 * DIGIT_BITS];
	text[1] = digits[bits >> 2 * DIGIT_BITS & DIGIT_MASK];
	text[2] = count > 1 ? digits[bits >> DIGIT_BITS & DIGIT_MASK] : '=';
	text[3] = count > 2 ? digits[bits & DIGIT_MASK] : '=';
}

void base64_write(char *text, const void *octets, size_t len)
{
	const unsigned char *data = octets;

	for (size_t at = 0; at < len; at += GROUP_OCTETS) {
		write_group(data + at, len - at, text);
		text += GROUP_DIGITS;
	}
}

const char *base64_encode(struct pool *pool, const void *octets, size_t len)
{
	char *text = pool_alloc(pool, BASE64_LEN(len) + 1); /* zeroed */

	base64_write(text, octets, len);
	return text;
}

/* digit_value - of a digit, or -1 */
static int digit_value(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A';
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 26;
	if (digit >= '0' && digit <= '9')
		return digit - '0' + 52;
	if (digit == '+')
		return 62;
	return digit == '/' ? 63 : -1;
}

/* without_padding - the digits; false if their number and that of the "=" do not go together */
static bool without_padding(struct slice text, struct slice *digits)
{
	size_t padding = 0;

	while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=')
		padding++;
	*digits = slice_from(text.data, text.len - padding);
	return digits->len % GROUP_DIGITS != 1 && (padding == 0 || text.len % GROUP_DIGITS == 0);
}

bool base64_decode(struct pool *pool, struct slice text, struct slice *octets)
{
	struct slice digits;
	unsigned bits = 0;
	unsigned bit_count = 0;
	size_t len = 0;
	char *data;

	if (!without_padding(text, &digits))
		return false;
	data = pool_alloc(pool, digits.len / GROUP_DIGITS * GROUP_OCTETS + GROUP_OCTETS);
	for (size_t i = 0; i < digits.len; i++) {
		int value = digit_value(digits.data[i]);

		if (value < 0)
			return false;
		bits = (bits << DIGIT_BITS | (unsigned)value) & 0xffff;
		bit_count += DIGIT_BITS;
		if (bit_count >= OCTET_BITS) {
			bit_count -= OCTET_BITS;
			data[len++] = (char)(unsigned char)(bits >> bit_count & OCTET_MASK);
		}
	}
	*octets = slice_from(data, len);
	return true;
}
