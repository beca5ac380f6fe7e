/*
 * io - reading and writing file descriptors that may be slow, non-blocking or gone
 */
#ifndef ASSAY_BASE_IO_H
#define ASSAY_BASE_IO_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/bytes.h"

#define IO_CHUNK 65536 /* octets moved at once: the capacity of a pipe */

/*
 * Makes standard input, output and error safe to use: each must be open (a file
 * opened later would take its number), and a reader that went away or a file
 * size limit becomes an error of write() instead of a signal. False if
 * standard input or output is closed; a closed standard error goes to /dev/null.
 */
bool io_prepare(void);

/*
 * Waits for one of the events of poll(2), or the end. False with errno; that is ETIMEDOUT if the
 * deadline (base/deadline.h) has passed.
 */
bool io_wait(int fd, short events, const struct timespec *deadline);

/* The same for several of them, as poll(2) has them. */
bool io_wait_any(struct pollfd *pollers, size_t count, const struct timespec *deadline);

/*
 * send() and recv() on a socket that does not block, with a deadline. io_send() sends everything;
 * io_receive() returns the number of octets, 0 at the end, -1 with errno on failure.
 */
bool io_send(int fd, const void *data, size_t len, const struct timespec *deadline);
ssize_t io_receive(int fd, void *data, size_t size, const struct timespec *deadline);

/* Like read(), but waits and is not interrupted; -1 with errno on failure, 0 at the end. */
ssize_t io_read(int fd, void *data, size_t size);

/* Reads everything up to the end into content. False with errno; EFBIG: it has more octets than
 * that. */
bool io_read_all(int fd, struct buffer *content);

/* Writes everything; false with errno otherwise. */
bool io_write(int fd, const void *data, size_t len);

/*
 * Closes standard output: the last place where a write can turn out to have failed. Standard error
 * takes its place, so that no file that is opened later is mistaken for it.
 */
bool io_close_output(void);

#endif
