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
