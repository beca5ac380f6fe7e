/*
 * view_reports - what the store tells of reports: sums for domains and days, single reports, TLS,
 * what was rejected
 */
#ifndef ASSAY_REPORT_VIEW_REPORTS_H
#define ASSAY_REPORT_VIEW_REPORTS_H

#include "report/report_store.h"

/* What is looked at. */
struct view_filter {
	const char *domain; /* NULL: all */
	long long since;    /* days since 1970, both are included */
	long long until;
	bool failing; /* only what has failures */
};

/* Sums for a domain. */
struct domain_sums {
	const char *domain;
	unsigned long long messages;
	unsigned long long passed;
	unsigned long long quarantined;
	unsigned long long rejected;
	unsigned long long
	    unauthenticated; /* messages by reporters whom DMARC did not authenticate */
	unsigned long long reports;
	unsigned long long reporters;
	unsigned long long fresh; /* reports since view_last_told() */
	long long first;          /* days */
	long long last;
	const char *policy; /* as the latest report has seen it */
};

struct domain_list {
	size_t count;
	struct domain_sums *items; /* most messages first */
};

bool view_domains(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct domain_list *list, struct error *error);

/* Sums for a day. */
struct day_sums {
	long long day;
	unsigned long long messages;
	unsigned long long passed;
};

struct day_list {
	size_t count;
	struct day_sums *items; /* in order; days without reports are left out */
};

bool view_days(struct report_store *store, struct pool *pool, const struct view_filter *filter,
	       struct day_list *list, struct error *error);

/* A policy of TLS reports, all reports of one organization together. */
struct tls_sums {
	const char *domain;
	const char *org;
	const char *type;
	unsigned long long good;
	unsigned long long failed;
	unsigned long long reports;
	long long last;
	const char *failures; /* of the latest report that has any, in one line */
};

struct tls_list {
	size_t count;
	struct tls_sums *items;
};

bool view_tls(struct report_store *store, struct pool *pool, const struct view_filter *filter,
	      struct tls_list *list, struct error *error);

struct reject_entry {
	long long received; /* seconds since 1970 */
	const char *file;
	const char *sender;
	const char *org;
	const char *domain;
	const char *reason;
	const char *excerpt;
};

struct reject_list {
	size_t count;
	struct reject_entry *items; /* the latest first */
};

bool view_rejects(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct reject_list *list, struct error *error);

/* When the last digest was made, seconds since 1970; a week ago if there was none. */
bool view_last_told(struct report_store *store, long long now, long long *told,
		    struct error *error);

/* 2026-11-22 */
const char *view_day_text(struct pool *pool, long long day);

/* A query whose parameters are the days, and the number of the domain or 0 for all, as ?1 to ?3. */
sqlite3_stmt *view_prepare(struct report_store *store, const char *query,
			   const struct view_filter *filter, struct error *error);

/* Ends a query: false with an error unless status is SQLITE_DONE. */
bool view_finish(struct report_store *store, sqlite3_stmt *statement, int status,
		 struct error *error);

/* The text in a column, in the pool. */
const char *view_text(struct pool *pool, sqlite3_stmt *statement, int column);
unsigned long long view_number(sqlite3_stmt *statement, int column);

#endif
