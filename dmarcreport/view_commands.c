/*
 * dmarcreport summary, sources, show, rejects, ready, tls - what the reports of others say
 */
#include "dmarcreport.h"
#include "view_job.h"

#include <stdio.h>

#include "base/pool.h"
#include "report/incoming.h"
#include "report/view_show.h"

/* Columns of a table, and how many. */
#define COLUMNS(table) (table), sizeof(table) / sizeof((table)[0])

/* run_view - a view that has no operands */
static int run_view(struct view_job *view, const char *synopsis, const char *summary, bool sources,
		    bool (*work)(void *, int *, struct error *), int argc, char **argv)
{
	const struct store_command command = {
	    .synopsis = synopsis,
	    .summary = summary,
	    .asks = sources,
	    .check = view_job_check,
	    .work = work,
	};

	view_job_options(view, true, sources);
	return store_job_run(&view->job, &command, view, argc, argv);
}

/* begin_table - in the form that was asked for */
static void begin_table(const struct view_job *view, struct result_table *table,
			const struct table_column *columns, size_t count)
{
	table_begin(table, view->job.context.pool, view_job_format(view), columns, count);
}

/* say_empty - a person wants to know that there is nothing */
static void say_empty(const struct view_job *view, const struct result_table *table)
{
	if (table->count == 0 && table->format == TABLE_ALIGNED && !view->job.context.options.quiet)
		puts("There is nothing to show for these days.");
}

/* percent - with one decimal, rounded down so that 100 means all */
static const char *percent(struct pool *pool, unsigned long long part, unsigned long long all)
{
	unsigned long long tenths = all != 0 ? part * 1000 / all : 0;

	return pool_printf(pool, "%llu.%llu", tenths / 10, tenths % 10);
}

/* work_summary - a line for each domain */
static bool work_summary(void *context, int *status, struct error *error)
{
	static const struct table_column columns[] = {
	    {"domain", "domain", false},
	    {"messages", "messages", true},
	    {"passed", "passed", true},
	    {"pass_percent", "%", true},
	    {"quarantined", "quarantined", true},
	    {"rejected", "rejected", true},
	    {"unauthenticated", "unauthenticated", true},
	    {"reports", "reports", true},
	    {"reporters", "reporters", true},
	    {"new", "new", true},
	    {"first", "first", false},
	    {"last", "last", false},
	};
	struct view_job *view = context;
	struct pool *pool = view->job.context.pool;
	struct result_table table;
	struct domain_list list;

	(void)status;
	if (!view_domains(view->job.store, pool, &view->filter, &list, error))
		return false;
	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < list.count; i++) {
		const struct domain_sums *sums = &list.items[i];

		table_text(&table, sums->domain);
		table_number(&table, sums->messages);
		table_number(&table, sums->passed);
		table_text(&table, percent(pool, sums->passed, sums->messages));
		table_number(&table, sums->quarantined);
		table_number(&table, sums->rejected);
		table_number(&table, sums->unauthenticated);
		table_number(&table, sums->reports);
		table_number(&table, sums->reporters);
		table_number(&table, sums->fresh);
		table_text(&table, view_day_text(pool, sums->first));
		table_text(&table, view_day_text(pool, sums->last));
	}
	say_empty(view, &table);
	return table_print(&table, error);
}

int summary_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};

	return run_view(&view, "summary --store FILE [options]",
			"Tells for each domain how its mail fares.", false, work_summary, argc,
			argv);
}

/* add_view_source - a line */
static void add_view_source(struct result_table *table, struct pool *pool,
			    const struct source *source)
{
	table_text(table, source->address);
	table_text(table, source->domain);
	table_text(table, source_class_word(source->class));
	table_number(table, source->aligned);
	table_number(table, source->partly);
	table_number(table, source->failed);
	table_number(table, source->quarantined);
	table_number(table, source->rejected);
	table_text(table, view_day_text(pool, source->first));
	table_text(table, view_day_text(pool, source->last));
	table_text(table, source->name);
	table_text(table, source_names_text(pool, &source->signers));
	table_text(table, source_names_text(pool, &source->envelopes));
}

/* work_sources - a line for each sending host */
static bool work_sources(void *context, int *status, struct error *error)
{
	static const struct table_column columns[] = {
	    {"source", "source", false},   {"domain", "in the name of", false},
	    {"guess", "guess", false},     {"aligned", "aligned", true},
	    {"partly", "partly", true},    {"not_aligned", "not", true},
	    {"quarantined", "quar", true}, {"rejected", "rej", true},
	    {"first", "first", false},     {"last", "last", false},
	    {"name", "name", false},       {"dkim", "DKIM passed", false},
	    {"spf", "SPF passed", false},
	};
	struct view_job *view = context;
	struct result_table table;
	struct source_list list;

	(void)status;
	if (!view_job_sources(view, &list, error))
		return false;
	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < list.count; i++)
		add_view_source(&table, view->job.context.pool, &list.items[i]);
	say_empty(view, &table);
	return table_print(&table, error);
}

