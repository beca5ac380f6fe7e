/*
 * policy_log - where the policy service tells people what it decides, and what is wrong
 *
 * Standard error, or the system log if standard error is the connection itself, as spawn(8) has it.
 */
#ifndef ASSAY_SPFCHECK_POLICY_LOG_H
#define ASSAY_SPFCHECK_POLICY_LOG_H

#include "base/error.h"
#include "base/system_log.h"
#include "base/trace.h"
#include "postfix/policy_request.h"
#include "spf/evaluate.h"

#define POLICY_LOG_NAME "assay/spf" /* the tag in the system log */

struct policy_log {
	struct system_log system;
	struct trace trace; /* what -v explains goes the same way */
	const char *tool;
	bool to_system;
	bool quiet; /* errors only */
};

/* Opens it in place; to be done before the process confines itself. */
void policy_log_open(struct policy_log *log, const char *tool, bool quiet);

/* One entry; level is LOG_ERR, LOG_WARNING or LOG_INFO. */
void policy_log_print(struct policy_log *log, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The decision about a message, in the order of Postfix' own lines. result is NULL if nothing was
 * checked; action is one word, reason for people.
 */
void policy_log_decision(struct policy_log *log, const struct policy_request *request,
			 const struct spf_result *result, const char *action, const char *reason);

#endif
