/*
 * spool - bytes of any number, kept in memory up to a bound and then in an
 * unlinked file in $TMPDIR (/tmp)
 */
#ifndef ASSAY_BASE_SPOOL_H
#define ASSAY_BASE_SPOOL_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/writer.h"

struct spool {
	struct buffer memory; /* everything, as long as fd is -1 */
	int fd;
	unsigned long long len; /* octets, wherever they are */
};

void spool_init(struct spool *spool, size_t memory_max);
void spool_free(struct spool *spool);

/* Appends. False and error when there is no room left on the disk. */
bool spool_add(struct spool *spool, const void *data, size_t len, struct error *error);

/* A new file in $TMPDIR without a name, or -1 with error. */
int spool_file(struct error *error);

/* Where such files go. */
const char *spool_directory(void);

/*
 * Some octets from that offset on: how many, 0 at the end, -1 with errno. For all of it, go on
 * where the last ones have ended.
 */
ssize_t spool_read(const struct spool *spool, size_t offset, void *data, size_t size);

/* Writes everything to fd; false with errno otherwise. */
bool spool_write(const struct spool *spool, int fd);

/* The same through a writer, which is not flushed. */
bool spool_write_to(const struct spool *spool, struct writer *writer);

#endif
