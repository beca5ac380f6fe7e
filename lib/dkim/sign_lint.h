/*
 * sign_lint - what later hops will change, and so break a signature
 *
 * RFC 5322 and RFC 6376 section 5.3: a message should be in its final form before it is signed.
 * The header section is looked at as a whole, the body as it arrives.
 */
#ifndef ASSAY_DKIM_SIGN_LINT_H
#define ASSAY_DKIM_SIGN_LINT_H

#include "mail/message.h"

#define DKIM_LINT_LINE_MAX 998 /* RFC 5322 2.1.1: octets without the line end */

enum dkim_lint_finding {
	DKIM_LINT_BARE_CR,
	DKIM_LINT_MIXED_LINE_ENDS,
	DKIM_LINT_LONG_LINE,
	DKIM_LINT_NUL,
	DKIM_LINT_NO_MIME,
	DKIM_LINT_NO_DATE,
	DKIM_LINT_NO_FROM,
	DKIM_LINT_NO_MESSAGE_ID,
	DKIM_LINT_TWO_FROM,
	DKIM_LINT_NO_FIELD, /* a line in the header section that is none */
	DKIM_LINT_FINDINGS
};

struct dkim_lint {
	bool found[DKIM_LINT_FINDINGS];
	bool has_mime; /* says how 8-bit octets are to be read */
	bool has_8bit;
	bool line_ends[2]; /* LF, CRLF */
	bool cr;           /* the last octet */
	size_t line_len;   /* of the current line, octets, a CR at its end included */
};

/* Looks at the header section. */
void dkim_lint_header(struct dkim_lint *lint, const struct message *message);

/* A message_sink; context is the lint. */
void dkim_lint_body(void *context, const char *data, size_t len);

/* The body is complete. */
void dkim_lint_finish(struct dkim_lint *lint);

/* What is wrong, for people: "lines longer than 998 octets". */
const char *dkim_lint_text(enum dkim_lint_finding finding);

#endif
