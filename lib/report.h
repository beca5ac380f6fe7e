/*
 * report - what is said to people: errors as values, traces for -v
 */
#ifndef ASSAY_REPORT_H
#define ASSAY_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "bytes.h"

#define ERROR_TEXT_MAX 512 /* longer texts are cut: they are ours, not the stranger's */
#define EXCERPT_MAX    80  /* octets of a stranger's text that text_excerpt() shows */

/*
 * Why something could not be done. Only main() prints it:
 * "4.3.1 TOOL: cannot write /tmp/assay: No space left on device".
 */
struct error {
	const char *status; /* enhanced status code (RFC 3463), a literal; 4.x.x */
	char text[ERROR_TEXT_MAX];
};

/* Status codes in use (RFC 3463). All are transient: mail must not bounce over our trouble. */
#define STATUS_OTHER    "4.3.0" /* other or undefined mail system status */
#define STATUS_FULL     "4.3.1" /* mail system full: no room to spool */
#define STATUS_TOO_BIG  "4.3.4" /* message too big for the system */
#define STATUS_CONFIG   "4.3.5" /* system incorrectly configured: options, files */
#define STATUS_DNS      "4.4.3" /* directory server failure */
#define STATUS_SECURITY "4.7.0" /* other or undefined security status: keys */

/* Fills in error and returns false, so that callers can return error_set(...). */
bool error_set(struct error *error, const char *status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Where -v explains each step; NULL or file NULL says nothing. */
struct trace {
	FILE *file;
	const char *tool;
};

/*
 * One line "TOOL: ..." Bytes that are not printable ASCII come out as '?', so a
 * stranger's text cannot forge log lines or reach a terminal.
 */
void trace_print(const struct trace *trace, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is anything that is explained going to be read? */
bool trace_is_on(const struct trace *trace);

/* Replaces everything but printable ASCII by '?'; returns text. */
char *text_make_printable(char *text);

/* A copy in which everything but printable ASCII is '?', NUL too. */
char *text_printable(struct pool *pool, struct slice text);

/* The beginning of such a copy; "..." stands for the rest. */
const char *text_excerpt(struct pool *pool, struct slice text);

#endif
