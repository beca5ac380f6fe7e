/*
 * dmarcreport send - makes reports, hands them over, and books what has become of them
 *
 * First it settles what an earlier run has left behind, then it begins a report for each policy of
 * each day that has none, and then it works off every destination that is due. A run can end
 * anywhere: the next one goes on from there.
 */
#include "dmarcreport.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "history/query.h"
#include "mail/domain.h"
#include "report/report_mail.h"
#include "report/sendmail.h"

#define TRIES_MAX       10 /* by default; with the pauses of plan_pause() some five days */
#define TRIES_REFUSED   3  /* when the command says that there is no such address */
#define PROGRESS_LEAST  20 /* destinations; fewer are no work to watch */
#define SECONDS_OF_RATE 60
#define NANOSECONDS     1000000000L
#define IN_DOUBT        "in doubt: "

struct send_arguments {
	struct job job;
	const char *command;
	const char *copy;
	const char *bounces_to;
	double seconds;
	unsigned tries;
	unsigned rate; /* a minute; 0: as fast as it goes */
	bool verp;
	bool keep_in_doubt;
};

/* One run. */
struct run {
	const struct send_arguments *arguments;
	struct job *job;
	struct sendmail sendmail; /* its record is the lock of the run, too */
	size_t sent;
	size_t postponed;
	size_t given_up;
	bool added; /* destinations that another one has named instead of itself */
	struct {
		size_t done;
		size_t all;
		bool shown;
	} progress;
};

/* count - what the state of a destination means for the summary */
static void count(struct run *run, const struct ledger_destination *destination)
{
	if (destination->state == LEDGER_SENT)
		run->sent++;
	else if (destination->state == LEDGER_GIVEN_UP)
		run->given_up++;
	else
		run->postponed++;
}

/* book - a new state */
static bool book(struct run *run, const struct ledger_report *report,
		 struct ledger_destination *destination, enum ledger_state state,
		 const char *reason, struct error *error)
{
	destination->state = state;
	destination->reason = reason;
	destination->changed = run->job->context.options.now;
	if (state != LEDGER_PENDING)
		destination->next = 0;
	return ledger_change(run->job->history, report->id, destination, error);
}

/* book_failure - again later, or never */
static bool book_failure(struct run *run, struct pool *pool, const struct ledger_report *report,
			 struct ledger_destination *destination, bool refused, const char *reason,
			 struct error *error)
{
	unsigned most = run->arguments->tries;

	destination->tries++;
	if (refused && most > TRIES_REFUSED)
		most = TRIES_REFUSED;
	if (destination->tries >= most)
		return book(run, report, destination, LEDGER_GIVEN_UP,
			    pool_printf(pool, "%s (%u tries)", reason, destination->tries), error);
	destination->next = run->job->context.options.now + plan_pause(destination->tries);
	return book(run, report, destination, LEDGER_PENDING, reason, error);
}

/* book_doubt - its sender was killed together with whoever could tell what came of it */
static bool book_doubt(struct run *run, const struct ledger_report *report,
		       struct ledger_destination *destination, struct error *error)
{
	bool again = slice_starts_nocase(slice_of(destination->reason), IN_DOUBT);

	destination->next = 0;
	if (again || run->arguments->keep_in_doubt)
		return book(run, report, destination, LEDGER_GIVEN_UP,
			    IN_DOUBT "a run was killed while it sent this; not sent again", error);
	return book(run, report, destination, LEDGER_PENDING,
		    IN_DOUBT "whether it was sent is not known; sent once more, under the same"
			     " Report-ID",
		    error);
}

/* book_outcome - of a hand-over */
static bool book_outcome(struct run *run, struct pool *pool, const struct ledger_report *report,
			 struct ledger_destination *destination, enum sendmail_outcome outcome,
			 const char *reason, struct error *error)
{
	bool doubtful = slice_starts_nocase(slice_of(destination->reason), IN_DOUBT);

	switch (outcome) {
	case SENDMAIL_SENT:
		return book(run, report, destination, LEDGER_SENT,
			    doubtful ? destination->reason : "", error);
	case SENDMAIL_NOT_STARTED:
		return book(run, report, destination, LEDGER_PENDING, destination->reason, error);
	case SENDMAIL_UNKNOWN: return book_doubt(run, report, destination, error);
	default:
		return book_failure(run, pool, report, destination, outcome == SENDMAIL_REFUSED,
				    reason, error);
	}
}

