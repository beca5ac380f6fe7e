/*
 * error - errors as values; see error.h
 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/printable.h"

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
