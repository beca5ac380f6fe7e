/*
 * mime_reader - the leaves of a message, decoded (RFC 2045, 2046), as its octets come in
 *
 * Ours on purpose, not GMime's: glib ends a process that lacks memory with a signal, not with
 * status 75; and GMime cannot be linked statically without gpgme. What it needs is what a body
 * of reports has: multiparts of any depth, attached messages, and all the ways to write them that
 * mailers have found. Memory does not grow with the message.
 *
 * What a failure report or a bounce returns is not looked into: it is somebody's mail, not a
 * report to us.
 */
#ifndef ASSAY_REPORT_MIME_READER_H
#define ASSAY_REPORT_MIME_READER_H

#include "base/bytes.h"

#define MIME_DEPTH_MAX 64U /* RFC 2046 names none: multiparts in each other; deeper is text */
#define MIME_HEADER_MAX                                                                            \
	(256U << 10)              /* octets of the header section of a part; the rest is ignored */
#define MIME_LINE_MAX (64U << 10) /* octets of a line that are looked at together */

/* What is told about a leaf. */
struct mime_leaf {
	const char *type; /* "text/plain", lower case */
	bool in_report;   /* in a multipart/report (RFC 6522) */
};

/* Whom a message is told to. */
struct mime_handler {
	void *context;
	/* The header section of the message itself, line ends included. */
	void (*header)(void *context, struct slice header);
	void (*begin)(void *context, const struct mime_leaf *leaf);
	void (*data)(void *context, struct slice octets); /* decoded */
	void (*end)(void *context);
};

struct mime_reader;

/* The handler has to outlive the reader. */
struct mime_reader *mime_reader_new(const struct mime_handler *handler);
void mime_reader_add(struct mime_reader *reader, struct slice octets);
/* The message is over. */
void mime_reader_end(struct mime_reader *reader);
void mime_reader_free(struct mime_reader *reader);

/*
 * The value of the next field of that name in a header section, without folds and white space
 * around it, in the pool; NULL if there is none. *rest begins after it.
 */
const char *mime_field(struct pool *pool, struct slice *rest, const char *name);

#endif
