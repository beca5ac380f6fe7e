/*
 * dmarcreport bounce - a report has come back: its address gets no more
 *
 * A notice is believed only if it names a mail that we have sent, by its Message-ID or by the
 * envelope sender (--verp), and says for certain that this address has failed (report/bounce.h).
 * Nobody but its recipient can know that name, so nobody else can have an address suppressed.
 */
#include "dmarcreport.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "job.h"
#include "report/bounce.h"
#include "report/ledger.h"
#include "report/suppress_list.h"
#include "report/suppression.h"
#include "report/token.h"

#define BOUNCE_MAX (4U << 20) /* octets of a bounce that are looked at */
#define TOKENS_MAX 100        /* that are looked up */

struct bounce_arguments {
	struct job job;
	struct option_list operands; /* the address that the bounce was sent to */
	const char *forget;
};

/* read_bounce - from standard input; its beginning is enough */
static bool read_bounce(struct buffer *text, struct error *error)
{
	return io_read_all(STDIN_FILENO, text) || text->overflow ||
	       error_set(error, STATUS_OTHER, "cannot read the bounce: %s", strerror(errno));
}

/* find_in - the mail of ours that a text names; *left is how many names may still be looked up */
static bool find_in(struct job *job, struct slice text, size_t *left, struct ledger_entry *entry,
		    struct error *error)
{
	struct slice token;

	while (entry->report.id == 0 && *left > 0 && token_next(&text, &token)) {
		(*left)--;
		if (!ledger_find(job->history, job->context.pool, token, entry, error))
			return false;
	}
	return true;
}

/* find_mail - by the address that the notice was sent to, or anywhere in it */
static bool find_mail(struct bounce_arguments *arguments, struct slice text,
		      const struct notice *notice, struct ledger_entry *entry, struct error *error)
{
	struct job *job = &arguments->job;
	size_t left = TOKENS_MAX;

	*entry = (struct ledger_entry){.report = {.id = 0}};
	if (arguments->operands.count > 0 &&
	    !find_in(job, slice_of(arguments->operands.items[0]), &left, entry, error))
		return false;
	if (!find_in(job, text, &left, entry, error))
		return false;
	for (size_t i = 0; i < notice->count; i++) {
		if (!find_in(job, notice->parts[i].body, &left, entry, error))
			return false;
	}
	return true;
}

/* say - what has been done, in one line */
static void say(const struct job *job, const char *text)
{
	if (!job->context.options.quiet)
		printf("dmarcreport: %s\n", text);
}

/* give_up_bounce - the mail itself: it has not arrived */
static bool give_up_bounce(struct job *job, struct ledger_entry *entry, const char *reason,
			   struct error *error)
{
	struct ledger_destination *destination = &entry->destination;

	destination->state = LEDGER_GIVEN_UP;
	destination->changed = job->context.options.now;
	destination->reason = pool_printf(job->context.pool, "came back: %s", reason);
	return ledger_change(job->history, entry->report.id, destination, error);
}

/* suppress - the address of a mail that came back for good */
static bool suppress(struct job *job, struct ledger_entry *entry,
		     const struct suppression *suppression, struct error *error)
{
	if (!suppression_add(job->history, suppression, error) ||
	    !give_up_bounce(job, entry, suppression->reason, error))
		return false;
	say(job, pool_printf(job->context.pool, "no more reports to %s: %s", suppression->address,
			     suppression->reason));
	return true;
}

/* note_failure - of a mail that came back for now */
static bool note_failure(struct job *job, struct ledger_entry *entry,
			 const struct suppression *suppression, struct error *error)
{
	struct pool *pool = job->context.pool;
	long long failures = 0;

	if (!suppression_count(job->history, suppression, entry->report.name, &failures, error) ||
	    !give_up_bounce(job, entry, suppression->reason, error))
		return false;
	if (failures >= SUPPRESSION_FAILURES)
		say(job,
		    pool_printf(pool, "no reports on %s to %s for 7 days: %s", suppression->domain,
				suppression->address, suppression->reason));
	else
		say(job, pool_printf(pool, "not a final failure: %lld of %d within 7 days, for %s",
				     failures, SUPPRESSION_FAILURES, suppression->address));
	return true;
}

/* take_bounce - the notice, and the address it was sent to, if that is known */
static bool take_bounce(struct bounce_arguments *arguments, struct slice text, struct error *error)
{
	struct job *job = &arguments->job;
	struct pool *pool = job->context.pool;
	struct suppression suppression = {.since = job->context.options.now};
	struct ledger_entry entry;
	struct notice notice;
	struct bounce bounce;

	notice_parse(pool, text, &notice);
	if (!find_mail(arguments, text, &notice, &entry, error))
		return false;
	suppression.domain = entry.report.domain;
	if (entry.report.id != 0)
		suppression.address = suppress_address(pool, entry.destination.address);
	if (suppression.address == NULL) {
		say(job, "no mail of ours has come back");
		return true;
	}
	bounce_read(pool, &notice, entry.destination.address, &bounce);
	suppression.reason = bounce.reason;
	if (bounce.verdict == BOUNCE_FINAL)
		return suppress(job, &entry, &suppression, error);
	if (bounce.verdict == BOUNCE_FOR_NOW)
		return note_failure(job, &entry, &suppression, error);
	trace_print(&job->context.trace, "the notice: %s", bounce.reason);
	say(job, "not a final failure, nothing is done");
	return true;
}

/* forget - an address gets reports again */
static bool forget(struct bounce_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	const char *address = suppress_address(job->context.pool, arguments->forget);
	bool found = false;

	if (address != NULL && !suppression_remove(job->history, address, &found, error))
		return false;
	return found || error_set(error, STATUS_CONFIG, "%s is not suppressed", arguments->forget);
}

/* do_bounce - one of both jobs */
static bool do_bounce(void *context, struct error *error)
{
	struct bounce_arguments *arguments = context;
	struct buffer text;
	bool good;

	if (!job_open(&arguments->job, error))
		return false;
	if (arguments->forget != NULL)
		return forget(arguments, error);
	buffer_init(&text, BOUNCE_MAX);
	good = read_bounce(&text, error) && take_bounce(arguments, buffer_slice(&text), error);
	buffer_free(&text);
	return good;
}

/* check_bounce_options - is the command line complete? */
static bool check_bounce_options(void *context, struct error *error)
{
	struct bounce_arguments *arguments = context;

	return arguments->operands.count <= 1 ||
	       error_set(error, STATUS_CONFIG, "give only one address");
}

int bounce_main(int argc, char **argv)
{
	struct bounce_arguments arguments = {.forget = NULL};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "bounce --db FILE [ADDRESS] < bounce",
	    .summary = "Takes a report that came back, and suppresses its address.",
	    .operands = &arguments.operands,
	    .check = check_bounce_options,
	    .work = do_bounce,
	};

	job_add_option(&options, (struct option_spec){LONG_ONLY, "forget", "ADDR",
						      "this address gets reports again",
						      option_text, &arguments.forget});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