/* recover - what an earlier run was about to send when it ended */
static bool recover(struct run *run, struct error *error)
{
	struct pool *pool = run->job->context.pool;
	struct ledger_entries entries;
	bool good = ledger_entries(run->job->history, pool, LEDGER_OPEN, 0, &entries, error);

	for (size_t i = 0; good && i < entries.count; i++) {
		const struct ledger_report *report = &entries.items[i].report;
		struct ledger_destination *destination = &entries.items[i].destination;
		const char *token = report_token(pool, report->name, destination->number);
		const char *reason;

		if (destination->state != LEDGER_SENDING)
			continue;
		good = book_outcome(run, pool, report, destination,
				    sendmail_recall(pool, run->sendmail.record, token, &reason),
				    reason, error);
		if (good && destination->state != LEDGER_PENDING)
			count(run, destination);
	}
	return good;
}

/* begin_report - with all its destinations */
static bool begin_report(struct run *run, const struct history_policy *policy, struct error *error)
{
	struct pool *pool = pool_new();
	struct ledger_report report = job_new_report(run->job, pool, policy);
	struct ledger_destinations list;
	bool good =
	    plan_destinations(run->job, pool, policy->domain, policy->record, &list, error) &&
	    ledger_book(run->job->history, &report, &list, error);

	for (size_t i = 0; good && i < list.count; i++) {
		if (list.items[i].state != LEDGER_PENDING)
			count(run, &list.items[i]);
	}
	pool_free(pool);
	return good;
}

/* is_wanted - by --domain */
static bool is_wanted(const struct run *run, const char *domain)
{
	return run->job->only_domain == NULL || domain_equal(domain, run->job->only_domain);
}

/* begin_reports - for every policy that has none on a day that is over */
static bool begin_reports(struct run *run, struct error *error)
{
	struct job *job = run->job;
	struct history_policies policies;
	bool good = ledger_unreported(job->history, job->context.pool, job->first, job->last,
				      &policies, error);

	for (size_t i = 0; good && i < policies.count; i++) {
		if (is_wanted(run, policies.items[i].domain))
			good = begin_report(run, &policies.items[i], error);
	}
	return good;
}

/* A report whose destinations are being worked off. */
struct current {
	struct pool *pool;
	struct report_submitter submitter;
	struct aggregate_report aggregate;
	struct report_content content;
	bool is_built;
};

/* build - the content, when the first destination needs it */
static bool build(struct run *run, struct current *current, const struct ledger_report *report,
		  struct error *error)
{
	if (current->is_built)
		return true;
	current->is_built = true;
	current->aggregate = job_aggregate(run->job, current->pool, report, &current->submitter);
	return report_build(run->job->builder, &current->aggregate, report->policy,
			    &current->content, error);
}

/* write_mail - in full, into the file */
static bool write_mail(struct run *run, const struct current *current,
		       const struct ledger_destination *destination, struct error *error)
{
	const struct report_mail mail = {.report = &current->aggregate,
					 .content = &current->content,
					 .recipient = destination->address,
					 .number = destination->number};

	int fd = run->sendmail.mail;

	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return error_set(error, STATUS_FULL, "cannot write the mail: %s", strerror(errno));
	return report_mail_write(&mail, fd, error);
}

/* envelope_sender - with --verp it tells which mail has come back */
static const char *envelope_sender(struct run *run, struct pool *pool, const char *token)
{
	const char *address = run->arguments->bounces_to;
	size_t at = slice_find_last(slice_of(address), '@');

	if (!run->arguments->verp)
		return address;
	return pool_printf(pool, "%.*s+%s%s", (int)at, address, token, address + at);
}

/* keep_rate - a pause before the next mail */
static void keep_rate(const struct run *run)
{
	struct timespec pause = {.tv_sec = 0};

	if (run->arguments->rate == 0)
		return;
	pause.tv_sec = SECONDS_OF_RATE / run->arguments->rate;
	pause.tv_nsec =
	    NANOSECONDS / run->arguments->rate * (SECONDS_OF_RATE % run->arguments->rate);
	while (nanosleep(&pause, &pause) != 0 && errno == EINTR)
		;
}

/* hand_over - one mail; booked before and after */
static bool hand_over(struct run *run, struct current *current, const struct ledger_report *report,
		      struct ledger_destination *destination, struct error *error)
{
	const char *token = report_token(current->pool, report->name, destination->number);
	const struct sendmail_envelope envelope = {
	    .sender = envelope_sender(run, current->pool, token),
	    .recipient = destination->address,
	    .token = token,
	};
	const struct sendmail *sendmail = &run->sendmail;
	enum sendmail_outcome outcome;
	const char *reason;

	if (!write_mail(run, current, destination, error) ||
	    !sendmail_announce(sendmail, token, error) ||
	    !book(run, report, destination, LEDGER_SENDING, destination->reason, error) ||
	    !sendmail_run(current->pool, sendmail, &envelope, &outcome, &reason, error))
		return false;
	trace_print(&run->job->context.trace, "%s to %s: %s", token, destination->address,
		    outcome == SENDMAIL_SENT ? "sent" : reason);
	if (outcome == SENDMAIL_NOT_STARTED) {
		outcome = SENDMAIL_FAILED;
		reason = "the command could not be started";
	}
	if (!book_outcome(run, current->pool, report, destination, outcome, reason, error))
		return false;
	keep_rate(run);
	return true;
}

