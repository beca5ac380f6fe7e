/*
 * dns_hook - a command of the administrator that changes DNS; see dns_hook.h
 */
#include "dns_hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/process.h"
#include "base/spool.h"

/* What came of a command: the answer of the process that runs it. */
struct hook_answer {
	bool good;
	char text[DNS_HOOK_SAID_MAX + 64];
};

/* script_file - standard input of the command; -1 if it cannot be had */
static int script_file(const char *script, size_t len, struct error *error)
{
	int fd = spool_file(error);

	if (fd < 0)
		return -1;
	if (io_write(fd, script, len) && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	error_set(error, STATUS_FULL, "cannot write to %s: %s", spool_directory(), strerror(errno));
	close(fd);
	return -1;
}

/* describe_end - how the command has ended, and what it has said */
static void describe_end(struct pool *pool, const struct process_end *end,
			 struct hook_answer *answer)
{
	const char *said = slice_copy(pool, end->said);
	const char *colon = end->said.len > 0 ? ": " : "";

	answer->good = end->in_time && WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0;
	if (!end->in_time)
		snprintf(answer->text, sizeof(answer->text), "has not ended after %.0f seconds%s%s",
			 DNS_HOOK_SECONDS, colon, said);
	else if (WIFSIGNALED(end->status))
		snprintf(answer->text, sizeof(answer->text), "was ended by signal %d%s%s",
			 WTERMSIG(end->status), colon, said);
	else
		snprintf(answer->text, sizeof(answer->text), "has ended with status %d%s%s",
			 WEXITSTATUS(end->status), colon, said);
}

/* run_command - once, in the process that is there for it */
static void run_command(const char *command, const char *script, size_t len,
			struct hook_answer *answer)
{
	char *const words[] = {"/bin/sh", "-c", (char *)command, NULL};
	const struct process_limits limits = {
	    .deadline = deadline_after(DNS_HOOK_SECONDS),
	    .said_max = DNS_HOOK_SAID_MAX,
	};
	struct process_command child = {.words = words, .output = -1};
	struct pool *pool = pool_new();
	struct process_end end;
	struct error error;
	int failed;

	child.input = script_file(script, len, &error);
	if (child.input < 0) {
		snprintf(answer->text, sizeof(answer->text), "%s", error.text);
	} else if ((failed = process_run(pool, &child, &limits, &end)) != 0) {
		snprintf(answer->text, sizeof(answer->text), "cannot be run: %s", strerror(failed));
	} else {
		describe_end(pool, &end, answer);
	}
	if (child.input >= 0)
		close(child.input);
	pool_free(pool);
}

/* serve_scripts - one after the other, until the parent has gone */
static _Noreturn void serve_scripts(int fd, const char *command)
{
	char *script = memory_buffer(DNS_HOOK_SCRIPT_MAX);
	ssize_t len;

	while ((len = read(fd, script, DNS_HOOK_SCRIPT_MAX)) > 0) {
		struct hook_answer answer = {.good = false};

		run_command(command, script, (size_t)len, &answer);
		if (write(fd, &answer, sizeof(answer)) < 0)
			break;
	}
	_exit(0);
}

bool dns_hook_start(struct dns_hook *hook, struct error *error)
{
	int ends[2];

	hook->runner = -1;
	if (hook->command == NULL)
		return true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
	    (hook->process = fork()) < 0)
		return error_set(error, STATUS_OTHER, "cannot start a process: %s",
				 strerror(errno));
	if (hook->process == 0) {
		close(ends[0]);
		serve_scripts(ends[1], hook->command);
	}
	close(ends[1]);
	hook->runner = ends[0];
	return true;
}

bool dns_hook_run(struct pool *pool, const struct dns_hook *hook, const char *script,
		  struct error *error)
{
	struct hook_answer *answer = pool_alloc(pool, sizeof(*answer));

	if (write(hook->runner, script, strlen(script)) < 0 ||
	    io_read(hook->runner, answer, sizeof(*answer)) != (ssize_t)sizeof(*answer))
		return error_set(error, STATUS_OTHER, "the process for --dns-hook has gone");
	return answer->good ||
	       error_set(error, STATUS_OTHER, "the command of --dns-hook %s", answer->text);
}

void dns_hook_stop(struct dns_hook *hook)
{
	if (hook->runner < 0)
		return;
	close(hook->runner);
	hook->runner = -1;
	waitpid(hook->process, NULL, 0);
}
