/*
 * digest_state - what was told last, and what is new or worse since then
 */
#ifndef ASSAY_REPORT_DIGEST_STATE_H
#define ASSAY_REPORT_DIGEST_STATE_H

#include "report/view_ready.h"

#define DIGEST_FALL         20U /* tenths of a percent that a pass rate has to fall to be worse */
#define DIGEST_FINDINGS_MAX 50U /* our choice: things that a mail names */

/* What a mail tells, a sentence each. */
struct digest_news {
	size_t count;
	const char **items;
	const char *state; /* what is remembered when the mail has gone out */
};

/*
 * Compares with what was told last. recent are the sums of the last days, the others those of the
 * page.
 */
bool digest_compare(struct report_store *store, struct pool *pool, const struct domain_list *recent,
		    const struct ready_list *ready, const struct source_list *sources,
		    const struct tls_list *tls, struct digest_news *news, struct error *error);

/* Remembers that it was told. */
bool digest_remember(struct report_store *store, const struct digest_news *news, long long now,
		     struct error *error);

#endif
