/*
 * io - reading and writing file descriptors; see base/io.h
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/deadline.h"

#define MILLISECONDS 1000 /* in a second */

bool io_prepare(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return false;
	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		return open("/dev/null", O_WRONLY) == STDERR_FILENO;
	return true;
}

bool io_wait_any(struct pollfd *pollers, size_t count, const struct timespec *deadline)
{
	double left;

	while ((left = deadline_left(deadline) * MILLISECONDS) > 0) {
		int ready = poll(pollers, count, left < INT_MAX ? (int)left + 1 : INT_MAX);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	errno = ETIMEDOUT;
	return false;
}

bool io_wait(int fd, short events, const struct timespec *deadline)
{
	struct pollfd poller = {.fd = fd, .events = events};

	return io_wait_any(&poller, 1, deadline);
}

/* is_transient - a call that failed because it would have had to wait */
static bool is_transient(void)
{
	return errno == EAGAIN || errno == EINTR;
}

bool io_send(int fd, const void *data, size_t len, const struct timespec *deadline)
{
	const char *rest = data;

	while (len > 0) {
		ssize_t sent = send(fd, rest, len, MSG_NOSIGNAL);

		if (sent >= 0) {
			rest += sent;
			len -= (size_t)sent;
		} else if (!is_transient() || !io_wait(fd, POLLOUT, deadline)) {
			return false;
		}
	}
	return true;
}

ssize_t io_receive(int fd, void *data, size_t size, const struct timespec *deadline)
{
	ssize_t got;

	do
		got = recv(fd, data, size, 0);
	while (got < 0 && is_transient() && io_wait(fd, POLLIN, deadline));
	return got;
}

/* wait_again - after a failed call: should it be repeated, and if so, is it time? */
static bool wait_again(int fd, short events)
{
	struct pollfd poller = {.fd = fd, .events = events};

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	return poll(&poller, 1, -1) >= 0 || errno == EINTR;
}

ssize_t io_read(int fd, void *data, size_t size)
{
	ssize_t got;

	do
		got = read(fd, data, size);
	while (got < 0 && wait_again(fd, POLLIN));
	return got;
}

bool io_read_all(int fd, struct buffer *content)
{
	char beyond = '\0'; /* one more octet than there is room for tells that there are more */
	ssize_t got;

	do {
		bool full = content->len == content->max;
		size_t size = sizeof(beyond);
		char *room = full ? &beyond : buffer_room(content, &size);

		got = io_read(fd, room, size);
		if (got > 0 && full) {
			content->overflow = true;
			errno = EFBIG;
			return false;
		}
		content->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	return got == 0;
}

bool io_write(int fd, const void *data, size_t len)
{
	const char *rest = data;
	ssize_t written;

	while (len > 0) {
		written = write(fd, rest, len);
		if (written >= 0) {
			rest += written;
			len -= (size_t)written;
		} else if (!wait_again(fd, POLLOUT)) {
			return false;
		}
	}
	return true;
}

bool io_close_output(void)
{
	bool good = close(STDOUT_FILENO) == 0;

	/* The number stays taken: sqlite opens /dev/null rather than a database as standard output.
	 */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	return good;
}
