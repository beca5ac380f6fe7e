/*
 * tag_values - base64, quoted text and lists in tag values (RFC 6376 sections 2.10, 2.11); see
 * dkim/tag_values.h
 */
#include "dkim/tag_values.h"

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/taglist.h"

/* digit_of - the value of a base64 digit (RFC 4648 section 4), or -1 */
static int digit_of(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '+')
		return 62;
	return byte == '/' ? 63 : -1;
}

/* without_padding - the digits; empty if their number and that of the "=" do not go together */
static struct slice without_padding(struct slice text)
{
	struct slice digits = text;
	size_t padding;

	while (digits.len > 0 && text.len - digits.len < 2 && digits.data[digits.len - 1] == '=')
		digits.len--;
	padding = text.len - digits.len;
	if (digits.len % 4 == 1 || (padding > 0 && text.len % 4 != 0))
		return slice_of(NULL);
	return digits;
}

bool dkim_tag_base64(struct pool *pool, struct slice value, struct slice *octets)
{
	struct slice digits = without_padding(taglist_compact(pool, value));
	char *data = pool_alloc(pool, digits.len / 4 * 3 + 3);
	unsigned bits = 0;
	unsigned bit_count = 0;
	size_t len = 0;

	for (size_t i = 0; i < digits.len; i++) {
		int digit = digit_of(digits.data[i]);

		if (digit < 0)
			return false;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		bit_count += 6;
		if (bit_count >= 8) {
			bit_count -= 8;
			data[len++] = (char)(unsigned char)(bits >> bit_count & 0xff);
		}
	}
	*octets = slice_from(data, len);
	return len > 0;
}

static unsigned hex_value(char digit)
{
	return (unsigned)(is_digit(digit) ? digit - '0' : digit - 'A' + 10);
}

static bool is_upper_hex(char byte)
{
	return is_hexdigit(byte) && byte == byte_upper(byte);
}

bool dkim_tag_quoted(struct pool *pool, struct slice value, struct slice *octets)
{
	struct slice text = taglist_compact(pool, value);
	char *data = pool_alloc(pool, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i];

		if (byte == '=') {
			if (text.len - i < 3 || !is_upper_hex(text.data[i + 1]) ||
			    !is_upper_hex(text.data[i + 2]))
				return false;
			byte = (char)(unsigned char)(hex_value(text.data[i + 1]) << 4 |
						     hex_value(text.data[i + 2]));
			i += 2;
		}
		data[len++] = byte;
	}
	*octets = slice_from(data, len);
	return true;
}

bool dkim_tag_next_item(struct slice *rest, struct slice *item)
{
	if (!slice_cut(rest, ':', item))
		return false;
	*item = slice_trim(*item);
	return true;
}

bool dkim_tag_has_item(struct slice list, const char *wanted)
{
	struct slice rest = list;
	struct slice item;

	while (dkim_tag_next_item(&rest, &item)) {
		if (slice_is(item, wanted))
			return true;
	}
	return false;
}
