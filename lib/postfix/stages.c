/*
 * stages - commands that a message goes through; see postfix/stages.h
 */
#include "postfix/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "base/spool.h"

/* An enhanced status code (RFC 3463 2) */
#define STATUS_PARTS    3
#define STATUS_PART_MAX 999
#define TRANSIENT       "4." /* the class that does not bounce mail */

/* fail - with what went wrong here; failure is an errno */
static bool fail(struct pool *pool, const char **reason, const char *what, int error_number)
{
	*reason = pool_printf(pool, STATUS_OTHER " %s: %s", what, strerror(error_number));
	return false;
}

/* start - the command between the two files; 0 or the number of an error */
static int start(const struct stages *stages, char **words, int said, pid_t *child)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t ours;
	int error_number;

	/* What io_prepare() has ignored is not ignored there. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGPIPE);
	sigaddset(&ours, SIGXFSZ);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigdefault(&attributes, &ours);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, stages->message, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, stages->spare, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
	error_number = posix_spawnp(child, words[0], &files, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return error_number;
}

/* listen_to - a command until it is silent for good; false if the time is up before */
static bool listen_to(struct pool *pool, int fd, const struct timespec *deadline,
		      struct slice *said)
{
	char *text = pool_alloc(pool, STAGES_SAID_MAX);
	char chunk[STAGES_SAID_MAX];
	size_t len = 0;
	ssize_t got;

	do {
		size_t kept = STAGES_SAID_MAX - len;

		if (!io_wait(fd, POLLIN, deadline))
			return false;
		got = io_read(fd, chunk, sizeof(chunk));
		if (got < (ssize_t)kept)
			kept = got > 0 ? (size_t)got : 0;
		memcpy(text + len, chunk, kept);
		len += kept;
	} while (got > 0);
	*said = slice_trim(slice_from(text, len));
	return true;
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

/* explain - how a command has failed */
static bool explain(struct pool *pool, const char *command, int status, struct slice said,
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

/* attend - to a command until it has ended; false if it has not ended well */
static bool attend(struct stages *stages, struct pool *pool, const char *command, pid_t child,
		   int output, const char **reason)
{
	struct slice said;
	bool in_time = listen_to(pool, output, &stages->deadline, &said);
	int status;

	if (!in_time)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return fail(pool, reason, command, errno);
	}
	if (!in_time) {
		*reason = pool_printf(pool, STATUS_OTHER " %s has not ended in time", command);
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EX_OK)
		return explain(pool, command, status, said, reason);
	log_lines(&stages->log, said);
	return true;
}

/* spawn - starts a command and waits for its end */
static bool spawn(struct stages *stages, struct pool *pool, char **words, const char **reason)
{
	int ends[2];
	int error_number;
	pid_t child;
	bool good;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(pool, reason, "cannot make a pipe", errno);
	error_number = start(stages, words, ends[1], &child);
	close(ends[1]);
	if (error_number == 0)
		good = attend(stages, pool, words[0], child, ends[0], reason);
	else
		good =
		    fail(pool, reason, pool_printf(pool, "cannot run %s", words[0]), error_number);
	close(ends[0]);
	return good;
}

/* prepare - an empty file for the output of the next command */
static bool prepare(struct stages *stages, struct pool *pool, const char **reason)
{
	struct error error;

	if (stages->spare >= 0) {
		if (ftruncate(stages->spare, 0) == 0 && lseek(stages->spare, 0, SEEK_SET) == 0)
			return true;
		return fail(pool, reason, "cannot empty a file", errno);
	}
	stages->spare = spool_file(&error);
	if (stages->spare < 0)
		*reason = pool_printf(pool, "%s %s", error.status, error.text);
	return stages->spare >= 0;
}

bool stages_run(struct stages *stages, struct pool *pool, char **words, const char **reason)
{
	int read_already = stages->message;

	if (!prepare(stages, pool, reason) || !spawn(stages, pool, words, reason))
		return false;
	if (lseek(stages->spare, 0, SEEK_SET) != 0)
		return fail(pool, reason, "cannot read what a stage has written", errno);
	stages->message = stages->spare;
	stages->spare = read_already == STDIN_FILENO ? -1 : read_already;
	return true;
}
