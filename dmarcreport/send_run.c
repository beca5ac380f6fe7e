/*
 * send_run - books what has become of mails; see send_run.h
 */
#include "send_run.h"

#include "base/pool.h"

#define TRIES_REFUSED 3 /* when the command says that there is no such address */
#define IN_DOUBT      "in doubt: "

void send_count(struct send_run *run, const struct ledger_destination *destination)
{
	if (destination->state == LEDGER_SENT)
		run->sent++;
	else if (destination->state == LEDGER_GIVEN_UP)
		run->given_up++;
	else
		run->postponed++;
}

bool send_book(struct send_run *run, const struct ledger_report *report,
	       struct ledger_destination *destination, enum ledger_state state, const char *reason,
	       struct error *error)
{
	destination->state = state;
	destination->reason = reason;
	destination->changed = run->job->context.options.now;
	if (state != LEDGER_PENDING)
		destination->next = 0;
	return ledger_change(run->job->history, report->id, destination, error);
}

bool send_book_failure(struct send_run *run, struct pool *pool, const struct ledger_report *report,
		       struct ledger_destination *destination, bool refused, const char *reason,
		       struct error *error)
{
	unsigned most = run->arguments->tries;

	destination->tries++;
	if (refused && most > TRIES_REFUSED)
		most = TRIES_REFUSED;
	if (destination->tries >= most)
		return send_book(run, report, destination, LEDGER_GIVEN_UP,
				 pool_printf(pool, "%s (%u tries)", reason, destination->tries),
				 error);
	destination->next = run->job->context.options.now + plan_pause(destination->tries);
	return send_book(run, report, destination, LEDGER_PENDING, reason, error);
}

/* book_doubt - its sender was killed together with whoever could tell what came of it */
static bool book_doubt(struct send_run *run, const struct ledger_report *report,
		       struct ledger_destination *destination, struct error *error)
{
	bool again = slice_starts_nocase(slice_of(destination->reason), IN_DOUBT);

	destination->next = 0;
	if (again || run->arguments->keep_in_doubt)
		return send_book(run, report, destination, LEDGER_GIVEN_UP,
				 IN_DOUBT "a run was killed while it sent this; not sent again",
				 error);
	return send_book(run, report, destination, LEDGER_PENDING,
			 IN_DOUBT "whether it was sent is not known; sent once more, under the same"
				  " Report-ID",
			 error);
}

bool send_book_outcome(struct send_run *run, struct pool *pool, const struct ledger_report *report,
		       struct ledger_destination *destination, enum sendmail_outcome outcome,
		       const char *reason, struct error *error)
{
	bool doubtful = slice_starts_nocase(slice_of(destination->reason), IN_DOUBT);

	switch (outcome) {
	case SENDMAIL_SENT:
		return send_book(run, report, destination, LEDGER_SENT,
				 doubtful ? destination->reason : "", error);
	case SENDMAIL_NOT_STARTED:
		return send_book(run, report, destination, LEDGER_PENDING, destination->reason,
				 error);
	case SENDMAIL_UNKNOWN: return book_doubt(run, report, destination, error);
	default:
		return send_book_failure(run, pool, report, destination,
					 outcome == SENDMAIL_REFUSED, reason, error);
	}
}
