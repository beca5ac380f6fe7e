/*
 * printable - a stranger's text made harmless; see base/printable.h
 */
#include "base/printable.h"

#include "base/pool.h"

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

const char *text_excerpt(struct pool *pool, struct slice text)
{
	size_t len = text.len < EXCERPT_MAX ? text.len : EXCERPT_MAX;

	return pool_printf(pool, "%s%s", text_printable(pool, slice_from(text.data, len)),
			   len < text.len ? "..." : "");
}
