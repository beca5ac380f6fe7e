/*
 * txt_strings - the text of a TXT record as zone files have it; see txt_strings.h
 */
#include "txt_strings.h"

#include <stdint.h>

#define STRING_MAX 255 /* RFC 1035 3.3: octets of a character-string */

/* add_string - one of them (RFC 1035 5.1) */
static void add_string(struct buffer *strings, struct slice text)
{
	buffer_add_byte(strings, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buffer_add_byte(strings, '\\');
		buffer_add_byte(strings, text.data[i]);
	}
	buffer_add_byte(strings, '"');
}

const char *txt_strings(struct pool *pool, struct slice text)
{
	struct buffer strings;
	const char *copy;

	buffer_init(&strings, SIZE_MAX);
	for (;;) {
		size_t len = text.len < STRING_MAX ? text.len : STRING_MAX;

		add_string(&strings, slice_from(text.data, len));
		text = slice_skip(text, len);
		if (text.len == 0)
			break;
		buffer_add_byte(&strings, ' ');
	}
	copy = slice_copy(pool, buffer_slice(&strings));
	buffer_free(&strings);
	return copy;
}
