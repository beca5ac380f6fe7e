/*
 * incident - a failing message that a domain wants to hear of by itself (RFC 9991)
 *
 * Kept only where an option asks for it, and redacted before it comes here. Messages from one
 * source about one policy domain are one incident a day, with the first of them as its example.
 */
#ifndef ASSAY_HISTORY_INCIDENT_H
#define ASSAY_HISTORY_INCIDENT_H

#include "history/history.h"

#define INCIDENTS_MAX     20    /* of a policy domain on a day; what is more is not kept */
#define INCIDENTS_DAY_MAX 10000 /* of a day */
#define INCIDENT_TEXT_MAX 8192  /* octets of each of both texts */

/* Texts are never NULL. */
struct incident {
	long long day;
	const char *domain; /* policy domain */
	const char *source; /* address of the client */
	const char *record; /* the policy, in its one form */
	const char *organization;
	long long arrival;   /* of the first message */
	const char *details; /* fields of a message/feedback-report, a line each */
	const char *fields;  /* header fields of the message, redacted */
	unsigned long long count;
};

/* Adds one, or to its count. Nothing is lost if it cannot be stored but itself. */
bool incident_record(struct history_writer *writer, struct pool *pool,
		     const struct incident *incident, struct error *error);

/* The key that names are hidden with; NULL with error. */
const char *incident_key(struct history_writer *writer, struct pool *pool, struct error *error);

struct incidents {
	size_t count;
	struct incident *items;
};

#define INCIDENTS_PAGE 100

/* Those of the days from first to last that no report has been begun for, the next after one. */
bool incident_unreported(struct history *history, struct pool *pool, long long first,
			 long long last, const struct incident *after, struct incidents *list,
			 struct error *error);

/* One of them; count is 0 if it is gone. */
bool incident_find(struct history *history, struct pool *pool, long long day, const char *domain,
		   const char *source, struct incident *incident, struct error *error);

#endif
