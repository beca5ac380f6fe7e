/*
 * dmarcreport merge - takes over the histories of other hosts
 */
#include "dmarcreport.h"

#include "base/pool.h"
#include "history/merge.h"
#include "job.h"
#include "report/ledger.h"

struct merge_arguments {
	struct job job;
	struct option_list files;
};

/* update - brings the file of another host to our version and takes in what waits beside it */
static bool update(struct job *job, const char *path, struct error *error)
{
	struct pool *pool = pool_new();
	struct history *other = NULL;

	if (history_exists(pool, path, error))
		other = history_open(pool, path, &job->context.trace, error);
	history_close(other);
	pool_free(pool);
	return other != NULL;
}

/* merge - one file; a broken one does not keep the others from being merged */
static bool merge(struct job *job, const char *path, struct error *error)
{
	unsigned long long rows;

	if (!update(job, path, error) || !history_merge(job->history, path, &rows, error))
		return false;
	if (!job->context.options.quiet)
		printf("dmarcreport: %s: %llu rows\n", path, rows);
	return true;
}

/* merge_all - the last error is returned, the others are told at once */
static bool merge_all(struct merge_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	bool failed = false;
	struct error cause;

	for (size_t i = 0; i < arguments->files.count; i++) {
		if (merge(job, arguments->files.items[i], &cause))
			continue;
		if (failed)
			tool_fail(&job->context, error);
		*error = cause;
		failed = true;
	}
	return !failed;
}

/* tell_late - messages of days that have been reported */
static bool tell_late(struct job *job, struct error *error)
{
	struct ledger_late late;

	if (!ledger_late(job->history, &late, error))
		return false;
	if (late.messages > 0 && !job->context.options.quiet)
		printf("dmarcreport: %llu messages came after the reports on their day (%zu)"
		       " were made\n",
		       late.messages, late.reports);
	return true;
}

/* check_merge_options - is the command line complete? */
static bool check_merge_options(void *context, struct error *error)
{
	struct merge_arguments *arguments = context;

	if (arguments->files.count == 0)
		return error_set(error, STATUS_CONFIG, "name at least one history to merge");
	return true;
}

/* do_merge - the other histories are opened, too, and brought up to date */
static bool do_merge(void *context, struct error *error)
{
	struct merge_arguments *arguments = context;

	for (size_t i = 0; i < arguments->files.count; i++)
		sandbox_allow_database(&arguments->job.sandbox, arguments->files.items[i]);
	return job_open(&arguments->job, error) && merge_all(arguments, error) &&
	       tell_late(&arguments->job, error);
}

int merge_main(int argc, char **argv)
{
	struct merge_arguments arguments = {.files = {.count = 0}};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "merge --db FILE OTHER...",
	    .summary = "Takes over the histories of other hosts.",
	    .operands = &arguments.files,
	    .check = check_merge_options,
	    .work = do_merge,
	};

	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
