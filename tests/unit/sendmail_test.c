/*
 * sendmail - what comes of a command, and what the record knows afterwards
 */
#include "report/sendmail.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/spool.h"
#include "tap.h"

#define AWAIT_MICROSECONDS 2000
#define AWAIT_MAX          5000

static struct pool *pool;
static int record;
static int mail;

/* a_job - with this command */
static struct sendmail a_job(const char *command)
{
	return (struct sendmail){.command = command, .seconds = 10, .record = record, .mail = mail};
}

/* outcome_of - a run of a command */
static enum sendmail_outcome outcome_of(struct sendmail *job, const char **reason)
{
	const struct sendmail_envelope envelope = {
	    .sender = "sender@mx.test", .recipient = "a b;$(exit 3)@x.test", .token = "token.1"};
	enum sendmail_outcome outcome = SENDMAIL_UNKNOWN;
	struct error error;

	*reason = "(nothing)";
	if (sendmail_announce(job, envelope.token, &error) && sendmail_start(job, &error)) {
		sendmail_run(pool, job, &envelope, &outcome, reason, &error);
		sendmail_stop(job);
	}
	return outcome;
}

/* is_outcome - of a command; reason may be NULL: not looked at */
static void is_outcome(const char *command, enum sendmail_outcome wanted, const char *reason,
		       const char *name)
{
	struct sendmail job = a_job(command);
	const char *said;

	is_number(outcome_of(&job, &said), wanted, name);
	if (reason != NULL)
		is_text(said, reason, name);
}

static void test_outcomes(void)
{
	is_outcome("cat >/dev/null", SENDMAIL_SENT, "", "status 0: sent");
	is_outcome("exit 75", SENDMAIL_FAILED, "exit status 75", "EX_TEMPFAIL: perhaps later");
	is_outcome("echo not today >&2; exit 1", SENDMAIL_FAILED, "exit status 1 not today",
		   "what it says is kept");
	is_outcome("echo one; echo two; exit 1", SENDMAIL_FAILED, "exit status 1 one two",
		   "on one line");
	is_outcome("printf 'a\\001\\033[1m'; exit 1", SENDMAIL_FAILED, "exit status 1 a??[1m",
		   "without control characters");
	is_outcome("exit 67", SENDMAIL_REFUSED, "exit status 67", "EX_NOUSER: hardly ever");
	is_outcome("/no/such/program", SENDMAIL_FAILED, NULL, "no such command");
	is_outcome("kill -15 $$", SENDMAIL_FAILED, "the command was ended by signal 15",
		   "ended by a signal");
	is_outcome("head -c 100000 /dev/zero; exit 1", SENDMAIL_FAILED, NULL,
		   "a command that says much does not hang");
	is_outcome("sleep 60 & exit 0", SENDMAIL_SENT, "",
		   "what it leaves behind is not waited for");
}

static void test_envelope(void)
{
	struct sendmail job = a_job("test \"$SENDER\" = sender@mx.test");

	is_outcome("test \"$SENDER,$RCPT\" = 'sender@mx.test,a b;$(exit 3)@x.test'", SENDMAIL_SENT,
		   "", "the envelope is in the environment, as it is");
	is_outcome("test \"$#,$1\" = '1,a b;$(exit 3)@x.test'", SENDMAIL_SENT, "",
		   "the recipient is the first parameter");
	is_outcome("test \"$(cat)\" = 'the mail'", SENDMAIL_SENT, "", "the mail is on its input");
	is_outcome("test \"$(cat)\" = 'the mail'", SENDMAIL_SENT, "", "from its start, every time");
	is_outcome("ls -l /proc/self/fd | grep -v ' 0 -> ' | grep deleted && exit 1 || exit 0",
		   SENDMAIL_SENT, "", "no other file of ours is passed on");
	job.copy = "copy@x.test";
	job.command = "test \"$2\" = copy@x.test";
	ok(outcome_of(&job, &(const char *){NULL}) == SENDMAIL_SENT, "the copy is the second");
}

