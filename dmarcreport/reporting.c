/*
 * reporting - what send and print have at hand; see reporting.h
 */
#include "reporting.h"

#include "base/pool.h"
#include "mail/domain.h"

/* read_lists - the files that options name */
static bool read_lists(struct reporting *reporting, struct error *error)
{
	const struct report_options *options = reporting->options;
	struct pool *pool = reporting->job->context.pool;

	if (options->suppress_file != NULL) {
		reporting->suppressed = suppress_list_read(pool, options->suppress_file, error);
		if (reporting->suppressed == NULL)
			return false;
	}
	if (options->legacy_file != NULL) {
		reporting->legacy_for = suppress_list_read(pool, options->legacy_file, error);
		if (reporting->legacy_for == NULL)
			return false;
	}
	if (options->ignore_file != NULL) {
		reporting->ignored = host_list_read(pool, options->ignore_file, error);
		if (reporting->ignored == NULL)
			return false;
	}
	return true;
}

bool reporting_open(struct reporting *reporting, struct job *job,
		    const struct report_options *options, struct error *error)
{
	struct pool *pool = job->context.pool;

	*reporting =
	    (struct reporting){.job = job, .options = options, .seconds_left = options->seconds};
	reporting->slow = slow_hosts_new(pool);
	if (!read_lists(reporting, error) || !tool_open_dns(&job->context, error))
		return false;
	job->sandbox.dns = true;
	if (!job_open(job, error))
		return false;
	reporting->history_name = history_name(job->history, pool, error);
	if (reporting->history_name == NULL)
		return false;
	reporting->key = history_key(job->history, pool, error);
	if (reporting->key == NULL)
		return false;
	reporting->builder = report_builder_new(pool, job->history, reporting->ignored, error);
	return reporting->builder != NULL;
}

void reporting_close(struct reporting *reporting)
{
	report_builder_free(reporting->builder);
}

struct ledger_report reporting_new_report(const struct reporting *reporting, struct pool *pool,
					  const struct history_policy *policy)
{
	struct ledger_report report = {
	    .day = policy->day,
	    .policy = policy->id,
	    .domain = policy->domain,
	    .record = policy->record,
	    .source = "",
	    .organization = policy->domain,
	    .submitter = reporting->options->submitter.domain,
	    .created = reporting->job->context.options.now,
	    .messages = policy->messages,
	    .copy = "",
	};

	report.name =
	    report_id(pool, reporting->history_name, policy->day, policy->domain, policy->record);
	return report;
}

struct aggregate_report reporting_aggregate(const struct reporting *reporting, struct pool *pool,
					    const struct ledger_report *report, bool legacy,
					    struct report_submitter *submitter)
{
	struct aggregate_report aggregate = {
	    .submitter = submitter,
	    .id = report->name,
	    .created = (time_t)report->created,
	    .legacy = legacy,
	};

	*submitter = reporting->options->submitter;
	submitter->domain = report->submitter;
	report_set_policy(pool, &aggregate, report->day, report->domain, report->record);
	return aggregate;
}

bool reporting_is_legacy(const struct reporting *reporting, const char *address)
{
	return reporting->options->legacy ||
	       (reporting->legacy_for != NULL &&
		suppress_list_has_address(reporting->legacy_for, address));
}

bool reporting_is_wanted(const struct reporting *reporting, const char *domain)
{
	const char *only = reporting->options->only_domain;

	return only == NULL || domain_equal(domain, only);
}
