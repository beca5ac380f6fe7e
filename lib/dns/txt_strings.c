/*
 * txt_strings - a TXT record as zone files have it; see dns/txt_strings.h
 */
#include "dns/txt_strings.h"

#include <stdint.h>

/* add_character_string - one of them (RFC 1035 5.1) */
static void add_character_string(struct buffer *strings, struct slice text)
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
		size_t len = text.len < ZONE_STRING_MAX ? text.len : ZONE_STRING_MAX;

		add_character_string(&strings, slice_from(text.data, len));
		text = slice_skip(text, len);
		if (text.len == 0)
			break;
		buffer_add_byte(&strings, ' ');
	}
	copy = slice_copy(pool, buffer_slice(&strings));
	buffer_free(&strings);
	return copy;
}
