/*
 * filter_run - a filter at work: on one message, or on a stream of them
 */
#ifndef ASSAY_TOOL_FILTER_RUN_H
#define ASSAY_TOOL_FILTER_RUN_H

#include "tool/filter.h"

/* Does the work, once or for each message of a stream; the exit status. */
int filter_run(struct tool_context *context, const struct filter_job *job);

#endif
