/*
 * send_mail - makes one mail and hands it over; see send_mail.h
 */
#include "send_mail.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "report/failure_mail.h"
#include "report/report_mail.h"
#include "report/token.h"

#define SECONDS_OF_RATE 60
#define NANOSECONDS     1000000000L

/* is_failure - is it a failure report? */
static bool is_failure(const struct ledger_report *report)
{
	return *report->source != '\0';
}

/* build_form - the content, when the first destination needs it */
static bool build_form(struct send_run *run, struct send_current *current,
		       const struct ledger_report *report, struct send_form *form, bool legacy,
		       struct error *error)
{
	if (form->is_built)
		return true;
	form->is_built = true;
	form->aggregate =
	    reporting_aggregate(&run->reporting, current->pool, report, legacy, &form->submitter);
	return report_build(run->reporting.builder, &form->aggregate, report->policy,
			    &form->content, error);
}

bool send_build(struct send_run *run, struct send_current *current,
		const struct ledger_report *report, const char *address, bool *there,
		struct error *error)
{
	bool legacy = reporting_is_legacy(&run->reporting, address);
	struct send_form *form = &current->forms[legacy ? 1 : 0];

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
static bool write_failure(struct send_run *run, const struct send_current *current,
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
static bool write_mail(struct send_run *run, const struct send_current *current,
		       const struct ledger_report *report, const char *recipient, const char *token,
		       struct error *error)
{
	bool legacy = reporting_is_legacy(&run->reporting, recipient);
	const struct send_form *form = &current->forms[legacy ? 1 : 0];
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
static const char *envelope_sender(struct send_run *run, struct pool *pool, const char *token)
{
	const char *address = run->arguments->bounces_to;
	size_t at = slice_find_last(slice_of(address), '@');

	if (!run->arguments->verp)
		return address;
	return pool_printf(pool, "%.*s+%s%s", (int)at, address, token, address + at);
}

/* keep_rate - a pause before the next mail */
static void keep_rate(const struct send_run *run)
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

bool send_hand_over(struct send_run *run, struct send_current *current,
		    const struct ledger_report *report, struct ledger_destination *destination,
		    struct error *error)
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
	    !send_book(run, report, destination, LEDGER_SENDING, destination->reason, error) ||
	    !sendmail_run(current->pool, sendmail, &envelope, &outcome, &reason, error))
		return false;
	trace_print(&run->job->context.trace, "%s to %s: %s", token, destination->address,
		    outcome == SENDMAIL_SENT ? "sent" : reason);
	if (outcome == SENDMAIL_NOT_STARTED) {
		outcome = SENDMAIL_FAILED;
		reason = "the command could not be started";
	}
	if (!send_book_outcome(run, current->pool, report, destination, outcome, reason, error))
		return false;
	keep_rate(run);
	return true;
}
