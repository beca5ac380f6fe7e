/*
 * job - what every subcommand does; see job.h
 */
#include "job.h"

#include <stdlib.h>
#include <sysexits.h>

#include "base/pool.h"

void job_add_option(struct job_options *options, struct option_spec spec)
{
	if (options->count == JOB_OPTIONS_MAX)
		abort(); /* a mistake of ours, which the first run shows */
	options->specs[options->count++] = spec;
}

void job_add_options(struct job_options *options, const struct option_spec *specs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		job_add_option(options, specs[i]);
}

/* add_common - what all subcommands have */
static void add_common(struct job_options *options, struct job *job)
{
	const struct option_spec specs[] = {
	    {LONG_ONLY, "db", "FILE", "the history that dmarceval writes", option_text,
	     &job->database},
	    {'t', "time", "EPOCH", "act as if it were this time", option_epoch,
	     &job->context.options.now},
	};

	job_add_options(options, specs, sizeof(specs) / sizeof(specs[0]));
}

bool job_open(struct job *job, struct error *error)
{
	if (!history_exists(job->context.pool, job->database, error))
		return false;
	sandbox_allow_database(&job->sandbox, job->database);
	tool_confine(&job->context, job->sandbox);
	job->history = history_open(job->context.pool, job->database, &job->context.trace, error);
	return job->history != NULL;
}

/* start_job - reads the command line; false: ends with *status */
static bool start_job(struct job *job, const struct job_options *options,
		      const struct job_command *command, int argc, char **argv, int *status)
{
	struct pool *pool = pool_new();
	struct tool *tool = pool_alloc(pool, sizeof(*tool));

	*tool = (struct tool){
	    .name = "dmarcreport",
	    .synopsis = command->synopsis,
	    .summary = command->summary,
	    .options = options->specs,
	    .option_count = options->count,
	    .operands = command->operands,
	    .is_command = true,
	};
	job->sandbox.pool = pool;
	if (command->operands != NULL)
		command->operands->pool = pool;
	return tool_start(&job->context, tool, pool, argc, argv, status);
}

/* end_job - says why, if there is an error; the exit status */
static int end_job(struct job *job, bool good, const struct error *error, int status)
{
	if (!good)
		status = tool_fail(&job->context, error);
	if (fflush(stdout) != 0 && good)
		status = tool_unwritten(&job->context);
	history_close(job->history);
	tool_end(&job->context);
	return status;
}

/* is_complete - what all need, and what this one does */
static bool is_complete(const struct job *job, const struct job_command *command, void *arguments,
			struct error *error)
{
	if (job->database == NULL || *job->database == '\0')
		return error_set(error, STATUS_CONFIG, "option --db is needed");
	return command->check == NULL || command->check(arguments, error);
}

int job_run(struct job *job, struct job_options *options, const struct job_command *command,
	    void *arguments, int argc, char **argv)
{
	struct error error;
	bool good = true;
	int status;

	add_common(options, job);
	if (start_job(job, options, command, argc, argv, &status)) {
		status = EX_OK;
		if (!is_complete(job, command, arguments, &error))
			status = tool_usage(&job->context, &error);
		else
			good = command->work(arguments, &error);
	}
	if (command->end != NULL)
		command->end(arguments);
	return end_job(job, good, &error, status);
}
