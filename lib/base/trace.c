/*
 * trace - what -v says; see base/trace.h
 */
#include "base/trace.h"

#include <stdarg.h>

#include "base/pool.h"
#include "base/printable.h"

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
