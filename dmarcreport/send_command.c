/*
 * dmarcreport send - makes reports, hands them over, and books what has become of them
 *
 * First it settles what an earlier run has left behind, then it begins a report for each policy of
 * each day that has none, and then it works off every destination that is due, in rounds (plan.h).
 * A run can end anywhere: the next one goes on from there.
 */
#include "dmarcreport.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "history/incident.h"
#include "history/quota.h"
#include "plan.h"
#include "report/failure_mail.h"
#include "report/report_mail.h"
#include "report/sending_lock.h"
#include "report/sendmail.h"
#include "report/token.h"

#define TRIES_MAX       10  /* by default; with the pauses of plan_pause() some five days */
#define TRIES_REFUSED   3   /* when the command says that there is no such address */
#define MAILS_MAX       100 /* about the domains of one organization, on one day */
#define PROGRESS_LEAST  20  /* destinations; fewer are no work to watch */
#define SECONDS_OF_RATE 60
#define NANOSECONDS     1000000000L
#define IN_DOUBT        "in doubt: "

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
struct run {
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

/* recover_one - a mail that was about to be sent when an earlier run ended */
static bool recover_one(struct run *run, struct pool *pool, const struct ledger_report *report,
			struct ledger_destination *destination, struct error *error)
{
	const char *token =
	    report_token(pool, run->reporting.key, report->name, destination->address);
	const char *reason;
	enum sendmail_outcome outcome = sendmail_recall(pool, run->sendmail.record, token, &reason);

	if (!book_outcome(run, pool, report, destination, outcome, reason, error))
		return false;
	if (destination->state != LEDGER_PENDING)
		count(run, destination);
	return true;
}

/* recover - what an earlier run has left */
static bool recover(struct run *run, struct error *error)
{
	struct ledger_place place = {.report = 0};
	struct ledger_entries entries;
	bool good;

	do {
		struct pool *pool = pool_new();

		good = ledger_entries(run->job->history, pool, LEDGER_HANDED_OVER, 0, &place,
				      &entries, error);
		for (size_t i = 0; good && i < entries.count; i++)
			good = recover_one(run, pool, &entries.items[i].report,
					   &entries.items[i].destination, error);
		pool_free(pool);
	} while (good && entries.count > 0);
	return good;
}

/* refuse_unknown - --only-if-known: the report is booked, and none of its mails */
static bool refuse_unknown(struct run *run, struct pool *pool, const struct ledger_report *report,
			   struct ledger_destinations *list, struct error *error)
{
	unsigned wanted = run->arguments->options.known_days;
	long long days = 0;

	if (wanted == 0)
		return true;
	if (!quota_days(run->job->history, report->organization, &days, error))
		return false;
	for (size_t i = 0; days < wanted && i < list->count; i++) {
		if (list->items[i].state != LEDGER_UNVERIFIED)
			continue;
		list->items[i].state = LEDGER_GIVEN_UP;
		list->items[i].reason =
		    pool_printf(pool, "%s has been seen on %lld days; --only-if-known wants %u",
				report->organization, days, wanted);
	}
	return true;
}

/* begin_report - with all its destinations */
static bool begin_report(struct run *run, const struct history_policy *policy, struct error *error)
{
	struct pool *pool = pool_new();
	const struct dmarc_record *record = dmarc_record_parse(pool, slice_of(policy->record));
	struct ledger_report report = reporting_new_report(&run->reporting, pool, policy);
	struct ledger_destinations list = {.count = 0};
	bool good;

	report.organization = quota_organization(run->job->history, pool, policy->domain, error);
	good = report.organization != NULL;
	report.copy = run->arguments->copy != NULL ? run->arguments->copy : "";
	good =
	    good &&
	    plan_destinations(&run->reporting, pool, policy->domain, record->rua, &list, error) &&
	    refuse_unknown(run, pool, &report, &list, error) &&
	    ledger_book(run->job->history, &report, &list, error);
	for (size_t i = 0; good && i < list.count; i++) {
		if (list.items[i].state == LEDGER_GIVEN_UP)
			count(run, &list.items[i]);
	}
	pool_free(pool);
	return good;
}

/* begin_reports - for every policy that has none on a day that is over */
static bool begin_reports(struct run *run, struct error *error)
{
	const struct report_options *options = &run->arguments->options;
	struct history_policy after = {.day = 0};
	struct history_policies policies;
	bool good;

	do {
		struct pool *pool = pool_new();

		good = ledger_unreported(run->job->history, pool, options->first, options->last,
					 &after, &policies, error);
		for (size_t i = 0; good && i < policies.count; i++) {
			after = policies.items[i];
			if (reporting_is_wanted(&run->reporting, after.domain))
				good = begin_report(run, &after, error);
		}
		pool_free(pool);
	} while (good && policies.count > 0);
	return good;
}

/* copy_destination - --failure-copy: nobody else gets it, and nobody is asked */
static struct ledger_destinations copy_destination(const struct run *run, struct pool *pool)
{
	struct ledger_destination *only = pool_alloc(pool, sizeof(*only));

