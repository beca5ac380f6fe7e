/*
 * policy_log - where the policy service may speak to people
 */
#ifndef ASSAY_SPFCHECK_POLICY_LOG_H
#define ASSAY_SPFCHECK_POLICY_LOG_H

#include <stdio.h>

struct pool;

/*
 * Standard error, or the system log if standard error is the connection itself: spawn(8)
 * makes it so, and a warning there would be taken for an answer. What it needs is in pool.
 */
FILE *policy_log_open(struct pool *pool, const char *tool);

#endif
