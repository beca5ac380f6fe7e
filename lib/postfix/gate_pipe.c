/*
 * gate_pipe - lets a message go through filters, and back into Postfix; see postfix/gate_pipe.h
 *
 * The words "|" and "--" separate: what a stranger says may not be a word of its own in a stage.
 */
#include "postfix/gate_pipe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "postfix/smtp_client.h"
#include "postfix/stages.h"

#define NAME     "gate"
#define SENDMAIL "/usr/sbin/sendmail"
#define SECONDS  900.0 /* for all of it; pipe(8) bounces mail after 1000 (command_time_limit) */

/* The command line. */
struct job {
	char **words; /* of the stages, each with a NULL after it */
	size_t stage_count;
	char *sender;
	char **injection; /* SERVER and attributes; none: by sendmail */
	size_t injection_count;
	char **recipients; /* with a NULL after them */
	size_t recipient_count;
};

/* fail_delivery - the exit status; reason begins with a status code */
static int fail_delivery(const char *reason)
{
	fprintf(stderr, "%s\n", reason);
	return EX_TEMPFAIL;
}

/* fail_for - an error of ours */
static int fail_for(struct pool *pool, const struct error *error)
{
	return fail_delivery(pool_printf(pool, "%s " NAME ": %s", error->status, error->text));
}

/* until - the number of words before that one, or before the end */
static size_t until(char **words, const char *wanted)
{
	size_t count = 0;

	while (words[count] != NULL && strcmp(words[count], wanted) != 0)
		count++;
	return count;
}

/* split_stages - the words before the first "--"; false if one has none */
static bool split_stages(struct job *job, size_t count)
{
	job->words[count] = NULL;
	job->stage_count = 1;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(job->words[i], "|") != 0)
			continue;
		if (i == 0 || job->words[i - 1] == NULL)
			return false;
		job->words[i] = NULL;
		job->stage_count++;
	}
	return count > 0 && job->words[count - 1] != NULL;
}

/* read_command_line - false: it is not that of the usage */
static bool read_command_line(char **words, struct job *job)
{
	size_t stages = until(words, "--");
	size_t envelope;

	*job = (struct job){.words = words};
	if (words[stages] == NULL || words[stages + 1] == NULL || !split_stages(job, stages))
		return false;
	words += stages + 1;
	/* "null_sender=" in master.cf is easily forgotten. */
	job->sender =
	    strcmp(words[0], "MAILER-DAEMON") == 0 ? words[0] + strlen(words[0]) : words[0];
	envelope = until(words + 1, "--");
	job->injection = words + 1;
	job->injection_count = envelope;
	words += 1 + envelope;
	if (words[0] == NULL)
		return false;
	job->recipients = words + 1;
	while (job->recipients[job->recipient_count] != NULL)
		job->recipient_count++;
	return job->recipient_count > 0;
}

/* run_stages - one after the other; false with the reason */
static bool run_stages(struct pool *pool, const struct job *job, struct stages *stages,
		       const char **reason)
{
	char **words = job->words;
	struct stat file;

	for (size_t i = 0; i < job->stage_count; i++) {
		if (!stages_run(stages, pool, words, reason))
			return false;
		while (*words != NULL)
			words++;
		words++;
	}
	*reason = STATUS_OTHER " " NAME ": there is no message";
	return fstat(stages->message, &file) == 0 && file.st_size > 0;
}

/*
 * become_sendmail - takes the place of this process, so that its end is what pipe(8) sees: if it
 * were a child, something could end us after the injection, and Postfix would do it all again
 */
static int become_sendmail(struct pool *pool, const struct job *job, int message, pid_t waiting)
{
	const char *path = getenv("ASSAY_SENDMAIL");
	const char *const options[] = {
	    path != NULL ? path : SENDMAIL, "-G", "-i", "-f", job->sender, "--"};
	size_t count = sizeof(options) / sizeof(options[0]);
	/* Zeroed, so that NULL ends it. */
	char **words = pool_alloc(pool, (count + job->recipient_count + 1) * sizeof(*words));

	for (size_t i = 0; i < count; i++)
		words[i] = pool_printf(pool, "%s", options[i]);
	memcpy(words + count, job->recipients, job->recipient_count * sizeof(*words));
	if (getppid() != waiting)
		return fail_delivery(STATUS_OTHER " " NAME ": pipe(8) is gone");
	/* What sendmail says comes after it, so that no status of sendmail's bounces mail. */
	fputs(STATUS_OTHER " injecting: ", stderr);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	if (dup2(message, STDIN_FILENO) == STDIN_FILENO)
		execv(words[0], words);
	return fail_delivery(pool_printf(pool, "%s: %s", words[0], strerror(errno)));
}

/* inject_by_smtp - the exit status */
static int inject_by_smtp(struct pool *pool, const struct job *job, struct smtp_session *session,
			  int message, pid_t waiting)
{
	const struct smtp_delivery delivery = {
	    .sender = job->sender,
	    .recipients = job->recipients,
	    .recipient_count = job->recipient_count,
	    .attributes = job->injection + 1,
	    .attribute_count = job->injection_count - 1,
	    .message = message,
	    .waiting = waiting,
	};
	const char *reply;
	struct error error;

	if (!smtp_deliver(session, &delivery, &reply, &error))
		return fail_for(pool, &error);
	fprintf(stderr, "%s\n", reply); /* with its queue ID, for the log */
	return EX_OK;
}

/* run_for - the job, with a session or, for sendmail, NULL; the exit status */
static int run_for(struct pool *pool, const struct job *job, struct smtp_session *session,
		   const struct timespec *deadline, pid_t waiting)
{
	struct stages stages = {.message = STDIN_FILENO, .spare = -1, .deadline = *deadline};
	const char *reason;
	bool good;

	system_log_open(&stages.log, NAME);
	good = run_stages(pool, job, &stages, &reason);
	system_log_close(&stages.log);
	if (!good)
		return fail_delivery(reason);
	if (session == NULL)
		return become_sendmail(pool, job, stages.message, waiting);
	return inject_by_smtp(pool, job, session, stages.message, waiting);
}

/*
 * run_pipe - the job; the exit status. The server is asked first: when it does not answer, no stage
 * is to write into a history what will come again.
 */
static int run_pipe(struct pool *pool, const struct job *job)
{
	const struct timespec deadline = deadline_after(SECONDS);
	pid_t waiting = getppid();
	struct smtp_session *session;
	struct error error;
	int status;

	if (job->injection_count == 0)
		return run_for(pool, job, NULL, &deadline, waiting);
	session = smtp_open(pool, job->injection[0], &deadline, &error);
	if (session == NULL)
		return fail_for(pool, &error);
	status = run_for(pool, job, session, &deadline, waiting);
	smtp_close(session);
	return status;
}

/* usage - the exit status */
static int usage(void)
{
	return fail_delivery(STATUS_CONFIG
			     " " NAME ": usage: " NAME
			     " pipe STAGE [| STAGE]... -- SENDER [SERVER [NAME=VALUE]...] -- "
			     "RECIPIENT...");
}

bool gate_pipe_uses_sendmail(char **words)
{
	size_t stages = until(words, "--");

	return words[stages] != NULL && words[stages + 1] != NULL &&
	       until(words + stages + 2, "--") == 0;
}

int gate_pipe(char **words)
{
	struct pool *pool = pool_new();
	struct job job;
	int status = read_command_line(words, &job) ? run_pipe(pool, &job) : usage();

	pool_free(pool);
	return status;
}
