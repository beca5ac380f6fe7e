/*
 * report - errors as values, traces for -v; see report.h
 */
#include "report.h"

#include <stdarg.h>

#include "pool.h"

bool error_set(struct error *error, const char *status, const char *format, ...)
{
	va_list args;

	error->status = status;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	text_make_printable(error->text);
	return false;
}

char *text_make_printable(char *text)
{
	for (char *byte = text; *byte != '\0'; byte++) {
		if (*byte < ' ' || *byte > '~')
			*byte = '?';
	}
	return text;
}

bool trace_is_on(const struct trace *trace)
{
	return trace != NULL && trace->file != NULL;
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

void trace_print(const struct trace *trace, const char *format, ...)
{
	struct pool *pool;
	va_list args;

	if (!trace_is_on(trace))
		return;
	pool = pool_new();
	va_start(args, format);
	fprintf(trace->file, "%s: %s\n", trace->tool,
		text_make_printable(pool_vprintf(pool, format, args)));
	va_end(args);
	pool_free(pool);
}
