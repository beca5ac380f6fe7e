/*
 * ledger - which report has gone where, in the file of the history
 *
 *   report       what has been begun: one a day, policy domain and published policy
 *   destination  where a report is to go, and what has become of it
 *
 * A destination is booked as "sending" before a mail is handed over and as something else
 * afterwards; what happened to one that is still "sending" when nobody is at work,
 * report/sendmail.h knows in most cases. Policies are named by their texts, for their numbers do
 * not outlive the rows of the history.
 */
#ifndef ASSAY_REPORT_LEDGER_H
#define ASSAY_REPORT_LEDGER_H

#include "history/history.h"
#include "history/query.h"

enum ledger_state {
	LEDGER_UNVERIFIED, /* DNS has not said yet whether this destination wants the report */
	LEDGER_PENDING,    /* to be sent; after a failure (tries > 0) not before next */
	LEDGER_SENDING,    /* being handed over, or in doubt */
	LEDGER_SENT,
	LEDGER_GIVEN_UP, /* reason says why */
	LEDGER_STATES,
};

struct ledger_report {
	long long id; /* 0: not booked */
	long long day;
	long long policy; /* its number in the history; 0: there are no rows any more */
	const char *domain;
	const char *record;
	const char *source;       /* of a failure report: the address of the client; else "" */
	const char *organization; /* organizational domain of domain */
	const char *name;         /* Report-ID */
	const char *submitter;    /* its domain: part of the file name */
	const char *copy;         /* who got a copy of each mail, or "" */
	long long created;
	unsigned long long messages; /* when it was created */
};

struct ledger_destination {
	unsigned number; /* within the report, from 1 */
	const char *uri; /* as published */
	const char *address;
	enum ledger_state state;
	unsigned tries;
	long long next;    /* not before this time */
	long long changed; /* when it came into this state */
	const char *reason;
};

struct ledger_destinations {
	size_t count;
	struct ledger_destination *items;
};

struct ledger_entry {
	struct ledger_report report;
	struct ledger_destination destination;
};

struct ledger_entries {
	size_t count;
	struct ledger_entry *items;
};

const char *ledger_state_word(enum ledger_state state);

/* From now on what is booked survives a loss of power, too. */
bool ledger_make_durable(struct history *history, struct error *error);

/*
 * Policies that ask for reports, on the days from first to last, and have none begun: the next
 * LEDGER_PAGE ones after that of after->day and after->id, all zero for the first.
 */
#define LEDGER_PAGE 2000 /* reports or destinations that are in memory at once */

bool ledger_unreported(struct history *history, struct pool *pool, long long first, long long last,
		       const struct history_policy *after, struct history_policies *policies,
		       struct error *error);

/* How many there are, and the first day of them. */
bool ledger_count_unreported(struct history *history, long long last, unsigned long long *count,
			     long long *day, struct error *error);

/* What has been booked for that report; id is 0 if nothing has. */
bool ledger_find_report(struct history *history, struct pool *pool, long long day,
			const char *domain, const char *record, struct ledger_report *report,
			struct error *error);

/* Begins a report with all its destinations; report->id is set. In full or not at all. */
bool ledger_book(struct history *history, struct ledger_report *report,
		 const struct ledger_destinations *destinations, struct error *error);

/* Adds destinations that another one has named instead of itself, which is changed. */
bool ledger_replace(struct history *history, long long report, const struct ledger_destination *old,
		    const struct ledger_destinations *destinations, struct error *error);

/* State, tries, next, changed and reason. */
bool ledger_change(struct history *history, long long report,
		   const struct ledger_destination *destination, struct error *error);

/* Destinations, by report and number. */
enum ledger_selection {
	LEDGER_DUE,         /* unverified, pending or sending, and next is not after now */
	LEDGER_OPEN,        /* unverified, pending or sending */
	LEDGER_HANDED_OVER, /* sending */
	LEDGER_UNSETTLED,   /* those and the given up */
	LEDGER_ALL,
};

/* Where a page ends; all zero for the first one. */
struct ledger_place {
	long long report;
	long long number;
};

/* The next LEDGER_PAGE of them after a place, which is moved on; the count is 0 at the end. */
bool ledger_entries(struct history *history, struct pool *pool, enum ledger_selection selection,
		    long long now, struct ledger_place *place, struct ledger_entries *entries,
		    struct error *error);

/* How many there are, in each state if counts is not NULL. */
bool ledger_count(struct history *history, enum ledger_selection selection, long long now,
		  unsigned long long counts[LEDGER_STATES], struct error *error);

/* Mails about the domains of an organization on a day that have been sent. */
bool ledger_mails(struct history *history, const char *organization, long long day,
		  unsigned long long *mails, struct error *error);

/* The destination that a token (report/token.h) names; entry->report.id is 0 if there is none. */
bool ledger_find(struct history *history, struct pool *pool, struct slice token,
		 struct ledger_entry *entry, struct error *error);

/* How long this address has to be left alone, after a failure; 0 if it has not. */
bool ledger_backoff(struct history *history, const char *address, long long now, long long *until,
		    struct error *error);

/* Reports of which there are more messages now than when they were created, and how many. */
struct ledger_late {
	size_t reports;
	unsigned long long messages;
};

bool ledger_late(struct history *history, struct ledger_late *late, struct error *error);

/* What has been counted on a day so far. */
struct ledger_today {
	unsigned long long messages;
	unsigned long long domains;
	unsigned long long asking; /* of these, domains that ask for reports */
};

bool ledger_today(struct history *history, long long day, struct ledger_today *today,
		  struct error *error);

/* The first day that has an open destination, or last if there is none before. */
bool ledger_first_open(struct history *history, long long last, long long *day,
		       struct error *error);

/* Forgets the reports of the days before first. */
bool ledger_expire(struct history *history, long long first, struct error *error);

#endif
