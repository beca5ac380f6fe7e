/*
 * process - commands that are run, heard, and ended; see base/process.h
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"

#define CHUNK                4096
#define MILLISECONDS         1000 /* in a second */
#define INTERVAL_NANOSECONDS 1000000L
/* How often we look whether a command has ended, where the kernel cannot tell: Linux before 5.3. */
#define INTERVAL_MILLISECONDS 5

/* spawn_words - with everything prepared */
static int spawn_words(const struct process_command *command,
		       const posix_spawn_file_actions_t *files, pid_t *process)
{
	posix_spawnattr_t attributes;
	sigset_t ignored, blocked;
	int error_number;

	sigemptyset(&blocked);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGXFSZ);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
						  POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawnattr_setsigmask(&attributes, &blocked);
	error_number =
	    posix_spawnp(process, command->words[0], files, &attributes, command->words, environ);
	posix_spawnattr_destroy(&attributes);
	return error_number;
}

int process_start(const struct process_command *command, pid_t *process)
{
	posix_spawn_file_actions_t files;
	int error_number;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, command->input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, command->output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, command->errors, STDERR_FILENO);
	error_number = spawn_words(command, &files, process);
	posix_spawn_file_actions_destroy(&files);
	return error_number;
}

bool process_has_ended(pid_t process)
{
	siginfo_t information = {.si_pid = 0};

	/* Not reaped: as long as it is there its number is not that of another process group. */
	return waitid(P_PID, (id_t)process, &information, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       information.si_pid == process;
}

/* wait_until - true if the command has ended by then */
static bool wait_until(pid_t process, const struct timespec *deadline)
{
	const struct timespec interval = {.tv_nsec = INTERVAL_NANOSECONDS};

	while (!process_has_ended(process)) {
		if (deadline_left(deadline) == 0)
			return false;
		nanosleep(&interval, NULL);
	}
	return true;
}

/* reap - the status of a command that has ended, or is about to */
static int reap(pid_t process)
{
	int status = 0;
	pid_t reaped;

	do
		reaped = waitpid(process, &status, 0);
	while (reaped < 0 && errno == EINTR);
	return status;
}

int process_stop(pid_t process, double grace)
{
	const struct timespec deadline = deadline_after(grace);

	if (grace > 0 && !process_has_ended(process)) {
		kill(-process, SIGTERM);
		wait_until(process, &deadline);
	}
	kill(-process, SIGKILL);
	return reap(process);
}

/* What a command has said: the first octets of it. */
struct listener {
	int fd; /* -1 when there is nothing more to be heard */
	char *text;
	size_t len;
	size_t max;
};

/* hear - what there is to be read now */
static void hear(struct listener *listener)
{
	char chunk[CHUNK];
	ssize_t got = read(listener->fd, chunk, sizeof(chunk));
	size_t kept = got > 0 ? (size_t)got : 0;

	if (kept > listener->max - listener->len)
		kept = listener->max - listener->len;
	memcpy(listener->text + listener->len, chunk, kept);
	listener->len += kept;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		listener->fd = -1;
}

/* hear_rest - what a command has said last; what others go on to say is not waited for */
static void hear_rest(struct listener *listener)
{
	struct pollfd poller = {.fd = listener->fd, .events = POLLIN};

	while (listener->fd >= 0 && listener->len < listener->max && poll(&poller, 1, 0) > 0)
		hear(listener);
}

/* patience - for poll(2), in milliseconds */
static int patience(const struct timespec *deadline, bool is_told)
{
	double left = deadline_left(deadline) * MILLISECONDS + 1;

	if (!is_told)
		return INTERVAL_MILLISECONDS;
	return left < INT_MAX ? (int)left : INT_MAX;
}

/*
 * attend - listens to a command until it has ended; false when the time is up. end is a descriptor
 * that can be read when the command has ended, or -1.
 */
static bool attend(struct listener *listener, pid_t process, int end,
		   const struct timespec *deadline)
{
	while (deadline_left(deadline) > 0) {
		struct pollfd pollers[] = {{.fd = listener->fd, .events = POLLIN},
					   {.fd = end, .events = POLLIN}};

		if (poll(pollers, 2, patience(deadline, end >= 0)) > 0 && pollers[0].revents != 0)
			hear(listener);
		if ((end < 0 || pollers[1].revents != 0) && process_has_ended(process)) {
			hear_rest(listener);
			return true;
		}
	}
	return false;
}

/* finish_process - listens to a command, and ends it if it has to be */
static void finish_process(struct listener *listener, pid_t process,
			   const struct process_limits *limits, struct process_end *end)
{
	int ended = (int)syscall(SYS_pidfd_open, process, 0);

	end->in_time = attend(listener, process, ended, &limits->deadline);
	if (ended >= 0)
		close(ended);
	if (end->in_time && limits->leaves_rest)
		end->status = reap(process);
	else
		end->status = process_stop(process, end->in_time ? 0 : limits->grace);
	end->said = slice_trim(slice_from(listener->text, listener->len));
}

int process_run(struct pool *pool, const struct process_command *command,
		const struct process_limits *limits, struct process_end *end)
{
	struct process_command heard = *command;
	struct listener listener = {.max = limits->said_max};
	int ends[2];
	int error_number;
	pid_t process;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	heard.errors = ends[1];
	if (heard.output < 0)
		heard.output = ends[1];
	error_number = process_start(&heard, &process);
	close(ends[1]);
	if (error_number == 0) {
		listener.fd = ends[0];
		listener.text = pool_alloc(pool, listener.max);
		finish_process(&listener, process, limits, end);
	}
	close(ends[0]);
	return error_number;
}
