/*
 * dmarcreport - what the subcommands do alike: options, opening, words for people
 */
#include "dmarcreport.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/pool.h"
#include "history/query.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

#define DESTINATIONS_MAX 10 /* of a report, by default */
#define DATE_LEN         10 /* 2026-11-22 */
#define YEAR_MAX         9999

/* set_day - a date as a number of days */
static bool set_day(const char *argument, void *target, struct error *error)
{
	struct slice text = slice_of(argument);
	unsigned long long year, month, day;
	struct tm parts = {.tm_isdst = 0};
	time_t time;

	if (text.len != DATE_LEN || text.data[4] != '-' || text.data[7] != '-' ||
	    !slice_to_number(slice_from(text.data, 4), YEAR_MAX, &year) ||
	    !slice_to_number(slice_from(text.data + 5, 2), 12, &month) ||
	    !slice_to_number(slice_from(text.data + 8, 2), 31, &day))
		return error_set(error, STATUS_CONFIG, "is no date like 2026-11-22");
	parts.tm_year = (int)year - 1900;
	parts.tm_mon = (int)month - 1;
	parts.tm_mday = (int)day;
	time = timegm(&parts);
	if (time < 0 || parts.tm_mon != (int)month - 1 || parts.tm_mday != (int)day)
		return error_set(error, STATUS_CONFIG, "is no day of the calendar");
	*(long long *)target = time / HISTORY_SECONDS_A_DAY;
	return true;
}

void job_add_option(struct job_options *options, struct option_spec spec)
{
	if (options->count == JOB_OPTIONS_MAX)
		abort(); /* a mistake of ours, which the first run shows */
	options->specs[options->count++] = spec;
}

/* add_all - a list of options */
static void add_all(struct job_options *options, const struct option_spec *specs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		job_add_option(options, specs[i]);
}

void job_add_common(struct job_options *options, struct job *job)
{
	const struct option_spec specs[] = {
	    {LONG_ONLY, "db", "FILE", "the history that dmarceval writes", option_text,
	     &job->database},
	    {'t', "time", "EPOCH", "as if it were this time", option_epoch,
	     &job->context.options.now},
	};

	add_all(options, specs, sizeof(specs) / sizeof(specs[0]));
}

void job_add_report(struct job_options *options, struct job *job)
{
	const struct option_spec specs[] = {
	    {LONG_ONLY, "org", "NAME", "of the organization that reports", option_text,
	     &job->submitter.organization},
	    {LONG_ONLY, "email", "ADDR", "whom to ask; sender of the reports", option_text,
	     &job->submitter.email},
	    {LONG_ONLY, "contact", "TEXT", "more about how to reach you", option_text,
	     &job->submitter.contact},
	    {'a', "authserv-id", "DOMAIN", "that received the mail (domain of --email)",
	     option_text, &job->submitter.domain},
	    {'d', "domain", "DOMAIN", "only reports on this policy domain", option_text,
	     &job->only_domain},
	    {LONG_ONLY, "since", "DATE", "first day", set_day, &job->first},
	    {LONG_ONLY, "until", "DATE", "last day (yesterday, in UTC)", set_day, &job->last},
	    {LONG_ONLY, "suppress", "FILE", "addresses and domains that get nothing", option_text,
	     &job->suppress_file},
	    {LONG_ONLY, "ignore-hosts", "FILE", "leave mail of these clients out", option_text,
	     &job->ignore_file},
	    {LONG_ONLY, "max-destinations", "N", "of one report (10)", option_count,
	     &job->destinations_max},
	    {LONG_ONLY, "legacy", NULL, "reports in the form of RFC 7489", option_flag,
	     &job->legacy},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text,
	     &job->context.options.zone},
	    {'T', "timeout", "SECONDS", "for the DNS work for one report, up to 60 (20)", option_timeout,
	     &job->context.options.timeout},
	};

	add_all(options, specs, sizeof(specs) / sizeof(specs[0]));
}

bool job_check_common(struct job *job, struct error *error)
{
	if (job->database == NULL)
		return error_set(error, STATUS_CONFIG, "option --db is needed");
	return true;
}

/* check_submitter - who we are */
static bool check_submitter(struct job *job, struct error *error)
{
	struct report_submitter *submitter = &job->submitter;
	struct pool *pool = job->context.pool;
	struct address address;

	if (submitter->organization == NULL || submitter->email == NULL)
		return error_set(error, STATUS_CONFIG, "options --org and --email are needed");
	if (!is_clean_text(slice_of(submitter->organization)) ||
	    !is_clean_text(slice_of(submitter->contact)))
		return error_set(error, STATUS_CONFIG,
				 "options --org and --contact must be one line of text in UTF-8");
	if (!address_parse_path(pool, slice_of(submitter->email), &address) ||
	    *address.local == '\0' || !is_clean_text(slice_of(submitter->email)))
		return error_set(error, STATUS_CONFIG, "option --email is no address");
	if (submitter->domain == NULL)
		submitter->domain = address.domain;
	submitter->domain = domain_canonical(pool, slice_of(submitter->domain));
	if (submitter->domain == NULL || !domain_is_qualified(submitter->domain))
		return error_set(error, STATUS_CONFIG, "option --authserv-id is no domain name");
	return true;
}

