/*
 * store_job - from the command line to the store; see store_job.h
 */
#include "store_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/pool.h"

#define DATE_LEN  10 /* 2026-11-22 */
#define YEAR_MAX  9999
#define MONTH_MAX 12
#define DAY_MAX   31

void store_job_option(struct store_job *job, struct option_spec spec)
{
	if (job->option_count == STORE_OPTIONS_MAX)
		abort(); /* a mistake of ours, which the first run shows */
	job->options[job->option_count++] = spec;
}

bool store_job_is_meant(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--store") == 0 || strncmp(argv[i], "--store=", 8) == 0)
			return true;
	}
	return false;
}

bool store_job_day(const char *argument, void *target, struct error *error)
{
	struct slice text = slice_of(argument);
	unsigned long long year, month, day;
	struct tm parts = {.tm_isdst = 0};
	time_t moment;

	if (text.len != DATE_LEN || text.data[4] != '-' || text.data[7] != '-' ||
	    !slice_to_number(slice_from(text.data, 4), YEAR_MAX, &year) ||
	    !slice_to_number(slice_from(text.data + 5, 2), MONTH_MAX, &month) ||
	    !slice_to_number(slice_from(text.data + 8, 2), DAY_MAX, &day))
		return error_set(error, STATUS_CONFIG, "is no date like 2026-11-22");
	parts.tm_year = (int)year - 1900;
	parts.tm_mon = (int)month - 1;
	parts.tm_mday = (int)day;
	moment = timegm(&parts);
	if (moment < 0 || parts.tm_mon != (int)month - 1 || parts.tm_mday != (int)day)
		return error_set(error, STATUS_CONFIG, "is no day of the calendar");
	*(long long *)target = moment / STORE_SECONDS_A_DAY;
	return true;
}

/* check_command - what all of them need */
static bool check_command(struct store_job *job, const struct store_command *command,
			  void *arguments, struct error *error)
{
	if (job->path == NULL)
		return error_set(error, STATUS_CONFIG, "option --store is needed");
	if (job->operands.count > command->operands_max)
		return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"",
				 job->operands.items[command->operands_max]);
	return command->check == NULL || command->check(arguments, error);
}

/* open_store - in the sandbox: from here on nothing else can be reached */
static bool open_store(struct store_job *job, const struct store_command *command, void *arguments,
		       struct error *error)
{
	if (command->prepare != NULL && !command->prepare(arguments, error))
		return false;
	if (command->asks && !tool_open_dns(&job->context, error))
		return false;
	job->sandbox.dns = command->asks;
	sandbox_allow_database(&job->sandbox, job->path);
	tool_confine(&job->context, job->sandbox);
	job->store = report_store_open(job->context.pool, job->path, command->creates, error);
	return job->store != NULL;
}

/* add_shared - options of all */
static void add_shared(struct store_job *job)
{
	store_job_option(job, (struct option_spec){LONG_ONLY, "store", "FILE",
						   "the reports of others (read)", option_text,
						   &job->path});
	store_job_option(job,
			 (struct option_spec){'t', "time", "EPOCH", "act as if it were this time",
					      option_epoch, &job->context.options.now});
	store_job_option(job, (struct option_spec){'j', "json", NULL, "print JSON lines",
						   option_flag, &job->json});
}

/* finish_store_job - says why it failed, if it did; the exit status */
static int finish_store_job(struct store_job *job, bool good, const struct error *error, int status)
{
	if (!good)
		status = tool_fail(&job->context, error);
	if (fflush(stdout) != 0 && good)
		status = tool_unwritten(&job->context);
	report_store_close(job->store);
	tool_end(&job->context);
	return status;
}

int store_job_run(struct store_job *job, const struct store_command *command, void *arguments,
		  int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct tool tool = {
	    .name = "dmarcreport",
	    .synopsis = command->synopsis,
	    .summary = command->summary,
	    .operands = command->operands_max > 0 ? &job->operands : NULL,
	    .is_command = true,
	};
	struct error error;
	bool good = true;
	int status = EX_OK;

	job->operands.pool = pool;
	job->sandbox.pool = pool;
	add_shared(job);
	tool.options = job->options;
	tool.option_count = job->option_count;
	if (tool_start(&job->context, &tool, pool, argc, argv, &status)) {
		status = EX_OK;
		if (!check_command(job, command, arguments, &error))
			status = tool_usage(&job->context, &error);
		else
			good = open_store(job, command, arguments, &error) &&
			       command->work(arguments, &status, &error);
	}
	return finish_store_job(job, good, &error, status);
}
