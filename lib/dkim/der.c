/*
 * der - what keys need of the distinguished encoding rules (X.690); see dkim/der.h
 */
#include "dkim/der.h"

#define OCTET_BITS        8
#define TOP_BIT           0x80 /* of a number: it is negative (8.3.3) */
#define LONG_FORM         0x80 /* of the first length octet (8.1.3.5) */
#define LENGTH_OCTETS_MAX 2    /* more than a key can need */

struct slice der_rsa_encryption(void)
{
	static const char identifier[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

	return slice_from(identifier, sizeof(identifier) - 1);
}

struct slice der_ed25519(void)
{
	static const char identifier[] = "\x06\x03\x2b\x65\x70"; /* 1.3.101.112 */

	return slice_from(identifier, sizeof(identifier) - 1);
}

/* take_length - 8.1.3, cut off *rest; false unless definite and as short as can be (10.1) */
static bool take_length(struct slice *rest, size_t *len)
{
	const unsigned char *octets = (const unsigned char *)rest->data;
	size_t count = rest->len > 0 && octets[0] >= LONG_FORM ? octets[0] - LONG_FORM : 0;

	if (rest->len < 1 + count || octets[0] == LONG_FORM || count > LENGTH_OCTETS_MAX)
		return false;
	*len = count == 0 ? octets[0] : 0;
	for (size_t i = 1; i <= count; i++)
		*len = *len << OCTET_BITS | octets[i];
	*rest = slice_skip(*rest, 1 + count);
	return count == 0 || *len >= (count == 1 ? LONG_FORM : 1U << OCTET_BITS);
}

bool der_take(struct slice *rest, enum der_tag tag, struct slice *content)
{
	struct slice behind = *rest;
	size_t len;

	if (behind.len == 0 || (unsigned char)behind.data[0] != tag)
		return false;
	behind = slice_skip(behind, 1);
	if (!take_length(&behind, &len) || len > behind.len)
		return false;
	*content = slice_from(behind.data, len);
	*rest = slice_skip(behind, len);
	return true;
}

static bool has_top_bit(struct slice number)
{
	return number.len > 0 && ((unsigned char)number.data[0] & TOP_BIT) != 0;
}

bool der_take_number(struct slice *rest, struct slice *number)
{
	if (!der_take(rest, DER_INTEGER, number) || number->len == 0)
		return false;
	if (number->data[0] != 0)
		return !has_top_bit(*number);
	*number = slice_skip(*number, 1);
	return has_top_bit(*number);
}

unsigned der_number_bits(struct slice number)
{
	unsigned bits = 0;

	if (number.len == 0)
		return 0;
	for (unsigned top = (unsigned char)number.data[0]; top != 0; top >>= 1)
		bits++;
	return bits + (unsigned)(number.len - 1) * OCTET_BITS;
}
