/*
 * view_job - options of the views, and sources with their guess; see view_job.h
 */
#include "view_job.h"

#include "base/pool.h"
#include "mail/domain.h"

void view_job_options(struct view_job *view, bool table, bool sources)
{
	struct store_job *job = &view->job;

	view->filter.until = -1;
	view->filter.since = -1;
	store_job_option(job, (struct option_spec){'d', "domain", "DOMAIN", "only this domain",
						   option_text, &view->domain});
	store_job_option(job, (struct option_spec){LONG_ONLY, "since", "DATE",
						   "from this day on (90 days before today)",
						   store_job_day, &view->filter.since});
	store_job_option(job, (struct option_spec){LONG_ONLY, "until", "DATE", "up to this day",
						   store_job_day, &view->filter.until});
	store_job_option(job,
			 (struct option_spec){LONG_ONLY, "failing", NULL, "only what has failures",
					      option_flag, &view->filter.failing});
	if (table)
		store_job_option(job, (struct option_spec){LONG_ONLY, "csv", NULL,
							   "comma-separated values", option_flag,
							   &view->csv});
	if (!sources)
		return;
	store_job_option(job, (struct option_spec){LONG_ONLY, "names", NULL,
						   "ask DNS for the names of hosts", option_flag,
						   &view->names});
	store_job_option(job, (struct option_spec){'z', "zone", "FILE",
						   "answer all DNS questions from FILE",
						   option_text, &job->context.options.zone});
	store_job_option(job, (struct option_spec){'T', "timeout", "SECONDS",
						   "for all DNS work together (20)", option_seconds,
						   &job->context.options.timeout});
}

bool view_job_check(void *context, struct error *error)
{
	struct view_job *view = context;
	struct pool *pool = view->job.context.pool;
	long long today = view->job.context.options.now / STORE_SECONDS_A_DAY;

	if (view->csv && view->job.json)
		return error_set(error, STATUS_CONFIG,
				 "options --csv and --json exclude each other");
	if (view->filter.until < 0)
		view->filter.until = today;
	if (view->filter.since < 0)
		view->filter.since = today - VIEW_DAYS;
	if (view->filter.since > view->filter.until)
		return error_set(error, STATUS_CONFIG, "--since is after --until");
	if (view->domain == NULL)
		return true;
	view->filter.domain = domain_canonical(pool, slice_of(view->domain));
	return view->filter.domain != NULL ||
	       error_set(error, STATUS_CONFIG, "option --domain: \"%s\" is no domain",
			 view->domain);
}

enum table_format view_job_format(const struct view_job *view)
{
	if (view->csv)
		return TABLE_CSV;
	return view->job.json ? TABLE_JSON : TABLE_ALIGNED;
}

bool view_job_sources(struct view_job *view, struct source_list *list, struct error *error)
{
	struct tool_context *context = &view->job.context;
	struct source_guess guess = {
	    .dns = context->dns,
	    .budget = dns_budget_for(context->options.timeout, GUESS_QUERIES_MAX),
	    .trace = &context->trace,
	    .receiver = context->options.authserv_id,
	    .now = context->options.now,
	};

	if (!view_sources(view->job.store, context->pool, &view->filter, list, error))
		return false;
	guess_classes(&guess, list);
	return !view->names || guess_names(view->job.store, context->pool, &guess, list, error);
}
