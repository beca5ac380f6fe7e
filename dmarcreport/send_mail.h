/*
 * send_mail - the mail about a report to one destination, made and handed over
 *
 * The report itself is built when the first of its destinations needs it, in the form of RFC 9990
 * or in that of RFC 7489.
 */
#ifndef DMARCREPORT_SEND_MAIL_H
#define DMARCREPORT_SEND_MAIL_H

#include "history/incident.h"
#include "send_run.h"

/* The report in one of its two forms. */
struct send_form {
	struct report_submitter submitter;
	struct aggregate_report aggregate;
	struct report_content content;
	bool is_built;
};

/* A report whose destinations are being worked off. */
struct send_current {
	struct pool *pool;
	struct send_form forms[2]; /* of RFC 9990, and of RFC 7489 */
	struct incident incident;  /* of a failure report */
};

/* What the mail to an address is made of; *there is false if there is nothing to report. */
bool send_build(struct send_run *run, struct send_current *current,
		const struct ledger_report *report, const char *address, bool *there,
		struct error *error);

/* One mail; booked before and after. */
bool send_hand_over(struct send_run *run, struct send_current *current,
		    const struct ledger_report *report, struct ledger_destination *destination,
		    struct error *error);

#endif
