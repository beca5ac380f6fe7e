/*
 * writer - a descriptor whose short pieces are gathered; see base/writer.h
 */
#include "base/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"

void writer_init(struct writer *writer, int fd)
{
	*writer = (struct writer){.fd = fd};
}

void writer_free(struct writer *writer)
{
	free(writer->data);
	writer_init(writer, writer->fd);
}

/* send_all - to the descriptor itself */
static bool send_all(const struct writer *writer, const char *data, size_t len)
{
	if (writer->deadline == NULL)
		return io_write(writer->fd, data, len);
	while (len > 0) {
		ssize_t written = write(writer->fd, data, len);

		if (written >= 0) {
			data += written;
			len -= (size_t)written;
		} else if (errno != EINTR &&
			   (errno != EAGAIN || !io_wait(writer->fd, POLLOUT, writer->deadline))) {
			return false;
		}
	}
	return true;
}

bool writer_add(struct writer *writer, const void *data, size_t len)
{
	if (len > IO_CHUNK - writer->len && !writer_flush(writer))
		return false;
	if (len >= IO_CHUNK)
		return send_all(writer, data, len);
	if (writer->data == NULL)
		writer->data = memory_buffer(IO_CHUNK);
	if (len != 0)
		memcpy(writer->data + writer->len, data, len);
	writer->len += len;
	return true;
}

bool writer_flush(struct writer *writer)
{
	size_t len = writer->len;

	writer->len = 0;
	return send_all(writer, writer->data, len);
}
