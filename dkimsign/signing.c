/*
 * signing - a message on its way through dkimsign; see signing.h
 */
#include "signing.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/pool.h"
#include "base/printable.h"

void signing_warn(struct signing *signing, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	option_each(pool_vprintf(signing->filter->pool, format, args), &signing->warnings, NULL);
	va_end(args);
}

void signing_print_warnings(const struct signing *signing)
{
	for (size_t i = 0; i < signing->warnings.count && !signing->filter->context->options.quiet;
	     i++)
		fprintf(stderr, "dkimsign: %s\n",
			text_make_printable(
			    pool_printf(signing->filter->pool, "%s", signing->warnings.items[i])));
}
