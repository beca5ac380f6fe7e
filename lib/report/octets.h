/*
 * octets - octets that are read one after the other: from memory, a file, or out of a container
 *
 * A blob is at rest and can be read again; octets are passing by. What is unpacked comes in
 * octets, so that nobody ever holds all of it.
 */
#ifndef ASSAY_REPORT_OCTETS_H
#define ASSAY_REPORT_OCTETS_H

#include "base/spool.h"

struct octets {
	/* Up to size octets into data; 0 at the end. */
	size_t (*read)(struct octets *octets, char *data, size_t size);
};

/* In memory, or in a file whose position nobody else uses. */
struct blob {
	const char *data; /* NULL: in the file */
	int fd;
	unsigned long long size;
};

struct blob blob_of_spool(const struct spool *spool, unsigned long long size);

/* Up to size octets from an offset on; 0 at the end, and when the file cannot be read. */
size_t blob_read(const struct blob *blob, unsigned long long offset, char *data, size_t size);

struct blob_octets {
	struct octets octets; /* first member: it is what readers get */
	const struct blob *blob;
	unsigned long long offset;
};

void blob_octets_init(struct blob_octets *reader, const struct blob *blob);

#endif
