/*
 * store_job - what the subcommands on reports of others do alike: options, sandbox, the store
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "report/report_store.h"
#include "tool/tool_context.h"

#define STORE_OPTIONS_MAX 24

struct store_job {
	struct tool_context context;
	struct sandbox sandbox; /* what it needs besides the store */
	const char *path;       /* --store */
	struct report_store *store;
	struct option_list operands;
	bool json; /* -j */
	struct option_spec options[STORE_OPTIONS_MAX];
	size_t option_count;
};

/* What is particular about a subcommand. */
struct store_command {
	const char *synopsis;
	const char *summary;
	size_t operands_max;
	bool creates; /* the store, if it is missing */
	bool asks;    /* DNS */
	/* Is the command line complete and free of contradictions? May be NULL. */
	bool (*check)(void *arguments, struct error *error);
	/* What has to be opened or listed before the sandbox. May be NULL. */
	bool (*prepare)(void *arguments, struct error *error);
	/* All that it is for; *status is 0 unless it is changed. */
	bool (*work)(void *arguments, int *status, struct error *error);
};

void store_job_option(struct store_job *job, struct option_spec spec);

/* From the command line to the end; the exit status. job is the first member of arguments. */
int store_job_run(struct store_job *job, const struct store_command *command, void *arguments,
		  int argc, char **argv);

/* Does a command line name a store of reports (--store)? */
bool store_job_is_meant(int argc, char **argv);

/* Sets a number of days since 1970 from a date like 2026-11-22; for long long. */
bool store_job_day(const char *argument, void *target, struct error *error);

#endif
