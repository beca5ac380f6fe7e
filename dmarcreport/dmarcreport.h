/*
 * dmarcreport - what the parts of the tool share
 */
#ifndef DMARCREPORT_H
#define DMARCREPORT_H

#include "history/query.h"
#include "report/aggregate.h"
#include "report/ledger.h"
#include "report/suppress_list.h"
#include "tool/tool_context.h"

/* What one run has at hand: options, and what they name. */
struct job {
	struct tool_context context;
	const char *database;
	struct history *history;
	struct sandbox sandbox; /* what it needs besides the history and DNS */

	/* For send and print. */
	struct report_submitter submitter;
	const char *only_domain;
	const char *suppress_file;
	const char *ignore_file;
	const struct suppress_list *suppressed; /* or NULL */
	const struct host_list *ignored;        /* or NULL */
	const char *history_name;
	struct report_builder *builder;
	long long first; /* days, counted from 1970-01-01 */
	long long last;
	unsigned destinations_max;
	bool legacy;
};

/* A subcommand with its own options; the exit status. */
typedef int subcommand(int argc, char **argv);

subcommand send_main;
subcommand print_main;
subcommand status_main;
subcommand expire_main;
subcommand merge_main;
subcommand bounce_main;

/* job.c: options that need a database, and those of send and print. */
#define JOB_OPTIONS_MAX 24

struct job_options {
	struct option_spec specs[JOB_OPTIONS_MAX];
	size_t count;
};

void job_add_option(struct job_options *options, struct option_spec spec);
void job_add_common(struct job_options *options, struct job *job);
void job_add_report(struct job_options *options, struct job *job);

/* What is particular about a subcommand. */
struct job_command {
	const char *synopsis;
	const char *summary;
	struct option_list *operands; /* NULL: it has none */
	/* Is the command line complete and free of contradictions? */
	bool (*check)(void *arguments, struct error *error);
	/* All that it is for. */
	bool (*work)(void *arguments, struct error *error);
};

/* job.c: from the command line to the end; the exit status. job is a part of arguments. */
int job_run(struct job *job, const struct job_options *options, const struct job_command *command,
	    void *arguments, int argc, char **argv);

/* job.c: is the command line complete? */
bool job_check_common(struct job *job, struct error *error);
bool job_check_report(struct job *job, struct error *error);

/* job.c: enters the sandbox and opens the history; for reports also DNS and the lists before. */
bool job_open(struct job *job, struct error *error);
bool job_open_report(struct job *job, struct error *error);

/* job.c: a day for people, as 2026-11-22; the same with the time. */
const char *job_day_text(struct pool *pool, long long day);
const char *job_time_text(struct pool *pool, long long time);

/* job.c: what report a policy of a day makes. */
struct ledger_report job_new_report(struct job *job, struct pool *pool,
				    const struct history_policy *policy);
struct aggregate_report job_aggregate(struct job *job, struct pool *pool,
				      const struct ledger_report *report,
				      struct report_submitter *submitter);

/* plan.c: where a report is to go, in order; tries and next are set for what DNS left open. */
bool plan_destinations(struct job *job, struct pool *pool, const char *domain, const char *record,
		       struct ledger_destinations *list, struct error *error);

/*
 * plan.c: asks again for a destination that DNS has left open. added has those that it names
 * instead of itself.
 */
bool plan_again(struct job *job, struct pool *pool, const char *domain,
		struct ledger_destination *destination, struct ledger_destinations *added,
		struct error *error);

/* plan.c: why this address must get nothing, or NULL. */
bool plan_is_suppressed(struct job *job, struct pool *pool, const char *domain, const char *address,
			const char **reason, struct error *error);

/* plan.c: seconds to wait after so many tries. */
long long plan_pause(unsigned tries);

#endif