int sources_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};

	return run_view(&view, "sources --store FILE [options]",
			"Tells who sends in the name of our domains; failing ones first.", true,
			work_sources, argc, argv);
}

/* print_ready - in sentences */
static void print_ready(const struct ready_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct readiness *ready = &list->items[i];

		printf("%s%s: %s\n  %s\n", i > 0 ? "\n" : "", ready->domain,
		       ready_step_word(ready->step), ready->advice);
		if (*ready->record != '\0')
			printf("  %s\n", ready->record);
		printf("  published p=%s, %llu messages in %lld days; that pass nothing: %llu own,"
		       " %llu forwarded, %llu of strangers\n",
		       *ready->policy != '\0' ? ready->policy : "?", ready->messages, ready->days,
		       ready->own_failed, ready->forwarded, ready->strangers);
	}
}

/* print_ready_table - for programs */
static bool print_ready_table(struct view_job *view, const struct ready_list *list,
			      struct error *error)
{
	static const struct table_column columns[] = {
	    {"domain", "domain", false},
	    {"ready", "ready", false},
	    {"policy", "policy", false},
	    {"messages", "messages", true},
	    {"days", "days", true},
	    {"own_failed", "own failed", true},
	    {"forwarded", "forwarded", true},
	    {"strangers", "strangers", true},
	    {"failing", "failing sources", false},
	    {"advice", "advice", false},
	    {"record", "record", false},
	};
	struct result_table table;

	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < list->count; i++) {
		const struct readiness *ready = &list->items[i];

		table_text(&table, ready->domain);
		table_text(&table, ready_step_word(ready->step));
		table_text(&table, ready->policy);
		table_number(&table, ready->messages);
		table_number(&table, (unsigned long long)ready->days);
		table_number(&table, ready->own_failed);
		table_number(&table, ready->forwarded);
		table_number(&table, ready->strangers);
		table_text(&table, ready->failing);
		table_text(&table, ready->advice);
		table_text(&table, ready->record);
	}
	return table_print(&table, error);
}

/* work_ready - what to do next, for each domain */
static bool work_ready(void *context, int *status, struct error *error)
{
	struct view_job *view = context;
	struct pool *pool = view->job.context.pool;
	struct domain_list domains;
	struct source_list sources;
	struct ready_list list;

	(void)status;
	if (!view_domains(view->job.store, pool, &view->filter, &domains, error) ||
	    !view_job_sources(view, &sources, error))
		return false;
	view_ready(pool, &domains, &sources, &list);
	if (view_job_format(view) != TABLE_ALIGNED)
		return print_ready_table(view, &list, error);
	if (list.count == 0 && !view->job.context.options.quiet)
		puts("There is nothing to show for these days.");
	print_ready(&list);
	return true;
}

int ready_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};

	return run_view(&view, "ready --store FILE [options]",
			"Tells whether a domain may go to p=reject, and what to do first.", true,
			work_ready, argc, argv);
}

/* work_tls - a line for each domain, reporter and kind of policy */
static bool work_tls(void *context, int *status, struct error *error)
{
	static const struct table_column columns[] = {
	    {"domain", "domain", false}, {"org", "reporter", false},
	    {"type", "policy", false},   {"good", "good", true},
	    {"failed", "failed", true},  {"reports", "reports", true},
	    {"last", "last", false},     {"failures", "failures", false},
	};
	struct view_job *view = context;
	struct pool *pool = view->job.context.pool;
	struct result_table table;
	struct tls_list list;

	(void)status;
	if (!view_tls(view->job.store, pool, &view->filter, &list, error))
		return false;
	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < list.count; i++) {
		const struct tls_sums *sums = &list.items[i];

		table_text(&table, sums->domain);
		table_text(&table, sums->org);
		table_text(&table, sums->type);
		table_number(&table, sums->good);
		table_number(&table, sums->failed);
		table_number(&table, sums->reports);
		table_text(&table, view_day_text(pool, sums->last));
		table_text(&table, sums->failures);
	}
	say_empty(view, &table);
	return table_print(&table, error);
}

int tls_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};

	return run_view(&view, "tls --store FILE [options]",
			"Tells how others could encrypt mail to us (SMTP TLS reports).", false,
			work_tls, argc, argv);
}

