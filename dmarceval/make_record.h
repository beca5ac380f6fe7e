/*
 * make_record - dmarceval --make-record: from tags to what belongs into the zone files
 */
#ifndef ASSAY_DMARCEVAL_MAKE_RECORD_H
#define ASSAY_DMARCEVAL_MAKE_RECORD_H

#include "tool/tool_context.h"

/* words are tags, "p=reject", and perhaps the domain. The exit status. */
int make_record_run(struct tool_context *context, const struct option_list *words);

#endif
