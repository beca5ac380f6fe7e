/*
 * dmarcreport status - what waits, what failed, and why
 */
#include "dmarcreport.h"

#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/pool.h"
#include "history/row.h"
#include "job.h"
#include "status_text.h"

#define FIGURES_MAX  (1U << 16)
#define FIGURES_MODE 0644 /* the node exporter is another user */

struct status_arguments {
	struct job job;
	const char *figures; /* file for Prometheus */
	bool all;
	bool json;
};

/* is_told - of what was sent without trouble only --all tells */
static bool is_told(const struct status_arguments *arguments,
		    const struct ledger_destination *destination)
{
	return arguments->all || destination->state != LEDGER_SENT || *destination->reason != '\0';
}

/* print_entries - all destinations, a page of them at a time */
static bool print_entries(const struct status_arguments *arguments, struct error *error)
{
	struct ledger_place place = {.report = 0};
	struct ledger_entries entries;
	bool good;

	do {
		struct pool *pool = pool_new();

		good = ledger_entries(arguments->job.history, pool, LEDGER_ALL, 0, &place, &entries,
				      error);
		for (size_t i = 0; good && i < entries.count; i++) {
			if (is_told(arguments, &entries.items[i].destination))
				status_print_entry(pool, &entries.items[i], arguments->json);
		}
		pool_free(pool);
	} while (good && entries.count > 0);
	return good;
}

/* print_lists - addresses that are suppressed, messages that were refused */
static bool print_lists(const struct status_arguments *arguments, bool silent,
			struct status_sums *sums, struct error *error)
{
	const struct job *job = &arguments->job;
	struct pool *pool = job->context.pool;
	struct suppressions suppressions;
	struct quota_refusals refusals;

	if (!suppression_list(job->history, pool, job->context.options.now, &suppressions, error) ||
	    !quota_refused(job->history, pool, &refusals, error))
		return false;
	sums->suppressed = suppressions.count;
	for (size_t i = 0; !silent && i < suppressions.count; i++)
		status_print_suppression(pool, &suppressions.items[i], arguments->json);
	for (size_t i = 0; i < refusals.count; i++) {
		sums->refused += refusals.items[i].messages;
		if (!silent)
			status_print_refusal(pool, &refusals.items[i], arguments->json);
	}
	return true;
}

/* read_sums - everything that is one figure but what print_lists() counts */
static bool read_sums(const struct job *job, struct status_sums *sums, struct error *error)
{
	long long today = job->context.options.now / HISTORY_SECONDS_A_DAY;
	struct stat status;

	if (stat(job->database, &status) == 0)
		sums->octets = status.st_size;
	return ledger_count(job->history, LEDGER_ALL, 0, sums->states, error) &&
	       ledger_count_unreported(job->history, today - 1, &sums->unreported,
				       &sums->unreported_day, error) &&
	       ledger_late(job->history, &sums->late, error) &&
	       ledger_today(job->history, today, &sums->today, error);
}

/* write_figures - for Prometheus, in full or not at all */
static bool write_figures(const struct status_arguments *arguments, const struct status_sums *sums,
			  struct error *error)
{
	const struct job *job = &arguments->job;
	struct buffer text;
	bool good;

	buffer_init(&text, FIGURES_MAX);
	status_figures(&text, sums, job->context.options.now);
	good = atomic_file_replace(job->context.pool, arguments->figures, buffer_slice(&text),
				   FIGURES_MODE, error);
	buffer_free(&text);
	return good;
}

/* tell_status - all of it, with a sum at the end; or the figures alone */
static bool tell_status(struct status_arguments *arguments, struct error *error)
{
	struct status_sums sums = {.octets = 0};
	bool silent = arguments->figures != NULL;

	if (!silent && !print_entries(arguments, error))
		return false;
	if (!print_lists(arguments, silent, &sums, error) ||
	    !read_sums(&arguments->job, &sums, error))
		return false;
	if (silent)
		return write_figures(arguments, &sums, error);
	status_print_sums(arguments->job.context.pool, &sums, arguments->json);
	return true;
}

/* check_status_options - is the command line free of contradictions? */
static bool check_status_options(void *context, struct error *error)
{
	const struct status_arguments *arguments = context;

	if (arguments->figures != NULL && (arguments->json || arguments->all))
		return error_set(error, STATUS_CONFIG,
				 "options --json and --all have no meaning with --textfile");
	return true;
}

/* do_status - one look */
static bool do_status(void *context, struct error *error)
{
	struct status_arguments *arguments = context;

	if (arguments->figures != NULL)
		sandbox_allow_beside(&arguments->job.sandbox, arguments->figures);
	return job_open(&arguments->job, error) && tell_status(arguments, error);
}

int status_main(int argc, char **argv)
{
	struct status_arguments arguments = {.all = false};
	struct job_options options = {.count = 0};
	const struct option_spec specs[] = {
	    {LONG_ONLY, "all", NULL, "include what has been sent", option_flag, &arguments.all},
	    {'j', "json", NULL, "print a JSON object on each line", option_flag, &arguments.json},
	    {LONG_ONLY, "textfile", "FILE", "write figures for Prometheus into FILE", option_text,
	     &arguments.figures},
	};
	const struct job_command command = {
	    .synopsis = "status --db FILE [options]",
	    .summary = "Tells what has become of the reports.",
	    .check = check_status_options,
	    .work = do_status,
	};

	job_add_options(&options, specs, sizeof(specs) / sizeof(specs[0]));
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
