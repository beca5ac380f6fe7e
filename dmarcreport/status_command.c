/*
 * dmarcreport status - what waits, what failed, and why
 */
#include "dmarcreport.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "history/query.h"

struct status_arguments {
	struct job job;
	bool all;
};

/* print_text - a line, without what could harm a terminal */
static void print_text(struct pool *pool, const char *text)
{
	puts(text_make_printable(pool_printf(pool, "%s", text)));
}

/* state_text - for people: a mail that waits after a failure says until when */
static const char *state_text(struct pool *pool, const struct ledger_destination *destination)
{
	const char *until = job_time_text(pool, destination->next);

	if (destination->state == LEDGER_SENDING)
		return "being sent, or in doubt if no run is at work";
	if (destination->state == LEDGER_SENT || destination->state == LEDGER_GIVEN_UP)
		return pool_printf(pool, "%s %s", ledger_state_word(destination->state),
				   job_time_text(pool, destination->changed));
	if (destination->tries == 0)
		return "pending";
	return pool_printf(pool, "failed %u time%s, not before %s", destination->tries,
			   destination->tries > 1 ? "s" : "", until);
}

/* print_entry - a destination in one line */
static void print_entry(struct pool *pool, const struct ledger_entry *entry)
{
	const struct ledger_destination *destination = &entry->destination;
	const char *to = *destination->address != '\0' ? destination->address : destination->uri;

	print_text(pool,
		   pool_printf(pool, "%s %s to %s: %s%s%s", job_day_text(pool, entry->report.day),
			       entry->report.domain, to, state_text(pool, destination),
			       *destination->reason != '\0' ? ": " : "", destination->reason));
}

/* print_suppressed - addresses that mail has come back from */
static bool print_suppressed(struct job *job, struct error *error)
{
	struct pool *pool = job->context.pool;
	struct ledger_destinations list;

	if (!ledger_suppressed_all(job->history, pool, &list, error))
		return false;
	for (size_t i = 0; i < list.count; i++)
		print_text(pool, pool_printf(pool, "suppressed since %s: %s: %s",
					     job_time_text(pool, list.items[i].changed),
					     list.items[i].address, list.items[i].reason));
	return true;
}

/* print_rest - what has not been reported at all */
static bool print_rest(struct job *job, struct error *error)
{
	long long today = job->context.options.now / HISTORY_SECONDS_A_DAY;
	struct history_policies policies;
	struct ledger_late late;

	if (!ledger_unreported(job->history, job->context.pool, 0, today - 1, &policies, error) ||
	    !ledger_late(job->history, &late, error))
		return false;
	if (policies.count > 0)
		printf("%zu reports on days that are over have not been begun, the oldest on %s\n",
		       policies.count, job_day_text(job->context.pool, policies.items[0].day));
	if (late.messages > 0)
		printf("%llu messages came after the reports on their day (%zu) were made\n",
		       late.messages, late.reports);
	return true;
}

/* print_status - all of it, with a sum at the end */
static bool print_status(struct status_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	struct pool *pool = job->context.pool;
	size_t counts[LEDGER_STATES] = {0};
	struct ledger_entries entries;

	if (!ledger_entries(job->history, pool, LEDGER_ALL, 0, &entries, error))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		enum ledger_state state = entries.items[i].destination.state;

		counts[state]++;
		if (state != LEDGER_SENT || *entries.items[i].destination.reason != '\0' ||
		    arguments->all)
			print_entry(pool, &entries.items[i]);
	}
	if (!print_suppressed(job, error) || !print_rest(job, error))
		return false;
	printf("%zu sent, %zu waiting, %zu given up\n", counts[LEDGER_SENT],
	       counts[LEDGER_UNVERIFIED] + counts[LEDGER_PENDING] + counts[LEDGER_SENDING],
	       counts[LEDGER_GIVEN_UP]);
	return true;
}

/* check - is the command line complete? */
static bool check(void *context, struct error *error)
{
	struct status_arguments *arguments = context;

	return job_check_common(&arguments->job, error);
}

/* work - the whole of it */
static bool work(void *context, struct error *error)
{
	struct status_arguments *arguments = context;

	return job_open(&arguments->job, error) && print_status(arguments, error);
}

int status_main(int argc, char **argv)
{
	struct status_arguments arguments = {.all = false};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "status --db FILE [options]",
	    .summary = "Tells what has become of the reports.",
	    .check = check,
	    .work = work,
	};

	job_add_common(&options, &arguments.job);
	job_add_option(&options,
		       (struct option_spec){LONG_ONLY, "all", NULL, "also what has been sent",
					    option_flag, &arguments.all});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
