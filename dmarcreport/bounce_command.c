/*
 * dmarcreport bounce - a report has come back: its address gets no more
 *
 * A bounce is believed only if it names a mail that we have sent, by its Message-ID or by the
 * envelope sender (--verp). Nobody but its recipient can know that name, so nobody else can
 * have an address suppressed.
 */
#include "dmarcreport.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "report/bounce.h"

#define BOUNCE_MAX (4U << 20) /* octets of a bounce that are looked at */
#define TOKENS_MAX 100        /* that are looked up */

struct bounce_arguments {
	struct job job;
	struct option_list operands; /* the address that the bounce was sent to */
	const char *forget;
};

/* read_bounce - from standard input */
static bool read_bounce(struct buffer *text, struct error *error)
{
	ssize_t got;
	char *room;

	do {
		room = buffer_reserve(text, IO_CHUNK);
		got = room != NULL ? io_read(STDIN_FILENO, room, IO_CHUNK) : 0;
		if (got > 0)
			text->len += (size_t)got;
	} while (got > 0);
	return got == 0 ||
	       error_set(error, STATUS_OTHER, "cannot read the bounce: %s", strerror(errno));
}

/* find_mail - the mail of ours that a text names */
static bool find_mail(struct job *job, struct slice text, struct ledger_entry *entry,
		      struct error *error)
{
	size_t looked_up = 0;
	struct slice token;

	entry->report.id = 0;
	while (entry->report.id == 0 && looked_up++ < TOKENS_MAX &&
	       bounce_next_token(&text, &token)) {
		if (!ledger_find(job->history, job->context.pool, token, entry, error))
			return false;
	}
	return true;
}

/* suppress - the address of a mail that came back */
static bool suppress(struct job *job, struct ledger_entry *entry, const char *reason,
		     struct error *error)
{
	struct pool *pool = job->context.pool;
	struct ledger_destination *destination = &entry->destination;
	const char *address = suppress_address(pool, destination->address);

	if (address == NULL)
		return true;
	destination->state = LEDGER_GIVEN_UP;
	destination->changed = job->context.options.now;
	destination->reason = pool_printf(pool, "came back: %s", reason);
	if (!ledger_suppress(job->history, address, job->context.options.now, reason, error) ||
	    !ledger_change(job->history, entry->report.id, destination, error))
		return false;
	if (!job->context.options.quiet)
		printf("dmarcreport: no more reports to %s: %s\n", address, reason);
	return true;
}

/* take - the bounce, and the address it was sent to, if that is known */
static bool take(struct bounce_arguments *arguments, struct slice text, struct error *error)
{
	struct job *job = &arguments->job;
	struct ledger_entry entry = {.report = {.id = 0}};

	if (arguments->operands.count > 0 &&
	    !find_mail(job, slice_of(arguments->operands.items[0]), &entry, error))
		return false;
	if (entry.report.id == 0 && !find_mail(job, text, &entry, error))
		return false;
	if (entry.report.id != 0 && bounce_is_final(text))
		return suppress(job, &entry, bounce_reason(job->context.pool, text), error);
	if (!job->context.options.quiet)
		puts(entry.report.id == 0 ? "dmarcreport: no mail of ours has come back"
					  : "dmarcreport: not a final failure, nothing is done");
	return true;
}

/* forget - an address gets reports again */
static bool forget(struct bounce_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	const char *address = suppress_address(job->context.pool, arguments->forget);
	bool found = false;

	if (address != NULL && !ledger_unsuppress(job->history, address, &found, error))
		return false;
	return found || error_set(error, STATUS_CONFIG, "%s is not suppressed", arguments->forget);
}

/* work - one of both jobs */
static bool work(void *context, struct error *error)
{
	struct bounce_arguments *arguments = context;
	struct buffer text;
	bool good;

	if (!job_open(&arguments->job, error))
		return false;
	if (arguments->forget != NULL)
		return forget(arguments, error);
	buffer_init(&text, BOUNCE_MAX);
	good = read_bounce(&text, error) && take(arguments, buffer_slice(&text), error);
	buffer_free(&text);
	return good;
}

/* check - is the command line complete? */
static bool check(void *context, struct error *error)
{
	struct bounce_arguments *arguments = context;

	if (arguments->operands.count > 1)
		return error_set(error, STATUS_CONFIG, "one address is enough");
	return job_check_common(&arguments->job, error);
}

int bounce_main(int argc, char **argv)
{
	struct bounce_arguments arguments = {.forget = NULL};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "bounce --db FILE [ADDRESS] < bounce",
	    .summary = "Takes a report that came back, and suppresses its address.",
	    .operands = &arguments.operands,
	    .check = check,
	    .work = work,
	};

	job_add_common(&options, &arguments.job);
	job_add_option(&options, (struct option_spec){LONG_ONLY, "forget", "ADDR",
						      "this address gets reports again",
						      option_text, &arguments.forget});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
