/*
 * bounce - a report that has come back: which one it was, and why (RFC 3464)
 *
 * The text is a stranger's, whole or cut off; nothing in it is believed but the name of a mail
 * that nobody else can know.
 */
#ifndef ASSAY_BOUNCE_H
#define ASSAY_BOUNCE_H

#include "bytes.h"

#define BOUNCE_REASON_MAX 300 /* octets of a diagnostic that are kept */

/* Cuts the text up to and including the next token (report_mail.h) off; false if there is none. */
bool bounce_next_token(struct slice *text, struct slice *token);

/* Not a notice of a delay, or of success? */
bool bounce_is_final(struct slice text);

/* What the other side has said; printable ASCII. */
const char *bounce_reason(struct pool *pool, struct slice text);

#endif
