/*
 * quota - what a stranger can make the history grow by, for each organization and day
 *
 * Whoever owns a domain can publish any number of names and policies below it, and whoever sends
 * mail can name any number of domains of others. Messages that are alike are counted in one row
 * without end; it is new rows that have limits:
 *
 *   - rows and policies of one organizational domain on a day;
 *   - everything on a day that comes from organizations which the history has not seen on an
 *     earlier one. Those whose mail passes and those whose mail fails have a share each, so that
 *     a million invented names leave the domains alone that this site corresponds with;
 *   - all new rows of a day together.
 *
 * What is refused is counted, and dmarcreport status tells it.
 */
#ifndef ASSAY_HISTORY_QUOTA_H
#define ASSAY_HISTORY_QUOTA_H

#include "history/store.h"

#define HISTORY_ROWS_MAX       20000        /* of an organizational domain on a day */
#define HISTORY_POLICIES_MAX   200          /* of the same: so many reports can be made of it */
#define HISTORY_NEWCOMERS_MAX  (8U << 20)   /* octets, of failing mail; the same of passing */
#define HISTORY_DAY_OCTETS_MAX (512U << 20) /* octets of all new rows of a day */

/*
 * Takes a new row into account, within the transaction that will store it. *admitted is false if
 * there is no room for it; then its messages have been counted as refused.
 */
bool quota_take(struct history *history, const struct history_texts *texts, bool *admitted,
		struct error *error);

/* What has been refused; organization is NULL for what came from many. */
struct quota_refusal {
	long long day;
	const char *organization;
	const char *reason;
	unsigned long long messages;
};

struct quota_refusals {
	size_t count;
	struct quota_refusal *items;
};

#define QUOTA_REFUSALS_MAX 1000 /* that are listed, the latest days first */

bool quota_refused(struct history *history, struct pool *pool, struct quota_refusals *refusals,
		   struct error *error);

/* On how many days of the history has this organization been seen? */
bool quota_days(struct history *history, const char *organization, long long *days,
		struct error *error);

/* The organizational domain of a policy domain, as far as it is known; else the domain itself. */
const char *quota_organization(struct history *history, struct pool *pool, const char *domain,
			       struct error *error);

#endif
