/*
 * send_run - one run of dmarcreport send, and the states of destinations in the ledger
 *
 * Every change of a state goes through here.
 */
#ifndef DMARCREPORT_SEND_RUN_H
#define DMARCREPORT_SEND_RUN_H

#include "plan.h"
#include "report/sendmail.h"

struct send_arguments {
	struct job job;
	struct report_options options;
	const char *command;
	const char *copy;
	const char *bounces_to;
	double seconds; /* for one mail */
	unsigned tries;
	unsigned rate; /* a minute; 0: as fast as it goes */
	bool verp;
	bool keep_in_doubt;
	bool failure;             /* --failure: failure reports instead */
	const char *failure_copy; /* the only one who gets them, or NULL */
};

/* One run. */
struct send_run {
	const struct send_arguments *arguments;
	struct job *job;
	struct reporting reporting;
	struct sendmail sendmail; /* its record is the lock of the run, too */
	size_t sent;
	size_t postponed;
	size_t given_up;
	unsigned round; /* of asking DNS */
	size_t later;   /* destinations that the round has left over */
	bool added;     /* destinations that another one has named instead of itself */
	struct {
		unsigned long long done;
		unsigned long long all;
		bool shown;
	} progress;
};

/* Counts what the state of a destination means for the summary. */
void send_count(struct send_run *run, const struct ledger_destination *destination);

/* A new state. */
bool send_book(struct send_run *run, const struct ledger_report *report,
	       struct ledger_destination *destination, enum ledger_state state, const char *reason,
	       struct error *error);

/* Again later, or never. */
bool send_book_failure(struct send_run *run, struct pool *pool, const struct ledger_report *report,
		       struct ledger_destination *destination, bool refused, const char *reason,
		       struct error *error);

/* What came of a hand-over. */
bool send_book_outcome(struct send_run *run, struct pool *pool, const struct ledger_report *report,
		       struct ledger_destination *destination, enum sendmail_outcome outcome,
		       const char *reason, struct error *error);

#endif
