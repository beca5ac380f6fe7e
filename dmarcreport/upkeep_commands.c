/*
 * dmarcreport expire, merge, export with --store - the upkeep of the reports of others
 */
#include "dmarcreport.h"
#include "view_job.h"

#include <stdio.h>

#include "base/pool.h"
#include "report/incoming.h"
#include "report/store_upkeep.h"
#include "report/view_show.h"

struct expire_store_arguments {
	struct store_job job; /* first member */
	unsigned keep;
};

/* work_expire - old days go */
static bool work_expire(void *context, int *status, struct error *error)
{
	struct expire_store_arguments *arguments = context;
	const struct common_options *options = &arguments->job.context.options;
	long long first = options->now / STORE_SECONDS_A_DAY - arguments->keep;
	unsigned long long reports;

	(void)status;
	if (!store_expire(arguments->job.store, first, &reports, error))
		return false;
	if (!options->quiet)
		printf("dmarcreport: %llu reports on days before %s removed\n", reports,
		       view_day_text(arguments->job.context.pool, first));
	return true;
}

/* check_expire - is it said how many days stay? */
static bool check_expire(void *context, struct error *error)
{
	const struct expire_store_arguments *arguments = context;

	return arguments->keep > 0 || error_set(error, STATUS_CONFIG, "option --keep is needed");
}

int expire_store_main(int argc, char **argv)
{
	struct expire_store_arguments arguments = {.keep = 0};
	const struct store_command command = {
	    .synopsis = "expire --store FILE --keep DAYS",
	    .summary = "Removes old days from the reports of others.",
	    .check = check_expire,
	    .work = work_expire,
	};

	store_job_option(&arguments.job,
			 (struct option_spec){LONG_ONLY, "keep", "DAYS",
					      "how many days to keep, besides today", option_count,
					      &arguments.keep});
	return store_job_run(&arguments.job, &command, &arguments, argc, argv);
}

/* merge_one - the store of another host; others are merged even if this one cannot be */
static bool merge_one(struct store_job *job, const char *path, struct error *error)
{
	struct report_store *other = report_store_open(job->context.pool, path, false, error);
	struct report_writer writer;
	bool good;

	if (other == NULL)
		return false;
	report_writer_init(&writer, job->store, job->context.options.now);
	writer.keep_failures = true;
	good = store_merge(other, &writer, error);
	report_store_close(other);
	return good;
}

/* work_merge - all that are named */
static bool work_merge(void *context, int *status, struct error *error)
{
	struct store_job *job = context;
	struct error cause;
	bool good = true;

	(void)status;
	for (size_t i = 0; i < job->operands.count; i++) {
		bool merged = merge_one(job, job->operands.items[i], &cause);

		if (merged && !job->context.options.quiet)
			printf("dmarcreport: %s merged\n", job->operands.items[i]);
		if (!merged && good)
			*error = cause;
		good = good && merged;
	}
	return good;
}

/* check_merge - is anything named? */
static bool check_merge(void *context, struct error *error)
{
	const struct store_job *job = context;

	return job->operands.count > 0 ||
	       error_set(error, STATUS_CONFIG, "name at least one store to merge");
}

/* prepare_merge - what the sandbox has to allow */
static bool prepare_merge(void *context, struct error *error)
{
	struct store_job *job = context;

	(void)error;
	for (size_t i = 0; i < job->operands.count; i++)
		sandbox_allow_database(&job->sandbox, job->operands.items[i]);
	return true;
}

int merge_store_main(int argc, char **argv)
{
	struct store_job job = {.json = false};
	const struct store_command command = {
	    .synopsis = "merge --store FILE OTHER...",
	    .summary = "Takes over what other hosts have read of the reports of others.",
	    .operands_max = SIZE_MAX,
	    .creates = true,
	    .check = check_merge,
	    .prepare = prepare_merge,
	    .work = work_merge,
	};

	return store_job_run(&job, &command, &job, argc, argv);
}

/* An export, a report at a time. */
struct exporting {
	const struct view_job *view;
	bool begun;
};

/* export_row - with what is said of its report */
static void export_row(struct result_table *table, const struct shown_report *report,
		       const struct shown_row *row)
{
	static const char *const dispositions[] = {"none", "quarantine", "reject"};

	table_text(table, report->org);
	table_text(table, report->id);
	table_text(table, report->sender);
	table_text(table, report->domain);
	table_text(table, report->policy);
	table_number(table, (unsigned long long)report->begin);
	table_number(table, (unsigned long long)report->end);
	table_text(table, row->source);
	table_number(table, row->messages);
	table_text(table, dispositions[row->disposition < 3 ? row->disposition : 0]);
	table_text(table, row->dkim ? "pass" : "fail");
	table_text(table, row->spf ? "pass" : "fail");
	table_text(table, row->header_from);
	table_text(table, row->envelope_from);
	table_text(table, row->envelope_to);
	table_text(table, row->reasons);
	table_text(table, view_flat(table->pool, row->results));
}

/* export_report - its rows */
static bool export_report(void *context, struct pool *pool, const struct shown_report *report,
			  struct error *error)
{
	static const struct table_column columns[] = {
	    {"org", "", false},         {"report_id", "", false},     {"sender", "", false},
	    {"domain", "", false},      {"policy", "", false},        {"begin", "", true},
	    {"end", "", true},          {"source", "", false},        {"messages", "", true},
	    {"disposition", "", false}, {"dkim_aligned", "", false},  {"spf_aligned", "", false},
	    {"header_from", "", false}, {"envelope_from", "", false}, {"envelope_to", "", false},
	    {"reasons", "", false},     {"results", "", false},
	};
	struct exporting *exporting = context;
	struct result_table table;

	if (report->kind != INCOMING_AGGREGATE)
		return true;
	table_begin(&table, pool, exporting->view->csv ? TABLE_CSV : TABLE_JSON, columns,
		    sizeof(columns) / sizeof(columns[0]));
	table.continues = exporting->begun;
	exporting->begun = true;
	for (size_t i = 0; i < report->count; i++)
		export_row(&table, report, &report->items[i]);
	return table_print(&table, error);
}

/* work_export - all rows */
static bool work_export(void *context, int *status, struct error *error)
{
	struct view_job *view = context;
	struct exporting exporting = {view, false};

	(void)status;
	return view_each(view->job.store, &view->filter, export_report, &exporting, error);
}

/* check_export - all days unless some are named */
static bool check_export(void *context, struct error *error)
{
	struct view_job *view = context;

	if (view->filter.since < 0)
		view->filter.since = 0;
	return view_job_check(context, error);
}

int export_store_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};
	const struct store_command command = {
	    .synopsis = "export --store FILE [--csv] [options]",
	    .summary = "Writes the rows of the reports of others, as JSON lines or CSV.",
	    .check = check_export,
	    .work = work_export,
	};

	view_job_options(&view, true, false);
	return store_job_run(&view.job, &command, &view, argc, argv);
}
