/*
 * bounce - a report that has come back: which one it was, and why (RFC 3464)
 *
 * The text is a stranger's, whole or cut off; nothing in it is believed but the name of a mail
 * that nobody else can know.
 */
#ifndef ASSAY_REPORT_BOUNCE_H
#define ASSAY_REPORT_BOUNCE_H

#include "base/bytes.h"

#define BOUNCE_REASON_MAX 300 /* octets of a diagnostic that are kept */

/* Cuts the text up to and including the next token (report/report_mail.h) off; false if there is
 * none. */
bool bounce_next_token(struct slice *text, struct slice *token);

/*
 * Has the mail failed for good? Not, if this is a notice of a delay or of success, or what a
 * reader answers, or a program of his while he is away. Mail systems without notices of RFC 3464
 * are known by their name in From.
 */
bool bounce_is_final(struct slice text);

/* What the other side has said; printable ASCII. */
const char *bounce_reason(struct pool *pool, struct slice text);

#endif