/* work_rejects - what was not counted, and why */
static bool work_rejects(void *context, int *status, struct error *error)
{
	static const struct table_column columns[] = {
	    {"received", "received", false}, {"file", "file", false},
	    {"sender", "sender", false},     {"org", "reporter", false},
	    {"domain", "domain", false},     {"excerpt", "what", false},
	    {"reason", "reason", false},
	};
	struct view_job *view = context;
	struct pool *pool = view->job.context.pool;
	struct result_table table;
	struct reject_list list;

	(void)status;
	if (!view_rejects(view->job.store, pool, &view->filter, &list, error))
		return false;
	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < list.count; i++) {
		const struct reject_entry *entry = &list.items[i];

		table_text(&table, view_day_text(pool, entry->received / STORE_SECONDS_A_DAY));
		table_text(&table, entry->file);
		table_text(&table, entry->sender);
		table_text(&table, entry->org);
		table_text(&table, entry->domain);
		table_text(&table, entry->excerpt);
		table_text(&table, entry->reason);
	}
	say_empty(view, &table);
	return table_print(&table, error);
}

int rejects_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};

	return run_view(&view, "rejects --store FILE [options]",
			"Tells what of the reports did not count, and why.", false, work_rejects,
			argc, argv);
}

/* print_head - of a report, for people */
static void print_head(struct pool *pool, const struct shown_report *report)
{
	printf("report      %s of %s (%s), %s\n", report->id, report->org, report->email,
	       incoming_kind_word(report->kind));
	printf("sender      %s\n",
	       *report->sender != '\0' ? report->sender : "not authenticated by DMARC");
	printf("domain      %s, published %s\n", report->domain, report->policy);
	printf("period      %s to %s\n", view_day_text(pool, report->begin / STORE_SECONDS_A_DAY),
	       view_day_text(pool, report->end / STORE_SECONDS_A_DAY));
	printf("content     %llu rows, %llu messages, %llu rows rejected%s\n", report->rows,
	       report->messages, report->rejected_rows, report->incomplete ? ", incomplete" : "");
	if (*report->repairs != '\0' || *report->missing != '\0')
		printf("mended      %s%s%s\n", report->repairs,
		       *report->missing != '\0' ? " missing: " : "", report->missing);
	if (*report->generator != '\0' || *report->remark != '\0')
		printf("remarks     %s %s\n", report->generator, report->remark);
}

/* print_report - and its rows */
static bool print_report(const struct view_job *view, const struct shown_report *report,
			 struct error *error)
{
	static const char *const dispositions[] = {"none", "quarantine", "reject"};
	static const struct table_column columns[] = {
	    {"source", "source", false},           {"messages", "messages", true},
	    {"dkim_aligned", "DKIM", false},       {"spf_aligned", "SPF", false},
	    {"disposition", "disposition", false}, {"header_from", "From", false},
	    {"envelope_from", "envelope", false},  {"reasons", "reasons", false},
	    {"results", "results", false},
	};
	struct result_table table;

	begin_table(view, &table, COLUMNS(columns));
	for (size_t i = 0; i < report->count; i++) {
		const struct shown_row *row = &report->items[i];

		table_text(&table, row->source);
		table_number(&table, row->messages);
		table_text(&table, row->dkim ? "pass" : "fail");
		table_text(&table, row->spf ? "pass" : "fail");
		table_text(&table, dispositions[row->disposition < 3 ? row->disposition : 0]);
		table_text(&table, row->header_from);
		table_text(&table, row->envelope_from);
		table_text(&table, row->reasons);
		table_text(&table, view_flat(table.pool, row->results));
	}
	if (table.format == TABLE_ALIGNED)
		print_head(view->job.context.pool, report);
	fflush(stdout);
	return table_print(&table, error);
}

/* work_show - the reports of an id */
static bool work_show(void *context, int *status, struct error *error)
{
	struct view_job *view = context;
	const char *id = view->job.operands.items[0];
	struct shown_list list;

	(void)status;
	if (!view_show(view->job.store, view->job.context.pool, id, &list, error))
		return false;
	if (list.count == 0)
		return error_set(error, STATUS_CONFIG, "there is no report \"%s\"", id);
	for (size_t i = 0; i < list.count; i++) {
		if (!print_report(view, &list.items[i], error))
			return false;
	}
	return true;
}

/* check_show - is there an id? */
static bool check_show(void *context, struct error *error)
{
	struct view_job *view = context;

	if (view->job.operands.count == 0)
		return error_set(error, STATUS_CONFIG, "name the report by its ID");
	return view_job_check(context, error);
}

int show_main(int argc, char **argv)
{
	struct view_job view = {.csv = false};
	const struct store_command command = {
	    .synopsis = "show --store FILE [options] REPORT-ID",
	    .summary = "Shows the reports of an id with all their rows.",
	    .operands_max = 1,
	    .check = check_show,
	    .work = work_show,
	};

	view_job_options(&view, true, false);
	return store_job_run(&view.job, &command, &view, argc, argv);
}
