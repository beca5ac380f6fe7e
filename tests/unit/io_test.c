/*
 * io: descriptors that are slow, do not block, or have lost their other end
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "tap.h"

#define MUCH 1000000 /* octets: more than a pipe or a socket takes at once */

/* pair_of - two ends of a pipe or a socket; the second is written to; neither blocks */
static void pair_of(bool is_socket, int *ends)
{
	if ((is_socket ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)
		       : pipe2(ends, O_NONBLOCK)) != 0)
		exit(1);
}

/* read_slowly - a process that reads all of it bit by bit; its status is how much of a MUCH it was
 */
static pid_t read_slowly(int from, int unused)
{
	static char chunk[50000];
	size_t count = 0;
	ssize_t got;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child != 0)
		return child;
	close(unused);
	while ((got = io_read(from, chunk, sizeof(chunk))) > 0) {
		count += (size_t)got;
		usleep(1000);
	}
	_exit(got < 0 ? 100 : (int)(count * 50 / MUCH));
}

/* status_of - the exit status of a process */
static int status_of(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_write(char *much)
{
	int ends[2];
	pid_t child;

	pair_of(false, ends);
	child = read_slowly(ends[0], ends[1]);
	close(ends[0]);
	ok(io_write(ends[1], much, MUCH), "a pipe that does not block takes everything");
	close(ends[1]);
	is_number(status_of(child), 50, "... and its reader gets everything");
	pair_of(false, ends);
	close(ends[0]);
	errno = 0;
	ok(!io_write(ends[1], much, 1) && errno == EPIPE, "a reader that is gone is an error");
	ok(io_write(ends[1], much, 0), "... but not where there is nothing to say");
	close(ends[1]);
}

static void test_read(void)
{
	char text[10];
	int ends[2];

	pair_of(false, ends);
	ok(io_write(ends[1], "abc", 3) && io_read(ends[0], text, sizeof(text)) == 3,
	   "what is there is read");
	close(ends[1]);
	is_number(io_read(ends[0], text, sizeof(text)), 0, "then the end");
	close(ends[0]);
	ok(io_read(ends[0], text, sizeof(text)) == -1 && errno == EBADF,
	   "what is closed is an error");
}

/* read_of - all of a file of so many octets, into a buffer that may have max; its length, -1 on
 * failure */
static long long read_of(const char *much, size_t len, size_t max)
{
	int fd = memfd_create("whole", 0);
	struct buffer content;
	long long got;

	if (!io_write(fd, much, len) || lseek(fd, 0, SEEK_SET) != 0)
		exit(1);
	buffer_init(&content, max);
	got = io_read_all(fd, &content) ? (long long)content.len : -1;
	if (got < 0 && (errno != EFBIG || !content.overflow))
		got = -2;
	buffer_free(&content);
	close(fd);
	return got;
}

static void test_read_all(const char *much)
{
	struct buffer content;

	is_number(read_of(much, 0, 10), 0, "an empty file is read");
	is_number(read_of(much, 10, 10), 10, "... one that fills what it may have");
	is_number(read_of(much, 11, 10), -1, "... an octet more is too large");
	is_number(read_of(much, IO_CHUNK, IO_CHUNK), IO_CHUNK, "... a chunk");
	is_number(read_of(much, MUCH, MUCH), MUCH, "... several chunks");
	is_number(read_of(much, MUCH, MUCH - 1), -1, "... and an octet more");
	is_number(read_of(much, MUCH, SIZE_MAX), MUCH, "... without a bound");
	buffer_init(&content, 10);
	ok(!io_read_all(-1, &content) && errno == EBADF && !content.overflow,
	   "no file is an error");
	buffer_free(&content);
}

static void test_wait_any(void)
{
	struct timespec soon = deadline_after(0.1);
	int one[2], two[2];
	struct pollfd pollers[2];

	pair_of(false, one);
	pair_of(false, two);
	pollers[0] = (struct pollfd){.fd = one[0], .events = POLLIN};
	pollers[1] = (struct pollfd){.fd = two[0], .events = POLLIN};
	ok(io_write(two[1], "x", 1) && io_wait_any(pollers, 2, &soon) && pollers[0].revents == 0 &&
	       pollers[1].revents == POLLIN,
	   "one of several is waited for");
	ok(!io_wait_any(pollers, 1, &soon) && errno == ETIMEDOUT, "... until the deadline");
	for (size_t i = 0; i < 2; i++) {
		close(one[i]);
		close(two[i]);
	}
}

static void test_deadlines(char *much)
{
	struct timespec soon = deadline_after(0.1), start = deadline_after(0),
			far = deadline_after(30);
	char text[10];
	int ends[2];
	pid_t child;

	pair_of(true, ends);
	ok(!io_wait(ends[0], POLLIN, &soon) && errno == ETIMEDOUT && deadline_passed(&start) >= 0.1,
	   "waiting ends with the deadline, not before");
	ok(io_receive(ends[0], text, sizeof(text), &soon) == -1 && errno == ETIMEDOUT,
	   "so does receiving");
	ok(!io_send(ends[1], much, MUCH, &soon) && errno == ETIMEDOUT, "... and sending");
	ok(deadline_passed(&start) < 10, "... at once");
	close(ends[0]);
	close(ends[1]);

	pair_of(true, ends);
	child = read_slowly(ends[0], ends[1]);
	close(ends[0]);
	ok(io_send(ends[1], much, MUCH, &far), "a slow reader gets everything in time");
	close(ends[1]);
	is_number(status_of(child), 50, "... all of it");

	pair_of(true, ends);
	close(ends[0]);
	ok(!io_send(ends[1], much, 1, &far) && errno == EPIPE,
	   "nobody at the other end is an error");
	is_number(io_receive(ends[1], text, sizeof(text), &far), 0, "... and the end for a reader");
	close(ends[1]);
}

/* prepared - does io_prepare() succeed in a process without that descriptor? */
static int prepared(int closed)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(closed);
		_exit(!io_prepare() ? 1 : fcntl(closed, F_GETFD) < 0 ? 2 : 0);
	}
	return status_of(child);
}

/* write_beyond - the file size limit, in a process of its own: 0 if it is an error and no signal */
static int write_beyond(char *much)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct rlimit limit = {1000, 1000};
		char path[] = "/tmp/io_test.XXXXXX";
		int fd = mkstemp(path);

		unlink(path);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(!io_write(fd, much, MUCH) && errno == EFBIG ? 0 : 1);
	}
	return status_of(child);
}

/* closed_output - 0 if a file opened after io_close_output() is not standard output */
static int closed_output(void)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(io_close_output() && open("/dev/null", O_RDONLY) != STDOUT_FILENO ? 0 : 1);
	return status_of(child);
}

/* full_output - 0 if closing tells that standard output has failed before */
static int full_output(void)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(STDOUT_FILENO);
		_exit(io_close_output() ? 1 : 0);
	}
	return status_of(child);
}

int main(void)
{
	static char much[MUCH];

	ok(io_prepare(), "standard descriptors are there");
	is_number(prepared(STDIN_FILENO), 1, "without standard input nothing is prepared");
	is_number(prepared(STDOUT_FILENO), 1, "... nor without standard output");
	is_number(prepared(STDERR_FILENO), 0, "... standard error is put in its place");
	test_write(much);
	test_read();
	test_read_all(much);
	test_wait_any();
	test_deadlines(much);
	is_number(write_beyond(much), 0, "a file size limit is an error, not a signal");
	is_number(closed_output(), 0, "after standard output is closed its number stays taken");
	is_number(full_output(), 0, "a standard output that cannot be closed is an error");
	return done();
}
