/*
 * source - where octets come from: a descriptor to its end, or part of a stream
 */
#ifndef ASSAY_BASE_SOURCE_H
#define ASSAY_BASE_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct source;

/* Up to size octets, at least one; 0 at the end, -1 with error. */
typedef ssize_t source_reader(const struct source *source, void *data, size_t size,
			      struct error *error);

struct source {
	source_reader *read;
	int fd;        /* for source_of_fd() */
	void *context; /* for other kinds */
};

/* All that can be read from fd. */
struct source source_of_fd(int fd);

ssize_t source_read(const struct source *source, void *data, size_t size, struct error *error);

#endif
