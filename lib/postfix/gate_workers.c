/*
 * gate_workers - processes that serve connections from a socket; see postfix/gate_workers.h
 */
#include "postfix/gate_workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/system_log.h"

#define LISTENER        3 /* SD_LISTEN_FDS_START */
#define BUSY            'b'
#define IDLE            'i'
#define PAUSE_SECONDS   1.0 /* before processes that end at once are started again */
#define MILLISECONDS    1000
#define SYSTEMD_COUNT   "LISTEN_FDS"
#define SYSTEMD_PROCESS "LISTEN_PID"

/* What a worker tells the one who watches. */
struct notice {
	pid_t process;
	char state;
};

struct worker {
	pid_t process;
	bool is_busy;
};

struct watcher {
	const struct gate_settings *settings;
	struct system_log log;
	int listener;
	int notices[2]; /* a pipe */
	int signals;    /* signalfd(2) */
	unsigned wanted;
	unsigned count;
	struct worker workers[WORKERS_MAX];
	struct timespec last_start;
};

/* number_in - a variable of the environment; 0 if it has none */
static unsigned long long number_in(const char *name)
{
	unsigned long long number = 0;

	slice_to_number(slice_of(getenv(name)), (unsigned long long)1 << 31, &number);
	return number;
}

int gate_workers_socket(struct error *error)
{
	unsigned long long count = number_in(SYSTEMD_COUNT);
	unsigned long long process = number_in(SYSTEMD_PROCESS);
	int listening = 0;
	socklen_t size = sizeof(listening);

	unsetenv(SYSTEMD_COUNT);
	unsetenv(SYSTEMD_PROCESS);
	if (count != 1 || process != (unsigned long long)getpid()) {
		error_set(
		    error, STATUS_CONFIG,
		    "there is no socket: \"gate workers\" is started by a systemd socket unit "
		    "(%s, %s), see assay-in.socket",
		    SYSTEMD_COUNT, SYSTEMD_PROCESS);
		return -1;
	}
	if (getsockopt(LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
	    listening == 0) {
		error_set(error, STATUS_CONFIG,
			  "the socket does not listen: the socket unit needs Accept=no");
		return -1;
	}
	fcntl(LISTENER, F_SETFD, FD_CLOEXEC);
	fcntl(LISTENER, F_SETFL, fcntl(LISTENER, F_GETFL) | O_NONBLOCK);
	return LISTENER;
}

/* tell_workers - the one who watches; false if he is gone */
static bool tell_workers(const struct watcher *watcher, char state)
{
	const struct notice notice = {.process = getpid(), .state = state};

	return io_write(watcher->notices[1], &notice, sizeof(notice));
}

/* next_connection - waits for one; -1 when the time is up */
static int next_connection(int listener)
{
	const struct timespec deadline = deadline_after(WORKERS_IDLE_SECONDS);
	int connection;

	do {
		if (!io_wait(listener, POLLIN, &deadline))
			return -1;
		/* Another one may have been quicker. */
		connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	} while (connection < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED));
	return connection;
}

/* work_for_sessions - one session after the other; the exit status */
static int work_for_sessions(const struct watcher *watcher)
{
	struct error error;
	struct gate *gate = gate_new(watcher->settings, &error);
	int connection;

	for (unsigned i = 0; gate != NULL && i < WORKERS_SESSIONS_MAX; i++) {
		connection = next_connection(watcher->listener);
		if (connection < 0 || !tell_workers(watcher, BUSY))
			break;
		gate_serve(gate, connection, connection);
		close(connection);
		if (!tell_workers(watcher, IDLE))
			break;
	}
	gate_free(gate);
	return EX_OK;
}

/* begin_work - the life of a worker */
static _Noreturn void begin_work(struct watcher *watcher, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EX_OK);
	close(watcher->notices[0]);
	close(watcher->signals);
	system_log_close(&watcher->log);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(work_for_sessions(watcher));
}

/* start_worker - one more worker */
static void start_worker(struct watcher *watcher)
{
	pid_t parent = getpid();
	pid_t process = fork();

	if (process == 0)
		begin_work(watcher, parent);
	watcher->last_start = deadline_after(0);
	if (process > 0)
		watcher->workers[watcher->count++] = (struct worker){.process = process};
	else
		system_log_write(&watcher->log, LOG_WARNING,
				 slice_of("warning: cannot start another process"));
}

