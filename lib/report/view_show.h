/*
 * view_show - the rows of a report, and how its head reads
 */
#ifndef ASSAY_REPORT_VIEW_SHOW_H
#define ASSAY_REPORT_VIEW_SHOW_H

#include "report/view_reports.h"

struct shown_row {
	const char *source;
	unsigned long long messages;
	bool dkim;
	bool spf;
	unsigned disposition; /* enum incoming_disposition */
	const char *header_from;
	const char *envelope_from;
	const char *envelope_to;
	const char *results; /* lines, see report/incoming.h */
	const char *reasons;
};

/* A report, of which there may be several with one id. */
struct shown_report {
	long long number;
	unsigned kind; /* enum incoming_kind */
	const char *org;
	const char *email;
	const char *id;
	const char *domain;
	const char *sender; /* authenticated, or "" */
	const char *policy;
	const char *generator;
	const char *remark;
	const char *repairs;
	const char *missing;
	long long begin;
	long long end;
	unsigned long long rows;
	unsigned long long messages;
	unsigned long long rejected_rows;
	bool incomplete;
	unsigned missing_parts; /* enum incoming_missing */
	long long received;
	size_t count;
	struct shown_row *items; /* of an aggregate report */
};

struct shown_list {
	size_t count;
	struct shown_report *items;
};

/* Reports by their id, as the reporter has given it. */
bool view_show(struct report_store *store, struct pool *pool, const char *id,
	       struct shown_list *list, struct error *error);

/*
 * Tells each report of the days and the domain, one after the other, so that memory does not grow
 * with the store. tell returns false with an error to end it.
 */
bool view_each(struct report_store *store, const struct view_filter *filter,
	       bool (*tell)(void *context, struct pool *pool, const struct shown_report *report,
			    struct error *error),
	       void *context, struct error *error);

/* Lines of results in one line, for people. */
const char *view_flat(struct pool *pool, const char *lines);

#endif
