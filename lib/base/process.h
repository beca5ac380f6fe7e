/*
 * process - commands that are run, heard, and ended with all that they have started
 *
 * Each command leads a process group of its own. It has ended when its first process has: what that
 * has left behind in the background may hold the descriptors for as long as it likes, and nobody
 * waits for it.
 */
#ifndef ASSAY_BASE_PROCESS_H
#define ASSAY_BASE_PROCESS_H

#include <sys/types.h>
#include <time.h>

#include "base/bytes.h"

/* A command: found in $PATH, with our environment and without our other descriptors. */
struct process_command {
	char *const *words; /* with a NULL after the last one */
	int input;          /* its standard input */
	int output;         /* its standard output */
	int errors;         /* its standard error */
};

/*
 * Starts a command. What io_prepare() (base/io.h) ignores is not ignored there, and no signal is
 * blocked. 0, or the number of an error.
 */
int process_start(const struct process_command *command, pid_t *process);

/* Has it ended? It is still to be reaped, by process_stop(). */
bool process_has_ended(pid_t process);

/*
 * Ends a command, and what it has started: with SIGTERM, and SIGKILL after so many seconds; at once
 * if they are 0. Returns the status of waitpid(2), also of a command that had ended before.
 */
int process_stop(pid_t process, double grace);

/* How long a command may take, and what is kept of what it says. */
struct process_limits {
	struct timespec deadline; /* base/deadline.h */
	double grace;             /* seconds between SIGTERM and SIGKILL; 0: no SIGTERM */
	size_t said_max;          /* octets; what is more is read and dropped */
	bool leaves_rest;         /* what it leaves in the background may go on */
};

/* What came of it. */
struct process_end {
	bool in_time;      /* false: it had to be ended */
	int status;        /* that of waitpid(2) */
	struct slice said; /* in the pool, without white space at its ends */
};

/*
 * Runs a command to its end. What it says is its standard error, and its standard output if
 * command->output is -1; command->errors is not used. 0, or the number of an error: it was not run.
 */
int process_run(struct pool *pool, const struct process_command *command,
		const struct process_limits *limits, struct process_end *end);

#endif
