/*
 * trace - what -v says on standard error: each step, explained
 */
#ifndef ASSAY_BASE_TRACE_H
#define ASSAY_BASE_TRACE_H

#include <stdbool.h>
#include <stdio.h>

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

#endif