/* ask_again - a destination that DNS has left open */
static bool ask_again(struct run *run, struct pool *pool, const struct ledger_report *report,
		      struct ledger_destination *destination, struct error *error)
{
	struct ledger_destinations added;

	if (!plan_again(run->job, pool, report->domain, destination, &added, error))
		return false;
	if (destination->state == LEDGER_UNVERIFIED && destination->tries >= run->arguments->tries)
		destination->state = LEDGER_GIVEN_UP;
	if (destination->state != LEDGER_UNVERIFIED)
		destination->tries = 0;
	run->added = run->added || added.count > 0;
	return ledger_replace(run->job->history, report->id, destination, &added, error);
}

/* hindrance - why a verified destination gets nothing now */
static bool hindrance(struct run *run, struct current *current, const struct ledger_report *report,
		      struct ledger_destination *destination, bool *hindered, struct error *error)
{
	struct job *job = run->job;
	const char *reason;
	long long until;

	*hindered = true;
	if (!plan_is_suppressed(job, current->pool, report->domain, destination->address, &reason,
				error))
		return false;
	if (reason != NULL)
		return book(run, report, destination, LEDGER_GIVEN_UP, reason, error);
	if (!ledger_backoff(job->history, destination->address, job->context.options.now, &until,
			    error))
		return false;
	if (until > 0)
		return book_failure(run, current->pool, report, destination, false,
				    "other mail to this address has just failed", error);
	if (!build(run, current, report, error))
		return false;
	if (current->content.records == 0)
		return book(run, report, destination, LEDGER_GIVEN_UP,
			    "there is no mail to report: expired, or all from --ignore-hosts",
			    error);
	*hindered = false;
	return true;
}

/* deliver - one destination that is due */
static bool deliver(struct run *run, struct current *current, struct ledger_entry *entry,
		    struct error *error)
{
	const struct ledger_report *report = &entry->report;
	struct ledger_destination *destination = &entry->destination;
	bool hindered;

	if (destination->state == LEDGER_UNVERIFIED &&
	    !ask_again(run, current->pool, report, destination, error))
		return false;
	if (destination->state == LEDGER_PENDING) {
		if (!hindrance(run, current, report, destination, &hindered, error))
			return false;
		if (!hindered && !hand_over(run, current, report, destination, error))
			return false;
	}
	count(run, destination);
	return true;
}

/* show_progress - to somebody who is watching */
static void show_progress(struct run *run)
{
	if (!run->progress.shown)
		return;
	fprintf(stderr, "\rdmarcreport: %zu of %zu", run->progress.done, run->progress.all);
	if (run->progress.done == run->progress.all)
		fputc('\n', stderr);
}

/* deliver_report - all destinations of a report that are due; returns how many, 0 on error */
static size_t deliver_report(struct run *run, struct ledger_entry *entries, size_t count_left,
			     struct error *error)
{
	struct current current = {.pool = pool_new()};
	size_t done = 0;
	bool good = true;

	while (good && done < count_left && entries[done].report.id == entries[0].report.id) {
		if (is_wanted(run, entries[done].report.domain))
			good = deliver(run, &current, &entries[done], error);
		done++;
		run->progress.done++;
		show_progress(run);
	}
	if (current.is_built)
		report_content_free(&current.content);
	pool_free(current.pool);
	return good ? done : 0;
}

/* deliver_due - everything that is due, the oldest first */
static bool deliver_due(struct run *run, struct error *error)
{
	struct job *job = run->job;
	struct ledger_entries due;
	size_t done;

	if (!ledger_entries(job->history, job->context.pool, LEDGER_DUE, job->context.options.now,
			    &due, error))
		return false;
	run->progress.all = due.count;
	run->progress.shown = due.count >= PROGRESS_LEAST && !job->context.options.quiet &&
			      job->context.trace.file == NULL && isatty(STDERR_FILENO);
	for (size_t at = 0; at < due.count; at += done) {
		done = deliver_report(run, due.items + at, due.count - at, error);
		if (done == 0)
			return false;
	}
	return true;
}

/* work_off_all - what was added on the way, too */
static bool work_off_all(struct run *run, struct error *error)
{
	do {
		run->added = false;
		if (!deliver_due(run, error))
			return false;
	} while (run->added);
	return true;
}

