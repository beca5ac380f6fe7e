/*
 * dmarcreport send - makes reports, hands them over, and books what has become of them
 *
 * First it settles what an earlier run has left behind, then it begins a report for each policy of
 * each day that has none, and then it works off every destination that is due, in rounds (plan.h).
 * A run can end anywhere: the next one goes on from there.
 */
#include "dmarcreport.h"

#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "report/sending_lock.h"
#include "report/token.h"
#include "send_begin.h"
#include "send_due.h"

#define TRIES_MAX 10 /* by default; with the pauses of plan_pause() some five days */

/* recover_one - a mail that was about to be sent when an earlier run ended */
static bool recover_one(struct send_run *run, struct pool *pool, const struct ledger_report *report,
			struct ledger_destination *destination, struct error *error)
{
	const char *token =
	    report_token(pool, run->reporting.key, report->name, destination->address);
	const char *reason;
	enum sendmail_outcome outcome = sendmail_recall(pool, run->sendmail.record, token, &reason);

	if (!send_book_outcome(run, pool, report, destination, outcome, reason, error))
		return false;
	if (destination->state != LEDGER_PENDING)
		send_count(run, destination);
	return true;
}

/* recover - what an earlier run has left */
static bool recover(struct send_run *run, struct error *error)
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

/* summarize - one line, which cron mails */
static bool summarize(struct send_run *run, struct error *error)
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
static bool send_all(struct send_run *run, struct error *error)
{
	struct job *job = run->job;

	if (!reporting_open(&run->reporting, job, &run->arguments->options, error))
		return false;
	/* Every state is on the disk before the next step: a loss of power repeats nothing. */
	return ledger_make_durable(job->history, error) && recover(run, error) &&
	       (run->arguments->failure ? send_begin_failures(run, error)
					: send_begin_reports(run, error)) &&
	       send_work_off(run, error) && summarize(run, error);
}

/* send_locked - nobody else sends meanwhile; commands are run outside of the sandbox */
static bool send_locked(struct send_arguments *arguments, struct send_run *run, struct error *error)
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
	struct send_run run = {.arguments = arguments, .job = &arguments->job};
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
