/*
 * view_ready - may a domain go to p=reject? What of its own mail still fails, and what to publish
 */
#ifndef ASSAY_REPORT_VIEW_READY_H
#define ASSAY_REPORT_VIEW_READY_H

#include "report/view_sources.h"

#define READY_DAYS      14  /* of reports at least: some senders are silent for a week */
#define READY_MESSAGES  100 /* at least */
#define READY_FAIL_PART 500 /* of own mail one in so many may fail: broken on its way */
#define READY_NAMES_MAX 5U  /* our choice: sources that are named */

enum ready_step {
	READY_UNKNOWN, /* too few reports */
	READY_NOT_YET, /* own mail fails */
	READY_GO,      /* publish the record */
	READY_DONE,    /* p=reject is published */
};

const char *ready_step_word(enum ready_step step);

struct readiness {
	const char *domain;
	const char *policy; /* the tag p as the latest report has seen it, "" if none did */
	enum ready_step step;
	unsigned long long messages;
	unsigned long long own_failed; /* messages of own sources and services that pass nothing */
	unsigned long long forwarded;  /* messages of forwarders that pass nothing */
	unsigned long long strangers;  /* of strangers */
	long long days;
	const char *failing; /* own sources that fail, in one line */
	const char *advice;  /* in words */
	const char *record;  /* to publish at _dmarc.DOMAIN; "" */
};

struct ready_list {
	size_t count;
	struct readiness *items;
};

/* From sums and sources of the same period. */
void view_ready(struct pool *pool, const struct domain_list *domains,
		const struct source_list *sources, struct ready_list *list);

#endif
