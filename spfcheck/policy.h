/*
 * policy - spfcheck --policy: Postfix's access policy service, for spawn(8)
 *
 * Answers requests on standard input until it ends. Whatever is asked, there is an
 * answer: a request that is not understood gets DUNNO, which leaves the decision to the
 * restrictions after this one.
 */
#ifndef ASSAY_SPFCHECK_POLICY_H
#define ASSAY_SPFCHECK_POLICY_H

#include "policy_options.h"
#include "tool/tool_context.h"

/* Seconds of DNS work for one identity: two, and the lists', must fit in Postfix'
 * smtpd_policy_service_timeout. */
#define POLICY_SECONDS_MAX 40.0

/* The service; header is spf, ar, both, none or NULL for spf. The exit status. */
int policy_run(struct tool_context *context, struct policy_options *options, const char *header);

#endif
