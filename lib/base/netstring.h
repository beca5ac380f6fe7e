/*
 * netstring - LENGTH:OCTETS, as in D. J. Bernstein's definition of 1997
 *
 * Whoever reads one knows how much will come before it comes, any octet goes through, and the comma
 * shows at once when two programs no longer agree on where they are. A length is written in decimal
 * digits without leading zeros. Reading is bounded: by the largest length that the caller allows
 * before any of the octets are read, and then by the room that the caller has for a piece of them.
 */
#ifndef ASSAY_BASE_NETSTRING_H
#define ASSAY_BASE_NETSTRING_H

#include "base/reader.h"
#include "base/source.h"
#include "base/writer.h"

enum netstring_outcome {
	NETSTRING_ABSENT, /* the input has ended where a netstring would begin; or all was read */
	NETSTRING_OPEN,   /* the length has been read, and is in order */
	NETSTRING_BROKEN, /* see error: no netstring, too long, cut off or not there in time */
};

/* One netstring that is being read. */
struct netstring {
	struct reader *reader;
	unsigned long long len;
	unsigned long long left;        /* octets that have not been read yet */
	enum netstring_outcome outcome; /* so far */
};

/* Reads the length, at most max. reader must live as long as the netstring. */
enum netstring_outcome netstring_open(struct netstring *netstring, struct reader *reader,
				      unsigned long long max, struct error *error);

/*
 * The next octets: up to size, at least one. 0 when all have been read and the comma after them;
 * -1 with error, now and ever after: what else comes from the reader has no meaning.
 */
ssize_t netstring_read(struct netstring *netstring, void *data, size_t size, struct error *error);

/* Reads what is left, and the comma, for nobody; false with error. */
bool netstring_skip(struct netstring *netstring, struct error *error);

/* The octets as a source; it lives as long as the netstring. */
struct source netstring_source(struct netstring *netstring);

/* Writes the length and the colon; len octets and netstring_end() must follow. False with errno. */
bool netstring_begin(struct writer *writer, unsigned long long len);
bool netstring_end(struct writer *writer);

#endif
