/*
 * printable - a stranger's text made harmless; see base/printable.h
 */
#include "base/printable.h"

#include "base/pool.h"
#include "base/utf8.h"

#define VISIBLE_MAX (8U << 20) /* octets; what is longer is cut */

char *text_make_printable(char *text)
{
	for (char *byte = text; *byte != '\0'; byte++) {
		if (*byte < ' ' || *byte > '~')
			*byte = '?';
	}
	return text;
}

char *text_printable(struct pool *pool, struct slice text)
{
	char *copy = slice_copy(pool, text);

	for (size_t i = 0; i < text.len; i++) {
		if (copy[i] == '\0')
			copy[i] = '?'; /* would end the text */
	}
	return text_make_printable(copy);
}

char *text_visible(struct pool *pool, struct slice text)
{
	struct buffer buffer;
	char *visible;
	size_t len;

	buffer_init(&buffer, VISIBLE_MAX);
	for (size_t at = 0; at < text.len && !buffer.overflow; at += len) {
		struct slice rest = slice_skip(text, at);
		unsigned code;

		len = utf8_decode(rest, &code);
		if (len != 0) {
			buffer_printf(&buffer, "<U+%04X>", code);
			continue;
		}
		len = 1;
		if (rest.data[0] >= ' ' && rest.data[0] <= '~')
			buffer_add_byte(&buffer, rest.data[0]);
		else if (slice_is_ascii(slice_from(rest.data, 1)))
			buffer_add_byte(&buffer, '?');
		else
			buffer_printf(&buffer, "<0x%02X>", (unsigned char)rest.data[0]);
	}
	visible = slice_copy(pool, buffer_slice(&buffer));
	buffer_free(&buffer);
	return visible;
}

const char *text_excerpt(struct pool *pool, struct slice text)
{
	size_t len = text.len < EXCERPT_MAX ? text.len : EXCERPT_MAX;

	return pool_printf(pool, "%s%s", text_visible(pool, slice_from(text.data, len)),
			   len < text.len ? "..." : "");
}
