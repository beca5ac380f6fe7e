/*
 * job - what every subcommand does: its options, the sandbox, the history, the exit status
 */
#ifndef DMARCREPORT_JOB_H
#define DMARCREPORT_JOB_H

#include "history/history.h"
#include "tool/tool_context.h"

/* What one run of a subcommand has at hand. */
struct job {
	struct tool_context context;
	const char *database;
	struct history *history; /* NULL until job_open() */
	struct sandbox sandbox;  /* what it needs besides the history */
};

#define JOB_OPTIONS_MAX 32

struct job_options {
	struct option_spec specs[JOB_OPTIONS_MAX];
	size_t count;
};

void job_add_option(struct job_options *options, struct option_spec spec);
void job_add_options(struct job_options *options, const struct option_spec *specs, size_t count);

/* What is particular about a subcommand. */
struct job_command {
	const char *synopsis;
	const char *summary;
	struct option_list *operands; /* NULL: it has none */
	/* Is the command line complete and free of contradictions? */
	bool (*check)(void *arguments, struct error *error);
	/* All that it is for. */
	bool (*work)(void *arguments, struct error *error);
	/* Releases what work has left open; may be NULL. */
	void (*end)(void *arguments);
};

/*
 * From the command line to the end; the exit status. job is a part of arguments. The options that
 * all subcommands have are added here.
 */
int job_run(struct job *job, struct job_options *options, const struct job_command *command,
	    void *arguments, int argc, char **argv);

/* Enters the sandbox and opens the history, which has to be there. */
bool job_open(struct job *job, struct error *error);

#endif
