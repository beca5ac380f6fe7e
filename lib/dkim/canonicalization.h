/*
 * canonicalization - canonicalization of header fields and bodies (RFC 6376 section 3.4)
 *
 * Canonical text is handed to a sink piece by piece; no more than a few
 * kilobytes of it exist at a time.
 *
 * Every LF and CRLF is a line end and comes out as CRLF, so a message reads the same
 * from a socket, a file or a pipe. A CR that no LF follows is an ordinary byte.
 */
#ifndef ASSAY_DKIM_CANONICALIZATION_H
#define ASSAY_DKIM_CANONICALIZATION_H

#include "dkim/body_copy.h"
#include "mail/message.h"

#define DKIM_CANON_TEXT_MAX 8192 /* stays in the first-level cache until it is hashed */

/* Canonical text on its way to the sink. */
struct dkim_canon_writer {
	message_sink *sink;
	void *context;
	size_t len;
	char text[DKIM_CANON_TEXT_MAX + DKIM_CANON_STEP_MAX];
};

void dkim_canon_writer_init(struct dkim_canon_writer *writer, message_sink *sink, void *context);
/* What the writer still holds goes to the sink. */
void dkim_canon_flush(struct dkim_canon_writer *writer);

/* One header field, with CRLF at its end. */
void dkim_canon_field(struct dkim_canon_writer *writer, enum dkim_canon algorithm,
		      const struct field *field);

/*
 * The field that holds the signature itself: without b_value, the part of its value that
 * belongs to b=, and without CRLF at its end (RFC 6376 section 3.7, hash step 2).
 */
void dkim_canon_signature(struct dkim_canon_writer *writer, enum dkim_canon algorithm,
			  const struct field *field, struct slice b_value);

/* Canonicalization of a body that arrives in pieces of any size. */
struct dkim_canon_body {
	enum dkim_canon algorithm;
	dkim_canon_copier *copier; /* dkim_canon_copy_fast; tests compare others */
	struct dkim_canon_writer writer;
	/* Seen, but it counts only if an ordinary byte follows; in this order: */
	unsigned long long line_ends;
	bool space; /* relaxed only */
	bool cr;    /* perhaps the first half of a line end */
	bool text;  /* something has been written */
};

void dkim_canon_body_init(struct dkim_canon_body *body, enum dkim_canon algorithm,
			  message_sink *sink, void *context);
void dkim_canon_body_update(struct dkim_canon_body *body, const char *data, size_t len);
/* The end of the body: superfluous line ends are dropped, a missing one is added. */
void dkim_canon_body_finish(struct dkim_canon_body *body);

#endif
