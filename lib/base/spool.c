/*
 * spool - bytes in memory, then in an unlinked file; see base/spool.h
 */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"

void spool_init(struct spool *spool, size_t memory_max)
{
	*spool = (struct spool){.fd = -1};
	buffer_init(&spool->memory, memory_max);
}

void spool_free(struct spool *spool)
{
	buffer_free(&spool->memory);
	if (spool->fd >= 0)
		close(spool->fd);
}

const char *spool_directory(void)
{
	const char *directory = getenv("TMPDIR");

	return directory != NULL && *directory != '\0' ? directory : "/tmp";
}

/* open_unlinked - an empty file without a name, or -1 */
static int open_unlinked(const char *directory)
{
	struct pool *pool;
	char *path;
	int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	/* file systems without O_TMPFILE say so in one of these ways, see open(2) */
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	pool = pool_new();
	path = pool_printf(pool, "%s/assay.XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	pool_free(pool);
	return fd;
}

int spool_file(struct error *error)
{
	int fd = open_unlinked(spool_directory());

	if (fd < 0)
		error_set(error, STATUS_FULL, "cannot make a file in %s: %s", spool_directory(),
			  strerror(errno));
	return fd;
}

/* add_to_file - what is in memory first, when the file is new */
static bool add_to_file(struct spool *spool, const void *data, size_t len)
{
	if (spool->fd < 0) {
		spool->fd = open_unlinked(spool_directory());
		if (spool->fd < 0)
			return false;
		if (!io_write(spool->fd, spool->memory.data, spool->memory.len))
			return false;
		buffer_free(&spool->memory);
	}
	return io_write(spool->fd, data, len);
}

bool spool_add(struct spool *spool, const void *data, size_t len, struct error *error)
{
	spool->len += len;
	if (spool->fd < 0 && len <= spool->memory.max - spool->memory.len)
		return buffer_add(&spool->memory, data, len);
	if (add_to_file(spool, data, len))
		return true;
	return error_set(error, STATUS_FULL, "cannot spool the message in %s: %s",
			 spool_directory(), strerror(errno));
}

/* copy_file - all that is in it */
static bool copy_file(int from, struct writer *to)
{
	char *chunk = memory_buffer(IO_CHUNK);
	off_t offset = 0;
	ssize_t got;
	bool written = true;

	do {
		got = pread(from, chunk, IO_CHUNK, offset);
		if (got > 0) {
			written = writer_add(to, chunk, (size_t)got);
			offset += got;
		}
	} while (written && (got > 0 || (got < 0 && errno == EINTR)));
	free(chunk);
	return written && got == 0;
}

bool spool_write_to(const struct spool *spool, struct writer *writer)
{
	if (spool->fd >= 0)
		return copy_file(spool->fd, writer);
	return writer_add(writer, spool->memory.data, spool->memory.len);
}

bool spool_write(const struct spool *spool, int fd)
{
	struct writer writer;
	bool written;

	writer_init(&writer, fd);
	written = spool_write_to(spool, &writer) && writer_flush(&writer);
	writer_free(&writer);
	return written;
}

ssize_t spool_read(const struct spool *spool, size_t offset, void *data, size_t size)
{
	ssize_t got;

	if (spool->fd < 0) {
		size_t left = offset < spool->memory.len ? spool->memory.len - offset : 0;

		if (left < size)
			size = left;
		if (size != 0)
			memcpy(data, spool->memory.data + offset, size);
		return (ssize_t)size;
	}
	do
		got = pread(spool->fd, data, size, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got;
}