	*only = (struct ledger_destination){
	    .uri = pool_printf(pool, "mailto:%s", run->arguments->failure_copy),
	    .address = run->arguments->failure_copy,
	    .state = LEDGER_PENDING,
	    .changed = run->job->context.options.now,
	    .reason = "",
	};
	return (struct ledger_destinations){.count = 1, .items = only};
}

/* begin_failure - a failure report with all its destinations */
static bool begin_failure(struct run *run, const struct incident *incident, struct error *error)
{
	struct pool *pool = pool_new();
	const struct dmarc_record *record = dmarc_record_parse(pool, slice_of(incident->record));
	const char *subject = pool_printf(pool, "%s %s", incident->record, incident->source);
	struct ledger_report report = {
	    .day = incident->day,
	    .domain = incident->domain,
	    .record = incident->record,
	    .source = incident->source,
	    .organization = incident->organization,
	    .name = report_id(pool, run->reporting.history_name, incident->day, incident->domain,
			      subject),
	    .submitter = run->arguments->options.submitter.domain,
	    .created = run->job->context.options.now,
	    .messages = incident->count,
	    .copy = "",
	};
	struct ledger_destinations list = {.count = 0};
	bool good = true;

	if (run->arguments->failure_copy != NULL)
		list = copy_destination(run, pool);
	else
		good = plan_destinations(&run->reporting, pool, incident->domain, record->ruf,
					 &list, error) &&
		       refuse_unknown(run, pool, &report, &list, error);
	good = good && ledger_book(run->job->history, &report, &list, error);
	for (size_t i = 0; good && i < list.count; i++) {
		if (list.items[i].state == LEDGER_GIVEN_UP)
			count(run, &list.items[i]);
	}
	pool_free(pool);
	return good;
}

/* begin_failures - for every source on a day that is over that has none */
static bool begin_failures(struct run *run, struct error *error)
{
	const struct report_options *options = &run->arguments->options;
	struct pool *last_pool = pool_new();
	struct incident after = {.day = 0};
	struct incidents list = {.count = 1};
	bool good = true;

	while (good && list.count > 0) {
		struct pool *pool = pool_new();

		good = incident_unreported(run->job->history, pool, options->first, options->last,
					   &after, &list, error);
		for (size_t i = 0; good && i < list.count; i++) {
			after = list.items[i];
			if (reporting_is_wanted(&run->reporting, after.domain))
				good = begin_failure(run, &after, error);
		}
		pool_free(last_pool); /* after is of the page before until here */
		last_pool = pool;
	}
	pool_free(last_pool);
	return good;
}

/* The report in one of its two forms. */
struct form {
	struct report_submitter submitter;
	struct aggregate_report aggregate;
	struct report_content content;
	bool is_built;
};

/* A report whose destinations are being worked off. */
struct current {
	struct pool *pool;
	struct form forms[2];     /* of RFC 9990, and of RFC 7489 */
	struct incident incident; /* of a failure report */
};

/* is_failure - is it a failure report? */
static bool is_failure(const struct ledger_report *report)
{
	return *report->source != '\0';
}

/* build_form - the content, when the first destination needs it */
static bool build_form(struct run *run, struct current *current, const struct ledger_report *report,
		       struct form *form, bool legacy, struct error *error)
{
	if (form->is_built)
		return true;
	form->is_built = true;
	form->aggregate =
	    reporting_aggregate(&run->reporting, current->pool, report, legacy, &form->submitter);
	return report_build(run->reporting.builder, &form->aggregate, report->policy,
			    &form->content, error);
}

/* build - what the mail to an address is made of; *there is false if there is nothing to report */
static bool build(struct run *run, struct current *current, const struct ledger_report *report,
		  const char *address, bool *there, struct error *error)
{
	bool legacy = reporting_is_legacy(&run->reporting, address);
	struct form *form = &current->forms[legacy ? 1 : 0];

	if (is_failure(report)) {
		if (!incident_find(run->job->history, current->pool, report->day, report->domain,
				   report->source, &current->incident, error))
			return false;
		*there = current->incident.count > 0;
		return true;
	}
	if (!build_form(run, current, report, form, legacy, error))
		return false;
	*there = form->content.records > 0;
	return true;
}

/* write_failure - a failure report */
static bool write_failure(struct run *run, const struct current *current,
			  const struct ledger_report *report, const char *recipient,
			  const char *token, struct error *error)
{
	struct report_submitter submitter = run->arguments->options.submitter;
	const struct failure_mail mail = {.submitter = &submitter,
					  .incident = &current->incident,
					  .id = report->name,
					  .token = token,
					  .recipient = recipient,
					  .created = (time_t)report->created};

	submitter.domain = report->submitter;
	return failure_mail_write(&mail, run->sendmail.mail, error);
}

/* write_mail - in full, into the file */
static bool write_mail(struct run *run, const struct current *current,
		       const struct ledger_report *report, const char *recipient, const char *token,
		       struct error *error)
{
	bool legacy = reporting_is_legacy(&run->reporting, recipient);
	const struct form *form = &current->forms[legacy ? 1 : 0];
	const struct report_mail mail = {.report = &form->aggregate,
					 .content = &form->content,
					 .recipient = recipient,
					 .token = token};
	int fd = run->sendmail.mail;

	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return error_set(error, STATUS_FULL, "cannot write the mail: %s", strerror(errno));
	return is_failure(report) ? write_failure(run, current, report, recipient, token, error)
				  : report_mail_write(&mail, fd, error);
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

/* hand_over_report - one mail; booked before and after */
static bool hand_over_report(struct run *run, struct current *current,
			     const struct ledger_report *report,
			     struct ledger_destination *destination, struct error *error)
{
	const char *token =
	    report_token(current->pool, run->reporting.key, report->name, destination->address);
	const struct sendmail_envelope envelope = {
	    .sender = envelope_sender(run, current->pool, token),
	    .recipient = destination->address,
	    .token = token,
	};
	const struct sendmail *sendmail = &run->sendmail;
	enum sendmail_outcome outcome;
	const char *reason;

