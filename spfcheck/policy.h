/*
 * policy - spfcheck --policy: Postfix's access policy service, for spawn(8)
 *
 * Answers requests on standard input until it ends. Whatever is asked, there is an
 * answer: a request that is not understood gets DUNNO, which leaves the decision to the
 * restrictions behind this one.
 */
#ifndef ASSAY_SPFCHECK_POLICY_H
#define ASSAY_SPFCHECK_POLICY_H

#include "mail/ip_address.h"
#include "tool/tool_context.h"

/* Seconds of DNS work for one identity: two must fit in Postfix' smtpd_policy_service_timeout. */
#define POLICY_SECONDS_MAX 45.0

/* Which results of an identity are rejected. */
enum policy_level {
	POLICY_UNSET, /* as POLICY_FAIL */
	POLICY_NEVER,
	POLICY_FAIL,
	POLICY_SOFTFAIL, /* fail and softfail */
};

/* Clients that are not checked. */
struct policy_networks {
	struct pool *pool;
	bool is_set; /* otherwise the loopback networks */
	size_t count;
	struct ip_network *items;
};

struct policy_options {
	enum policy_level reject_mailfrom;
	enum policy_level reject_helo;
	bool reject_permerror;
	bool defer_temperror;
	struct policy_networks skip;
};

option_setter policy_set_level;    /* enum policy_level: never, fail or softfail */
option_setter policy_set_networks; /* struct policy_networks: networks separated by commas */

/* The service; header is spf, ar, both or NULL for spf. The exit status. */
int policy_run(struct tool_context *context, const struct policy_options *options,
	       const char *header);

#endif