bool job_check_report(struct job *job, struct error *error)
{
	long long complete = job->context.options.now / HISTORY_SECONDS_A_DAY - 1;

	if (!job_check_common(job, error) || !check_submitter(job, error))
		return false;
	if (job->only_domain != NULL) {
		job->only_domain = domain_canonical(job->context.pool, slice_of(job->only_domain));
		if (job->only_domain == NULL)
			return error_set(error, STATUS_CONFIG, "option --domain is no domain name");
	}
	if (job->last < 0 || job->last > complete)
		job->last = complete;
	return true;
}

bool job_open(struct job *job, struct error *error)
{
	sandbox_allow_database(&job->sandbox, job->database);
	tool_confine(&job->context, job->sandbox);
	job->history = history_open(job->context.pool, job->database, &job->context.trace, error);
	return job->history != NULL;
}

bool job_open_report(struct job *job, struct error *error)
{
	struct pool *pool = job->context.pool;

	if (job->suppress_file != NULL) {
		job->suppressed = suppress_list_read(pool, job->suppress_file, error);
		if (job->suppressed == NULL)
			return false;
	}
	if (job->ignore_file != NULL) {
		job->ignored = host_list_read(pool, job->ignore_file, error);
		if (job->ignored == NULL)
			return false;
	}
	if (!tool_open_dns(&job->context, error))
		return false;
	job->sandbox.dns = true;
	if (!job_open(job, error))
		return false;
	job->history_name = history_name(job->history, pool, error);
	if (job->history_name == NULL)
		return false;
	job->builder = report_builder_new(pool, job->history, job->ignored, error);
	return job->builder != NULL;
}

/* start - reads the command line; false: ends with *status */
static bool start(struct job *job, const struct job_options *options,
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
	job->first = 0;
	job->last = -1;
	job->destinations_max = DESTINATIONS_MAX;
	if (command->operands != NULL)
		command->operands->pool = pool;
	return tool_start(&job->context, tool, pool, argc, argv, status);
}

/* end - says why, if there is an error; the exit status */
static int end(struct job *job, bool good, const struct error *error, int status)
{
	struct error cause;

	if (!good)
		status = tool_fail(&job->context, error);
	if (fflush(stdout) != 0 && good) {
		error_set(&cause, STATUS_OTHER, "cannot write the result");
		status = tool_fail(&job->context, &cause);
	}
	report_builder_free(job->builder);
	history_close(job->history);
	tool_end(&job->context);
	return status;
}

int job_run(struct job *job, const struct job_options *options, const struct job_command *command,
	    void *arguments, int argc, char **argv)
{
	struct error error;
	bool good = true;
	int status;

	if (start(job, options, command, argc, argv, &status)) {
		status = EX_OK;
		if (!command->check(arguments, &error))
			status = tool_usage(&job->context, &error);
		else
			good = command->work(arguments, &error);
	}
	return end(job, good, &error, status);
}

const char *job_time_text(struct pool *pool, long long time)
{
	time_t moment = (time_t)time;
	struct tm parts = {.tm_mday = 1};

	gmtime_r(&moment, &parts);
	return pool_printf(pool, "%04d-%02d-%02d %02d:%02d UTC", parts.tm_year + 1900,
			   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min);
}

const char *job_day_text(struct pool *pool, long long day)
{
	const char *text = job_time_text(pool, day * HISTORY_SECONDS_A_DAY);

	return slice_copy(pool, slice_from(text, slice_find(slice_of(text), ' ')));
}

struct ledger_report job_new_report(struct job *job, struct pool *pool,
				    const struct history_policy *policy)
{
	return (struct ledger_report){
	    .day = policy->day,
	    .policy = policy->id,
	    .domain = policy->domain,
	    .record = policy->record,
	    .name = report_id(pool, job->history_name, policy->day, policy->domain, policy->record),
	    .submitter = job->submitter.domain,
	    .created = job->context.options.now,
	    .messages = policy->messages,
	};
}

struct aggregate_report job_aggregate(struct job *job, struct pool *pool,
				      const struct ledger_report *report,
				      struct report_submitter *submitter)
{
	struct aggregate_report aggregate = {
	    .submitter = submitter,
	    .id = report->name,
	    .created = (time_t)report->created,
	    .legacy = job->legacy,
	};

	*submitter = job->submitter;
	submitter->domain = report->submitter;
	report_set_policy(pool, &aggregate, report->day, report->domain, report->record);
	return aggregate;
}