/* summarize - one line, which cron mails */
static bool summarize(struct run *run, struct error *error)
{
	struct ledger_late late;

	if (run->job->context.options.quiet)
		return true;
	if (run->sent + run->postponed + run->given_up > 0)
		printf("dmarcreport: %zu sent, %zu to be tried again, %zu given up%s\n", run->sent,
		       run->postponed, run->given_up,
		       run->postponed + run->given_up > 0 ? "; dmarcreport status tells why" : "");
	if (!ledger_late(run->job->history, &late, error))
		return false;
	if (late.messages > 0)
		printf("dmarcreport: %llu messages came after the reports on their day (%zu)"
		       " were made\n",
		       late.messages, late.reports);
	return true;
}

/* send_all - with everything open */
static bool send_all(struct run *run, struct error *error)
{
	struct job *job = run->job;

	if (!job_open_report(job, error))
		return false;
	/* Every state is on the disk before the next step: a loss of power repeats nothing. */
	return ledger_make_durable(job->history, error) && recover(run, error) &&
	       begin_reports(run, error) && work_off_all(run, error) && summarize(run, error);
}

/* send_locked - nobody else sends meanwhile; commands are run outside of the sandbox */
static bool send_locked(struct send_arguments *arguments, struct run *run, struct error *error)
{
	struct sendmail *sendmail = &run->sendmail;
	bool good;

	*sendmail = (struct sendmail){
	    .command = arguments->command, .copy = arguments->copy, .seconds = arguments->seconds};
	sendmail->record = ledger_lock(arguments->job.context.pool, arguments->job.database, error);
	if (sendmail->record < 0)
		return false;
	sendmail->mail = spool_file(error);
	good = sendmail->mail >= 0 && sendmail_start(sendmail, error);
	if (good) {
		good = send_all(run, error);
		sendmail_stop(sendmail);
	}
	close(sendmail->mail);
	close(sendmail->record);
	return good;
}

/* set_in_doubt - --in-doubt */
static bool set_in_doubt(const char *argument, void *target, struct error *error)
{
	*(bool *)target = strcmp(argument, "keep") == 0;
	if (*(bool *)target || strcmp(argument, "resend") == 0)
		return true;
	return error_set(error, STATUS_CONFIG, "is neither resend nor keep");
}

/* add_options - what only send has */
static void add_options(struct job_options *options, struct send_arguments *arguments)
{
	const struct option_spec specs[] = {
	    {LONG_ONLY, "sendmail", "CMD", "takes a mail: $SENDER, \"$@\" (/usr/sbin/sendmail)",
	     option_text, &arguments->command},
	    {LONG_ONLY, "sendmail-timeout", "SECONDS", "for one mail (120)", option_seconds,
	     &arguments->seconds},
	    {LONG_ONLY, "bcc", "ADDR", "gets a copy of each mail", option_text, &arguments->copy},
	    {LONG_ONLY, "bounces-to", "ADDR", "envelope sender (--email)", option_text,
	     &arguments->bounces_to},
	    {LONG_ONLY, "verp", NULL, "an envelope sender of its own for each mail", option_flag,
	     &arguments->verp},
	    {LONG_ONLY, "rate", "N", "mails a minute at most", option_count, &arguments->rate},
	    {LONG_ONLY, "tries", "N", "before a destination is given up (10)", option_count,
	     &arguments->tries},
	    {LONG_ONLY, "in-doubt", "WHAT", "after a crash: resend (default) or keep", set_in_doubt,
	     &arguments->keep_in_doubt},
	};

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		job_add_option(options, specs[i]);
}

/* check - is the command line complete? */
static bool check(void *context, struct error *error)
{
	struct send_arguments *arguments = context;
	struct pool *pool = arguments->job.context.pool;

	if (!job_check_report(&arguments->job, error))
		return false;
	if (arguments->bounces_to == NULL)
		arguments->bounces_to = arguments->job.submitter.email;
	if (suppress_address(pool, arguments->bounces_to) == NULL)
		return error_set(error, STATUS_CONFIG, "option --bounces-to is no address");
	if (arguments->copy != NULL && suppress_address(pool, arguments->copy) == NULL)
		return error_set(error, STATUS_CONFIG, "option --bcc is no address");
	return true;
}

/* work - the whole of it */
static bool work(void *context, struct error *error)
{
	struct send_arguments *arguments = context;
	struct run run = {.arguments = arguments, .job = &arguments->job};

	return send_locked(arguments, &run, error);
}

int send_main(int argc, char **argv)
{
	struct send_arguments arguments = {
	    .command = SENDMAIL_DEFAULT, .seconds = SENDMAIL_SECONDS, .tries = TRIES_MAX};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "send --db FILE --org NAME --email ADDR [options]",
	    .summary = "Sends the reports on all days that are over and have none.",
	    .check = check,
	    .work = work,
	};

	job_add_common(&options, &arguments.job);
	job_add_report(&options, &arguments.job);
	add_options(&options, &arguments);
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
