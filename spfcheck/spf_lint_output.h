/*
 * spf_lint_output - spfcheck --lint: what is wrong with a record, and what it costs
 */
#ifndef ASSAY_SPFCHECK_LINT_H
#define ASSAY_SPFCHECK_LINT_H

#include "tool/tool_context.h"

/* The whole work; the exit status: 0 nothing found, 1 warnings, 2 errors, 75 no answer. */
/*
 * Is the subject all that was meant? Without quotes the shell divides a record, and "-all" is taken
 * for the option -a.
 */
bool lint_is_quoted(const struct tool_context *context, const char *subject,
		    const struct option_list *operands, struct error *error);

int lint_run(struct tool_context *context, const char *subject);

#endif
