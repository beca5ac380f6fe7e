/*
 * plan - where a report is to go (RFC 9990 sections 3.5 and 4)
 *
 * What a record names is first only written down. Whether a destination outside of the domain's
 * organization wants the report, DNS is asked right before the mail leaves, at first for a moment
 * only: what does not answer at once is asked again after all others.
 */
#ifndef DMARCREPORT_PLAN_H
#define DMARCREPORT_PLAN_H

#include "reporting.h"

#define PLAN_ROUNDS 4 /* each with more patience than the one before */

/* The destinations of a tag, in order: unverified, or given up for what needs no DNS. */
bool plan_destinations(struct reporting *reporting, struct pool *pool, const char *domain,
		       const char *list, struct ledger_destinations *destinations,
		       struct error *error);

enum plan_outcome {
	PLAN_DECIDED, /* the state of the destination says what */
	PLAN_LATER,   /* it is to be asked about in a later round */
	PLAN_ERROR,
};

/*
 * Asks DNS about an unverified destination. added has those that it names instead of itself. In
 * the last round, tries and next are set for what is still open.
 */
enum plan_outcome plan_verify(struct reporting *reporting, struct pool *pool, const char *domain,
			      unsigned round, struct ledger_destination *destination,
			      struct ledger_destinations *added, struct error *error);

/* Why this address must get nothing, or NULL. */
bool plan_is_suppressed(struct reporting *reporting, struct pool *pool, const char *domain,
			const char *address, const char **reason, struct error *error);

/* Seconds to wait after so many tries. */
long long plan_pause(unsigned tries);

#endif
