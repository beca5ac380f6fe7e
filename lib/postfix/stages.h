/*
 * stages - commands that a message goes through, one after the other
 *
 * A stage reads the message from standard input, writes all of it to standard output and ends with
 * 0. In a pipeline the next one would take what a stage wrote before it was killed for the message.
 * So each writes to a file (base/spool.h) here, and the next begins when it has ended well. What it
 * says on standard error is the reason if it fails, and goes to the system log otherwise: pipe(8)
 * shows the output of commands that fail only.
 */
#ifndef ASSAY_POSTFIX_STAGES_H
#define ASSAY_POSTFIX_STAGES_H

#include <time.h>

#include "base/system_log.h"

#define STAGES_SAID_MAX 4096 /* octets kept of what a stage says; the log cuts longer entries */

struct stages {
	int message;              /* to be read by the next stage; standard input at first */
	int spare;                /* what that one will write to; -1: not made yet */
	struct timespec deadline; /* for all; a stage that has not ended by then is killed */
	struct system_log log;    /* open */
};

/*
 * Runs a command, found in $PATH; words ends with NULL. False: *reason, in pool, says why, and
 * begins with an enhanced status code 4.x.x (RFC 3463), as pipe(8) wants it.
 */
bool stages_run(struct stages *stages, struct pool *pool, char **words, const char **reason);

#endif
