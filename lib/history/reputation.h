/*
 * reputation - how much mail of a domain has passed here, and on how many days
 *
 * The table "passed" has a row for each author domain and day on which mail of it passed, from
 * this host or one that was merged; it is kept beside the rows themselves, so that the question
 * costs one look into an index however large the history is.
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

/* Mail of a domain that passed on the days from first to last, in an open history. */
bool history_passes_find(struct history *history, const char *domain, long long first,
			 long long last, struct history_passes *passes, struct error *error);

/* The same for a writer, who waits no longer than REPUTATION_SECONDS. */
bool history_passes_ask(struct history_writer *writer, struct pool *pool, const char *domain,
			long long first, long long last, struct history_passes *passes,
			struct error *error);

#endif
