/*
 * reputation - how much mail of a domain has passed here, and on how many days
 *
 * The rows of a policy on a day lie together in the primary key of messages, so that only those of
 * the domain's own policies are read, however large the history is.
 */
#ifndef ASSAY_HISTORY_REPUTATION_H
#define ASSAY_HISTORY_REPUTATION_H

#include "history/history.h"

/* That a message may wait for the answer; without one it is not known. */
#define REPUTATION_SECONDS 0.5

struct history_passes {
	unsigned long long messages;
	unsigned long long days;
};

/* Whose mail is looked for, and on which days. */
struct history_passes_query {
	const char *policy_domain;
	const char *author_domain;
	long long first;
	long long last;
};

/* Mail of the author domain that passed, in an open history. */
bool history_passes_find(struct history *history, const struct history_passes_query *query,
			 struct history_passes *passes, struct error *error);

/* The same for a writer, who waits no longer than REPUTATION_SECONDS. */
bool history_passes_ask(struct history_writer *writer, struct pool *pool,
			const struct history_passes_query *query, struct history_passes *passes,
			struct error *error);

#endif
