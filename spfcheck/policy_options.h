/*
 * policy_options - what spfcheck --policy can be told: all that policyd-spf.conf(5) offers
 */
#ifndef ASSAY_SPFCHECK_POLICY_OPTIONS_H
#define ASSAY_SPFCHECK_POLICY_OPTIONS_H

#include "mail/ip_address.h"
#include "policy_list.h"
#include "tool/options.h"

#define POLICY_ALLOW_TIMEOUT 10.0 /* seconds; Whitelist_Lookup_Time of policyd-spf */

/* Which results of an identity are rejected; each level includes those before it. */
enum policy_level {
	POLICY_UNSET,    /* as POLICY_FAIL */
	POLICY_NO_CHECK, /* it is not even looked at */
	POLICY_NEVER,    /* nor is a permerror, or a temperror deferred */
	POLICY_NULL,     /* of HELO: as fail for bounces, as never for all others */
	POLICY_FAIL,
	POLICY_SOFTFAIL, /* fail and softfail */
	POLICY_NOT_PASS, /* neutral, too */
};

struct policy_options {
	enum policy_level reject_mailfrom;
	enum policy_level reject_helo;
	bool reject_permerror;
	bool defer_temperror;
	bool only_no_mail;         /* of what would be rejected only "v=spf1 -all" */
	bool dry_run;              /* nothing is refused */
	const char *mailfrom_pass; /* an action of access(5) for what passes, or NULL */
	const char *helo_pass;
	const char *reject_text;       /* with {spf} and {rejectdefer} in it; NULL: ours */
	struct ip_address prospective; /* family 0: the client that is named */
	unsigned void_limit;           /* 0: that of RFC 7208 */
	double allow_timeout;          /* seconds of DNS for the lists */
	struct policy_list skip;       /* clients that are not checked */
	struct policy_list allow_addresses;
	struct policy_list allow_helo;
	struct policy_list allow_domains;
	struct policy_list allow_ptr;
	struct policy_list not_pass; /* domains that are rejected as by POLICY_NOT_PASS */
};

/* Before the command line is read. */
void policy_options_init(struct policy_options *options, struct pool *pool);

/*
 * The table of *count options of the tool, in pool, with those of the service after them; modes is
 * where these have a meaning.
 */
const struct option_spec *policy_options_join(struct pool *pool, const struct option_spec *others,
					      size_t *count, struct policy_options *options,
					      unsigned modes);

/* What the options leave open, and the files that they name. */
bool policy_options_complete(struct policy_options *options, struct error *error);

void policy_options_close(struct policy_options *options);

/* All lists, one after the other; NULL after the last. */
struct policy_list *policy_options_list(struct policy_options *options, size_t index);

#endif
