/*
 * dmarc_lint_output - dmarceval --lint: what is wrong with a record
 */
#ifndef ASSAY_DMARCEVAL_LINT_H
#define ASSAY_DMARCEVAL_LINT_H

#include "tool/tool_context.h"

/* subject is a record or a domain. The exit status: 0, 1 for warnings, 2 for errors, 75. */
int lint_run(struct tool_context *context, const char *subject);

#endif