/* is_short - of workers: there are fewer than wanted, or all are busy */
static bool is_short(const struct watcher *watcher)
{
	if (watcher->count == WORKERS_MAX)
		return false;
	for (unsigned i = 0; i < watcher->count; i++) {
		if (!watcher->workers[i].is_busy)
			return watcher->count < watcher->wanted;
	}
	return true;
}

/* find - a worker; the count if there is none */
static unsigned find(const struct watcher *watcher, pid_t process)
{
	unsigned i = 0;

	while (i < watcher->count && watcher->workers[i].process != process)
		i++;
	return i;
}

/* read_notices - what the workers tell */
static void read_notices(struct watcher *watcher)
{
	struct notice notice;

	while (read(watcher->notices[0], &notice, sizeof(notice)) == sizeof(notice)) {
		unsigned i = find(watcher, notice.process);

		if (i < watcher->count)
			watcher->workers[i].is_busy = notice.state == BUSY;
	}
}

/* reap - workers that have ended */
static void reap(struct watcher *watcher)
{
	struct pool *pool = pool_new();
	int status;
	pid_t process;

	while ((process = waitpid(-1, &status, WNOHANG)) > 0) {
		unsigned i = find(watcher, process);

		if (i == watcher->count)
			continue;
		watcher->workers[i] = watcher->workers[--watcher->count];
		if (WIFSIGNALED(status))
			system_log_write(&watcher->log, LOG_WARNING,
					 slice_of(pool_printf(
					     pool, "warning: process %ld was ended by signal %d",
					     (long)process, WTERMSIG(status))));
	}
	pool_free(pool);
}

/* read_signals - false on SIGTERM */
static bool read_signals(struct watcher *watcher)
{
	struct signalfd_siginfo information;
	bool go_on = true;

	while (read(watcher->signals, &information, sizeof(information)) == sizeof(information)) {
		if (information.ssi_signo != SIGCHLD)
			go_on = false;
	}
	reap(watcher);
	return go_on;
}

/* patience - milliseconds until a worker may be started; -1: none is needed */
static int patience(const struct watcher *watcher)
{
	double left;

	if (!is_short(watcher))
		return -1;
	/* Workers that die at once, for want of memory, must not keep us busy. */
	left = watcher->count < watcher->wanted
		   ? PAUSE_SECONDS - deadline_passed(&watcher->last_start)
		   : 0;
	return left > 0 ? (int)(left * MILLISECONDS) + 1 : 0;
}

/* watch - over the workers, until SIGTERM */
static void watch(struct watcher *watcher)
{
	struct pollfd pollers[] = {{.fd = watcher->notices[0], .events = POLLIN},
				   {.fd = watcher->signals, .events = POLLIN}};
	bool go_on = true;

	for (unsigned i = 0; i < watcher->wanted; i++)
		start_worker(watcher);
	while (go_on) {
		int wait = patience(watcher);

		if (wait == 0)
			start_worker(watcher);
		if (poll(pollers, 2, wait) > 0) {
			read_notices(watcher);
			go_on = read_signals(watcher);
		}
	}
}

/* end_worker - all workers, when they have answered for the message that they have */
static void end_worker(struct watcher *watcher)
{
	for (unsigned i = 0; i < watcher->count; i++)
		kill(watcher->workers[i].process, SIGTERM);
	for (unsigned i = 0; i < watcher->count; i++)
		waitpid(watcher->workers[i].process, NULL, 0);
}

/* open_watcher - false with errno */
static bool open_watcher(struct watcher *watcher)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 || pipe2(watcher->notices, O_CLOEXEC) != 0)
		return false;
	fcntl(watcher->notices[0], F_SETFL, O_NONBLOCK);
	watcher->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return watcher->signals >= 0;
}

int gate_workers(int listener, unsigned count, const struct gate_settings *settings)
{
	struct watcher watcher = {.settings = settings,
				  .listener = listener,
				  .wanted = count < WORKERS_MAX ? count : WORKERS_MAX};

	if (!open_watcher(&watcher))
		return EX_OSERR;
	system_log_open(&watcher.log, settings->tag);
	watch(&watcher);
	end_worker(&watcher);
	system_log_close(&watcher.log);
	return EX_OK;
}
