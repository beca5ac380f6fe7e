/*
 * dmarcreport expire - removes old days, but none that a report still waits for
 */
#include "dmarcreport.h"

#include "base/pool.h"
#include "day_text.h"
#include "history/expire.h"
#include "history/row.h"
#include "job.h"
#include "report/ledger.h"

struct expire_arguments {
	struct job job;
	unsigned keep; /* days before today */
};

/* expire - up to the first day that is needed */
static bool expire(struct expire_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	long long wanted = job->context.options.now / HISTORY_SECONDS_A_DAY - arguments->keep;
	long long first = wanted;
	unsigned long long rows;

	if (!ledger_first_open(job->history, wanted, &first, error) ||
	    !history_expire(job->history, first, &rows, error) ||
	    !ledger_expire(job->history, first, error) || !history_give_back(job->history, error))
		return false;
	if (job->context.options.quiet)
		return true;
	printf("dmarcreport: %llu rows of days before %s removed\n", rows,
	       day_text(job->context.pool, first));
	if (first < wanted)
		printf("dmarcreport: days from %s on are kept for reports that wait\n",
		       day_text(job->context.pool, first));
	return true;
}

/* check_expire_options - is the command line complete? */
static bool check_expire_options(void *context, struct error *error)
{
	struct expire_arguments *arguments = context;

	if (arguments->keep == 0)
		return error_set(error, STATUS_CONFIG, "option --keep is needed");
	return true;
}

/* do_expire - one run */
static bool do_expire(void *context, struct error *error)
{
	struct expire_arguments *arguments = context;

	return job_open(&arguments->job, error) && expire(arguments, error);
}

int expire_main(int argc, char **argv)
{
	struct expire_arguments arguments = {.keep = 0};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "expire --db FILE --keep DAYS",
	    .summary = "Removes old days from the history.",
	    .check = check_expire_options,
	    .work = do_expire,
	};

	job_add_option(&options, (struct option_spec){LONG_ONLY, "keep", "DAYS",
						      "how many days to keep, besides today",
						      option_count, &arguments.keep});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
