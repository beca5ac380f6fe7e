/*
 * reader - a descriptor that is read ahead, so that short pieces cost no system call each
 *
 * Without a deadline a reader waits for as long as it takes. With one the descriptor must not block
 * (O_NONBLOCK, fcntl(2)): poll(2) alone cannot keep a promise about time.
 */
#ifndef ASSAY_BASE_READER_H
#define ASSAY_BASE_READER_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* What reader_byte() returns instead of an octet. */
#define READER_END    (-1)
#define READER_FAILED (-2) /* see errno; ETIMEDOUT: the deadline has passed */

struct reader {
	int fd;                          /* of the caller, who closes it */
	const struct timespec *deadline; /* of the caller (base/deadline.h); NULL: none */
	char *data;                      /* owned; IO_CHUNK octets, from the first use on */
	size_t start;                    /* what was read ahead is from here */
	size_t end;                      /* up to here */
};

void reader_init(struct reader *reader, int fd);
void reader_free(struct reader *reader);

/* The next octet, 0 to 255; or one of the above. */
int reader_byte(struct reader *reader);

/* Up to size octets, at least one; 0 at the end, -1 with errno on failure. */
ssize_t reader_read(struct reader *reader, void *data, size_t size);

#endif
