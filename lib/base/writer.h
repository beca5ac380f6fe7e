/*
 * writer - a descriptor whose short pieces are gathered, so that they cost no system call each
 *
 * Without a deadline a writer waits for as long as it takes. With one the descriptor must not block
 * (O_NONBLOCK, fcntl(2)), as in base/reader.h.
 */
#ifndef ASSAY_BASE_WRITER_H
#define ASSAY_BASE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct writer {
	int fd;                          /* of the caller, who closes it */
	const struct timespec *deadline; /* of the caller (base/deadline.h); NULL: none */
	char *data;                      /* owned; IO_CHUNK octets, from the first use on */
	size_t len;                      /* gathered, not yet written */
};

void writer_init(struct writer *writer, int fd);
void writer_free(struct writer *writer); /* what was not flushed is dropped */

/* Takes all octets. False with errno (ETIMEDOUT: the deadline has passed): some are lost. */
bool writer_add(struct writer *writer, const void *data, size_t len);

/* Writes what was gathered; false as above. */
bool writer_flush(struct writer *writer);

#endif
