/*
 * reader - a descriptor that is read ahead; see base/reader.h
 */
#include "base/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"

void reader_init(struct reader *reader, int fd)
{
	*reader = (struct reader){.fd = fd};
}

void reader_free(struct reader *reader)
{
	free(reader->data);
	reader_init(reader, reader->fd);
}

/* receive - from the descriptor itself */
static ssize_t receive(const struct reader *reader, void *data, size_t size)
{
	ssize_t got;

	if (reader->deadline == NULL)
		return io_read(reader->fd, data, size);
	do
		got = read(reader->fd, data, size);
	while (got < 0 && (errno == EINTR ||
			   (errno == EAGAIN && io_wait(reader->fd, POLLIN, reader->deadline))));
	return got;
}

/* read_ahead - what there is; as receive() */
static ssize_t read_ahead(struct reader *reader)
{
	ssize_t got;

	if (reader->data == NULL)
		reader->data = memory_buffer(IO_CHUNK);
	got = receive(reader, reader->data, IO_CHUNK);
	reader->start = 0;
	reader->end = got > 0 ? (size_t)got : 0;
	return got;
}

int reader_byte(struct reader *reader)
{
	if (reader->start == reader->end) {
		ssize_t got = read_ahead(reader);

		if (got <= 0)
			return got == 0 ? READER_END : READER_FAILED;
	}
	return (unsigned char)reader->data[reader->start++];
}

ssize_t reader_read(struct reader *reader, void *data, size_t size)
{
	size_t count = reader->end - reader->start;

	if (count == 0 && size >= IO_CHUNK)
		return receive(reader, data, size);
	if (count == 0) {
		ssize_t got = read_ahead(reader);

		if (got <= 0)
			return got;
		count = (size_t)got;
	}
	if (count > size)
		count = size;
	memcpy(data, reader->data + reader->start, count);
	reader->start += count;
	return (ssize_t)count;
}