/* One process for many mails. */
static void test_many(void)
{
	static char long_address[70000];
	struct sendmail job = a_job("test \"$RCPT\" = b@x.test");
	struct sendmail_envelope envelope = {
	    .sender = "", .recipient = "b@x.test", .token = "token.1"};
	enum sendmail_outcome outcome;
	const char *reason;
	struct error error;

	ok(sendmail_start(&job, &error), "started");
	for (int i = 0; i < 2; i++) {
		sendmail_announce(&job, envelope.token, &error);
		sendmail_run(pool, &job, &envelope, &outcome, &reason, &error);
		is_number(outcome, SENDMAIL_SENT, "one mail after the other, the sender is empty");
	}
	memset(long_address, 'a', sizeof(long_address) - 1);
	envelope.recipient = long_address;
	sendmail_run(pool, &job, &envelope, &outcome, &reason, &error);
	is_number(outcome, SENDMAIL_REFUSED, "an address that is too long is refused");
	kill(job.process, SIGKILL);
	waitpid(job.process, NULL, 0);
	envelope.recipient = "b@x.test";
	ok(!sendmail_run(pool, &job, &envelope, &outcome, &reason, &error),
	   "the process has been killed: an error");
	ok(strstr(error.text, "the process that runs the command") != NULL, "which says so");
}

static void test_time(void)
{
	struct sendmail job = a_job("trap '' TERM; sleep 60");
	const char *reason;

	job.seconds = 0.2;
	is_number(outcome_of(&job, &reason), SENDMAIL_FAILED,
		  "a command has no more than its time");
	is_text(reason, "the command did not end in time", "and this is the reason");
}

static void test_record(void)
{
	struct sendmail job = a_job("true");
	const char *reason;
	struct error error;

	sendmail_announce(&job, "token.1", &error);
	is_number(sendmail_recall(pool, record, "token.1", &reason), SENDMAIL_NOT_STARTED,
		  "announced, not started");
	is_number(sendmail_recall(pool, record, "token.2", &reason), SENDMAIL_UNKNOWN,
		  "another mail: the record does not know");
	io_write(record, "started\n", 8);
	is_number(sendmail_recall(pool, record, "token.1", &reason), SENDMAIL_UNKNOWN,
		  "started, and nobody has told what came of it");
	io_write(record, "ended 0", 7);
	is_number(sendmail_recall(pool, record, "token.1", &reason), SENDMAIL_UNKNOWN,
		  "half a line is none");
	io_write(record, " \n", 2);
	is_number(sendmail_recall(pool, record, "token.1", &reason), SENDMAIL_SENT, "ended well");
}

/* await - that the record knows so much, but not for ever */
static enum sendmail_outcome await(enum sendmail_outcome wanted)
{
	enum sendmail_outcome outcome = SENDMAIL_NOT_STARTED;
	const char *reason;

	for (int i = 0; i < AWAIT_MAX && outcome != wanted; i++) {
		usleep(AWAIT_MICROSECONDS);
		outcome = sendmail_recall(pool, record, "token.1", &reason);
	}
	return outcome;
}

/* A process that is killed while its command is at work. */
static void test_death(void)
{
	struct sendmail job = a_job("sleep 0.5");
	const char *reason;
	struct error error;
	pid_t child;

	sendmail_announce(&job, "token.1", &error);
	child = fork();
	if (child == 0) {
		outcome_of(&job, &reason);
		_exit(0);
	}
	is_number(await(SENDMAIL_UNKNOWN), SENDMAIL_UNKNOWN, "the command is at work");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_number(sendmail_recall(pool, record, "token.1", &reason), SENDMAIL_UNKNOWN,
		  "its sender is dead, the command is not");
	is_number(await(SENDMAIL_SENT), SENDMAIL_SENT, "what comes of it is noted all the same");
}

int main(void)
{
	struct error error;

	io_prepare();
	setvbuf(stdout, NULL, _IOLBF, 0); /* so that no child has something left to print */
	pool = pool_new();
	record = spool_file(&error);
	mail = spool_file(&error);
	io_write(mail, "the mail\n", 9);
	test_outcomes();
	test_envelope();
	test_many();
	test_time();
	test_record();
	test_death();
	pool_free(pool);
	return done();
}
