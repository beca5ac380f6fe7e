/*
 * send_due - works off what is due; see send_due.h
 */
#include "send_due.h"

#include <stdio.h>
#include <unistd.h>

#include "base/pool.h"
#include "report/report_mail.h"
#include "send_mail.h"

#define MAILS_MAX      100 /* about the domains of one organization, on one day */
#define PROGRESS_LEAST 20  /* destinations; fewer are no work to watch */

/* verify - a destination that DNS has not spoken for; *later: not in this round */
static bool verify(struct send_run *run, struct pool *pool, const struct ledger_report *report,
		   struct ledger_destination *destination, bool *later, struct error *error)
{
	struct ledger_destinations added;
	enum plan_outcome outcome = plan_verify(&run->reporting, pool, report->domain, run->round,
						destination, &added, error);

	*later = outcome == PLAN_LATER;
	if (outcome != PLAN_DECIDED)
		return outcome == PLAN_LATER;
	if (destination->state == LEDGER_UNVERIFIED && destination->tries >= run->arguments->tries)
		destination->state = LEDGER_GIVEN_UP;
	run->added = run->added || added.count > 0;
	return ledger_replace(run->job->history, report->id, destination, &added, error);
}

/* lasting_reason - why a verified destination gets nothing, now and later; NULL for nothing */
static bool lasting_reason(struct send_run *run, struct pool *pool,
			   const struct ledger_report *report,
			   const struct ledger_destination *destination, const char **reason,
			   struct error *error)
{
	unsigned long long mails;

	if (!plan_is_suppressed(&run->reporting, pool, report->domain, destination->address, reason,
				error))
		return false;
	if (*reason != NULL)
		return true;
	if (!ledger_mails(run->job->history, report->organization, report->day, &mails, error))
		return false;
	if (mails >= MAILS_MAX)
		*reason = pool_printf(pool, "%d mails about domains of %s on that day have left",
				      MAILS_MAX, report->organization);
	return true;
}

/* hindrance - why a verified destination gets nothing now; it is booked if *hindered */
static bool hindrance(struct send_run *run, struct send_current *current,
		      const struct ledger_report *report, struct ledger_destination *destination,
		      bool *hindered, struct error *error)
{
	struct job *job = run->job;
	const char *reason;
	long long until;
	bool there;

	*hindered = true;
	if (!lasting_reason(run, current->pool, report, destination, &reason, error))
		return false;
	if (reason != NULL)
		return send_book(run, report, destination, LEDGER_GIVEN_UP, reason, error);
	if (!ledger_backoff(job->history, destination->address, job->context.options.now, &until,
			    error))
		return false;
	if (until > 0)
		return send_book_failure(run, current->pool, report, destination, false,
					 "other mail to this address has just failed", error);
	if (!send_build(run, current, report, destination->address, &there, error))
		return false;
	if (!there)
		return send_book(run, report, destination, LEDGER_GIVEN_UP,
				 "there is no mail to report: expired, or all from --ignore-hosts",
				 error);
	*hindered = false;
	return true;
}

/* deliver - one destination that is due */
static bool deliver(struct send_run *run, struct send_current *current, struct ledger_entry *entry,
		    struct error *error)
{
	const struct ledger_report *report = &entry->report;
	struct ledger_destination *destination = &entry->destination;
	bool later = false;
	bool hindered;

	if (destination->state == LEDGER_UNVERIFIED &&
	    !verify(run, current->pool, report, destination, &later, error))
		return false;
	if (later) {
		run->later++;
		return true;
	}
	if (destination->state == LEDGER_PENDING) {
		if (!hindrance(run, current, report, destination, &hindered, error))
			return false;
		if (!hindered && !send_hand_over(run, current, report, destination, error))
			return false;
	}
	run->progress.done++;
	send_count(run, destination);
	return true;
}

/* show_progress - to somebody who is watching */
static void show_progress(struct send_run *run)
{
	if (!run->progress.shown)
		return;
	fprintf(stderr, "\rdmarcreport: %llu of %llu", run->progress.done, run->progress.all);
	if (run->progress.done == run->progress.all)
		fputc('\n', stderr);
}

/* deliver_report - all destinations of a report that are due; returns how many, 0 on error */
static size_t deliver_report(struct send_run *run, struct ledger_entry *entries, size_t count_left,
			     struct error *error)
{
	struct send_current current = {.pool = pool_new()};
	size_t done = 0;
	bool good = true;

	while (good && done < count_left && entries[done].report.id == entries[0].report.id) {
		if (reporting_is_wanted(&run->reporting, entries[done].report.domain))
			good = deliver(run, &current, &entries[done], error);
		done++;
		show_progress(run);
	}
	for (size_t i = 0; i < sizeof(current.forms) / sizeof(current.forms[0]); i++) {
		if (current.forms[i].is_built)
			report_content_free(&current.forms[i].content);
	}
	pool_free(current.pool);
	return good ? done : 0;
}

/* deliver_due - everything that is due, the oldest first */
static bool deliver_due(struct send_run *run, struct error *error)
{
	struct ledger_place place = {.report = 0};
	struct ledger_entries due;
	bool good;

	do {
		struct pool *pool = pool_new();
		size_t done = 1;

		good = ledger_entries(run->job->history, pool, LEDGER_DUE,
				      run->job->context.options.now, &place, &due, error);
		for (size_t at = 0; good && at < due.count; at += done) {
			done = deliver_report(run, due.items + at, due.count - at, error);
			good = done > 0;
		}
		pool_free(pool);
	} while (good && due.count > 0);
	return good;
}

/* begin_progress - how much there is to do */
static bool begin_progress(struct send_run *run, struct error *error)
{
	struct job *job = run->job;
	unsigned long long counts[LEDGER_STATES];

	if (!ledger_count(job->history, LEDGER_DUE, job->context.options.now, counts, error))
		return false;
	for (size_t i = 0; i < LEDGER_STATES; i++)
		run->progress.all += counts[i];
	run->progress.shown = run->progress.all >= PROGRESS_LEAST && !job->context.options.quiet &&
			      job->context.trace.file == NULL && isatty(STDERR_FILENO);
	return true;
}

bool send_work_off(struct send_run *run, struct error *error)
{
	if (!begin_progress(run, error))
		return false;
	do {
		run->added = false;
		run->later = 0;
		if (!deliver_due(run, error))
			return false;
		run->round += run->added ? 0 : 1;
	} while (run->added || (run->later > 0 && run->round < PLAN_ROUNDS));
	return true;
}
