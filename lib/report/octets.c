/*
 * octets - octets at rest and passing by; see report/octets.h
 */
#include "report/octets.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct blob blob_of_spool(const struct spool *spool, unsigned long long size)
{
	return (struct blob){
	    .data = spool->fd < 0 ? spool->memory.data : NULL,
	    .fd = spool->fd,
	    .size = size,
	};
}

size_t blob_read(const struct blob *blob, unsigned long long offset, char *data, size_t size)
{
	ssize_t got;

	if (offset >= blob->size)
		return 0;
	if (size > blob->size - offset)
		size = (size_t)(blob->size - offset);
	if (blob->data != NULL) {
		memcpy(data, blob->data + offset, size);
		return size;
	}
	do
		got = pread(blob->fd, data, size, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

/* next_of_blob - moves on */
static size_t next_of_blob(struct octets *octets, char *data, size_t size)
{
	struct blob_octets *reader = (struct blob_octets *)octets;
	size_t got = blob_read(reader->blob, reader->offset, data, size);

	reader->offset += got;
	return got;
}

void blob_octets_init(struct blob_octets *reader, const struct blob *blob)
{
	*reader = (struct blob_octets){.octets = {next_of_blob}, .blob = blob};
}
