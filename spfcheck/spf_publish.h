/*
 * spf_publish - spfcheck --make-record and --flatten: records to publish, as a zone file has them
 */
#ifndef ASSAY_SPFCHECK_SPF_PUBLISH_H
#define ASSAY_SPFCHECK_SPF_PUBLISH_H

#include "tool/tool_context.h"

/* The record of the words DOMAIN TERM... all=WORD, and what it costs; the exit status. */
int spf_make_run(struct tool_context *context, const struct option_list *words);

/* The record of a domain (subject) without lookups; the exit status. */
int spf_flatten_run(struct tool_context *context, const char *subject);

#endif