	if (!write_mail(run, current, report, destination->address, token, error) ||
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

/* verify - a destination that DNS has not spoken for; *later: not in this round */
static bool verify(struct run *run, struct pool *pool, const struct ledger_report *report,
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
static bool lasting_reason(struct run *run, struct pool *pool, const struct ledger_report *report,
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
static bool hindrance(struct run *run, struct current *current, const struct ledger_report *report,
		      struct ledger_destination *destination, bool *hindered, struct error *error)
{
	struct job *job = run->job;
	const char *reason;
	long long until;
	bool there;

	*hindered = true;
	if (!lasting_reason(run, current->pool, report, destination, &reason, error))
		return false;
	if (reason != NULL)
		return book(run, report, destination, LEDGER_GIVEN_UP, reason, error);
	if (!ledger_backoff(job->history, destination->address, job->context.options.now, &until,
			    error))
		return false;
	if (until > 0)
		return book_failure(run, current->pool, report, destination, false,
				    "other mail to this address has just failed", error);
	if (!build(run, current, report, destination->address, &there, error))
		return false;
	if (!there)
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
		if (!hindered && !hand_over_report(run, current, report, destination, error))
			return false;
	}
	run->progress.done++;
	count(run, destination);
	return true;
}

/* show_progress - to somebody who is watching */
static void show_progress(struct run *run)
{
	if (!run->progress.shown)
		return;
	fprintf(stderr, "\rdmarcreport: %llu of %llu", run->progress.done, run->progress.all);
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
static bool deliver_due(struct run *run, struct error *error)
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
static bool begin_progress(struct run *run, struct error *error)
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

/* work_off_all - what was added on the way, too, and what kept us waiting after all the rest */
static bool work_off_all(struct run *run, struct error *error)
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

	if (!reporting_open(&run->reporting, job, &run->arguments->options, error))
		return false;
	/* Every state is on the disk before the next step: a loss of power repeats nothing. */
	return ledger_make_durable(job->history, error) && recover(run, error) &&
	       (run->arguments->failure ? begin_failures(run, error) : begin_reports(run, error)) &&
	       work_off_all(run, error) && summarize(run, error);
}

/* send_locked - nobody else sends meanwhile; commands are run outside of the sandbox */
static bool send_locked(struct send_arguments *arguments, struct run *run, struct error *error)
{
	struct sendmail *sendmail = &run->sendmail;
	bool good;

	*sendmail = (struct sendmail){
	    .command = arguments->command, .copy = arguments->copy, .seconds = arguments->seconds};
	if (!history_exists(arguments->job.context.pool, arguments->job.database, error))
		return false;
	sendmail->record =
	    sending_lock(arguments->job.context.pool, arguments->job.database, error);
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
	    {LONG_ONLY, "sendmail", "CMD", "command that takes a mail (sendmail)", option_text,
	     &arguments->command},
	    {LONG_ONLY, "sendmail-timeout", "SECONDS", "how long it may take for one mail (120)",
	     option_seconds, &arguments->seconds},
	    {LONG_ONLY, "bcc", "ADDR", "send a copy of each mail to ADDR", option_text,
	     &arguments->copy},
	    {LONG_ONLY, "bounces-to", "ADDR", "envelope sender (--email)", option_text,
	     &arguments->bounces_to},
	    {LONG_ONLY, "verp", NULL, "use an own envelope sender for each mail", option_flag,
	     &arguments->verp},
	    {LONG_ONLY, "rate", "N", "send at most N mails a minute", option_count,
	     &arguments->rate},
	    {LONG_ONLY, "tries", "N", "give up a destination after N tries (10)", option_count,
	     &arguments->tries},
	    {LONG_ONLY, "failure", NULL, "send failure reports, not aggregate reports", option_flag,
	     &arguments->failure},
	    {LONG_ONLY, "failure-copy", "ADDR", "send them to ADDR and to nobody else", option_text,
	     &arguments->failure_copy},
	    {LONG_ONLY, "in-doubt", "WHAT", "after a crash: resend (default) or keep", set_in_doubt,
	     &arguments->keep_in_doubt},
	};

	job_add_options(options, specs, sizeof(specs) / sizeof(specs[0]));
}

/* check_send_options - is the command line complete? */
static bool check_send_options(void *context, struct error *error)
{
	struct send_arguments *arguments = context;
	struct pool *pool = arguments->job.context.pool;

	if (!report_options_check(&arguments->job, &arguments->options, error))
		return false;
	if (arguments->bounces_to == NULL)
		arguments->bounces_to = arguments->options.submitter.email;
	if (suppress_address(pool, arguments->bounces_to) == NULL)
		return error_set(error, STATUS_CONFIG, "option --bounces-to is no address");
	if (arguments->failure_copy != NULL &&
	    suppress_address(pool, arguments->failure_copy) == NULL)
		return error_set(error, STATUS_CONFIG, "option --failure-copy is no address");
	arguments->failure = arguments->failure || arguments->failure_copy != NULL;
	if (arguments->copy != NULL && suppress_address(pool, arguments->copy) == NULL)
		return error_set(error, STATUS_CONFIG, "option --bcc is no address");
	return true;
}

/* do_send - one run */
static bool do_send(void *context, struct error *error)
{
	struct send_arguments *arguments = context;
	struct run run = {.arguments = arguments, .job = &arguments->job};
	bool good = send_locked(arguments, &run, error);

	reporting_close(&run.reporting);
	return good;
}

int send_main(int argc, char **argv)
{
	struct send_arguments arguments = {.command = SENDMAIL_DEFAULT,
					   .seconds = SENDMAIL_SECONDS,
					   .tries = TRIES_MAX,
					   .options = report_options_default()};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "send --db FILE --org NAME --email ADDR [options]",
	    .summary = "Sends the reports on all days that are over and have none.",
	    .check = check_send_options,
	    .work = do_send,
	};

	report_options_add(&options, &arguments.job, &arguments.options);
	add_options(&options, &arguments);
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
