/*
 * source - where octets come from; see base/source.h
 */
#include "base/source.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"

/* read_fd - a source_reader */
static ssize_t read_fd(const struct source *source, void *data, size_t size, struct error *error)
{
	ssize_t got = io_read(source->fd, data, size);

	if (got < 0)
		error_set(error, STATUS_OTHER, "cannot read the message: %s", strerror(errno));
	return got;
}

struct source source_of_fd(int fd)
{
	return (struct source){.read = read_fd, .fd = fd};
}

ssize_t source_read(const struct source *source, void *data, size_t size, struct error *error)
{
	return source->read(source, data, size, error);
}
