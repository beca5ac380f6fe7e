/*
 * stages - commands that a message goes through; see postfix/stages.h
 */
#include "postfix/stages.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/printable.h"
#include "base/process.h"
#include "base/spool.h"

/* An enhanced status code (RFC 3463 2) */
#define STATUS_PARTS    3
#define STATUS_PART_MAX 999
#define TRANSIENT       "4." /* the class that does not bounce mail */

/* fail_stage - with what went wrong here; failure is an errno */
static bool fail_stage(struct pool *pool, const char **reason, const char *what, int error_number)
{
	*reason = pool_printf(pool, STATUS_OTHER " %s: %s", what, strerror(error_number));
	return false;
}

/* is_transient - does the text begin with a code that says "try again": "4.3.1 "? (RFC 3463 2) */
static bool is_transient(struct slice text)
{
	struct slice code = slice_from(text.data, slice_find(text, ' '));
	unsigned long long number;
	struct slice part;
	unsigned parts = 0;

	if (!slice_starts_nocase(code, TRANSIENT) || code.len == text.len)
		return false;
	while (slice_cut(&code, '.', &part)) {
		if (!slice_to_number(part, STATUS_PART_MAX, &number))
			return false;
		parts++;
	}
	return parts == STATUS_PARTS;
}

/* reason_in - what a command has said: the first line with a code, or the first of all */
static struct slice reason_in(struct slice said)
{
	struct slice first = slice_trim(slice_from(said.data, slice_find(said, '\n')));
	struct slice line;

	while (said.len > 0 && slice_cut(&said, '\n', &line)) {
		if (is_transient(line))
			return slice_trim(line);
	}
	return first;
}

/* explain_stage - how a command has failed */
static bool explain_stage(struct pool *pool, const char *command, int status, struct slice said,
			  const char **reason)
{
	struct slice line = reason_in(said);
	const char *text = text_printable(pool, line);
	const char *colon = line.len > 0 ? ": " : "";

	if (WIFEXITED(status) && is_transient(line))
		*reason = text;
	else if (WIFEXITED(status))
		*reason = pool_printf(pool, STATUS_OTHER " %s ended with status %d%s%s", command,
				      WEXITSTATUS(status), colon, text);
	else
		*reason = pool_printf(pool, STATUS_OTHER " %s was ended by signal %d%s%s", command,
				      WTERMSIG(status), colon, text);
	return false;
}

/* log_lines - what a command has said although all is well */
static void log_lines(struct system_log *log, struct slice said)
{
	struct slice line;

	while (said.len > 0 && slice_cut(&said, '\n', &line))
		system_log_write(log, LOG_WARNING, line);
}

/* run_between - a command that reads the one file and writes the other */
static bool run_between(struct stages *stages, struct pool *pool, char **words, const char **reason)
{
	const struct process_command command = {
	    .words = words, .input = stages->message, .output = stages->spare};
	const struct process_limits limits = {.deadline = stages->deadline,
					      .said_max = STAGES_SAID_MAX};
	struct process_end end;
	int error_number = process_run(pool, &command, &limits, &end);

	if (error_number != 0)
		return fail_stage(pool, reason, pool_printf(pool, "cannot run %s", words[0]),
				  error_number);
	if (!end.in_time) {
		*reason = pool_printf(pool, STATUS_OTHER " %s has not ended in time", words[0]);
		return false;
	}
	if (!WIFEXITED(end.status) || WEXITSTATUS(end.status) != EX_OK)
		return explain_stage(pool, words[0], end.status, end.said, reason);
	log_lines(&stages->log, end.said);
	return true;
}

/* prepare_stage - an empty file for the output of the next command */
static bool prepare_stage(struct stages *stages, struct pool *pool, const char **reason)
{
	struct error error;

	if (stages->spare >= 0) {
		if (ftruncate(stages->spare, 0) == 0 && lseek(stages->spare, 0, SEEK_SET) == 0)
			return true;
		return fail_stage(pool, reason, "cannot empty a file", errno);
	}
	stages->spare = spool_file(&error);
	if (stages->spare < 0)
		*reason = pool_printf(pool, "%s %s", error.status, error.text);
	return stages->spare >= 0;
}

bool stages_run(struct stages *stages, struct pool *pool, char **words, const char **reason)
{
	int read_already = stages->message;

	if (!prepare_stage(stages, pool, reason) || !run_between(stages, pool, words, reason))
		return false;
	if (lseek(stages->spare, 0, SEEK_SET) != 0)
		return fail_stage(pool, reason, "cannot read what a stage has written", errno);
	stages->message = stages->spare;
	stages->spare = read_already == STDIN_FILENO ? -1 : read_already;
	return true;
}
