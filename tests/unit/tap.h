/*
 * tap - the Test Anything Protocol for unit tests in C
 */
#ifndef ASSAY_TAP_H
#define ASSAY_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

/* ok - one test point; returns what it was told */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	tap_failed += !good;
	return good;
}

/* is_text - two strings are equal; NULL equals only NULL */
static inline bool is_text(const char *got, const char *wanted, const char *name)
{
	bool good = got == wanted || (got != NULL && wanted != NULL && strcmp(got, wanted) == 0);

	if (!ok(good, "%s", name))
		printf("#    got: %s\n# wanted: %s\n", got != NULL ? got : "(null)",
		       wanted != NULL ? wanted : "(null)");
	return good;
}

/* is_number - two numbers are equal */
static inline bool is_number(long long got, long long wanted, const char *name)
{
	if (!ok(got == wanted, "%s", name))
		printf("#    got: %lld\n# wanted: %lld\n", got, wanted);
	return got == wanted;
}

/* done - the plan, and the exit status of main() */
static inline int done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
