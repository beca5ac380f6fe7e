/*
 * verify_message - dkimverify as a filter: one message, many, or with -n their results
 */
#ifndef ASSAY_DKIMVERIFY_VERIFY_MESSAGE_H
#define ASSAY_DKIMVERIFY_VERIFY_MESSAGE_H

#include "dkim/verify.h"
#include "tool/filter.h"

struct verify_options {
	struct dkim_policy policy;
	unsigned hops;
	bool adsp;
	bool arc;
};

/* The whole work; the exit status. */
int verify_run(struct tool_context *context, const struct verify_options *options);

#endif
