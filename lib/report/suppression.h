/*
 * suppression - addresses that mail has come back from, for each policy domain
 *
 * A recipient can make a bounce of what was sent to him. So a bounce speaks for that policy domain
 * alone: nobody can stop what others have asked to be sent to the same address.
 */
#ifndef ASSAY_REPORT_SUPPRESSION_H
#define ASSAY_REPORT_SUPPRESSION_H

#include "history/history.h"

#define SUPPRESSION_FAILURES 3 /* that may be over tomorrow (4.x.x), within SUPPRESSION_SECONDS */
#define SUPPRESSION_SECONDS  604800 /* 7 days: for so long they suppress */

struct suppression {
	const char
	    *domain; /* policy domain; "": all, by a bounce that an older version has taken */
	const char *address;
	long long since;
	long long until; /* 0: until somebody says otherwise */
	const char *reason;
};

struct suppressions {
	size_t count;
	struct suppression *items;
};

/* Mail has failed for good: nothing goes to this address any more. */
bool suppression_add(struct history *history, const struct suppression *suppression,
		     struct error *error);

/*
 * The mail of that Report-ID has failed for now. *failures is how many have done so within
 * SUPPRESSION_SECONDS; with SUPPRESSION_FAILURES of them the address is suppressed for as long.
 */
bool suppression_count(struct history *history, const struct suppression *suppression,
		       const char *report_id, long long *failures, struct error *error);

/* The address gets mail again, for all policy domains. */
bool suppression_remove(struct history *history, const char *address, bool *found,
			struct error *error);

/* *reason is NULL if the address gets mail about that policy domain. */
bool suppression_find(struct history *history, struct pool *pool, const char *domain,
		      const char *address, long long now, const char **reason, struct error *error);

/* Those that are suppressed now. */
bool suppression_list(struct history *history, struct pool *pool, long long now,
		      struct suppressions *list, struct error *error);

#endif
