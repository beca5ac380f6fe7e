/*
 * body_copy - the inner part of a piece of a body, canonicalized (RFC 6376 section 3.4)
 *
 * The bytes before in and before end are ordinary ones (no white space, CR or LF), so nothing here
 * depends on more than the neighbours of a byte: nearly all of a message is copied by this.
 */
#ifndef ASSAY_DKIM_BODY_COPY_H
#define ASSAY_DKIM_BODY_COPY_H

enum dkim_canon {
	DKIM_CANON_SIMPLE,
	DKIM_CANON_RELAXED,
};

#define DKIM_CANON_STEP_MAX 2304 /* a copier may write so much after the limit */

struct dkim_canon_run {
	const char *in;
	const char *end;
	char *out;
	const char *limit; /* of out; at most DKIM_CANON_STEP_MAX bytes are written after it */
};

/* Copies canonical text from in to out until one of them has come to its end. */
typedef void dkim_canon_copier(struct dkim_canon_run *run, enum dkim_canon algorithm);

/* One byte at a time: works everywhere. */
dkim_canon_copier dkim_canon_copy_bytes;
/* As many bytes at a time as the processor takes. */
dkim_canon_copier dkim_canon_copy_fast;

#endif
