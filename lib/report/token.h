/*
 * token - the name of one mail, which nobody can know but who has got it
 *
 * All recipients of a report know its Report-ID, and a notice that a mail has come back is believed
 * by the token alone. So it has a part that depends on the recipient and on a key that never leaves
 * the history: who has got one mail cannot name that of another one.
 */
#ifndef ASSAY_REPORT_TOKEN_H
#define ASSAY_REPORT_TOKEN_H

#include "base/bytes.h"

/* "REPORT-ID.CODE"; key has 32 hexadecimal digits, see history_key(). */
const char *report_token(struct pool *pool, const char *key, const char *report_id,
			 const char *address);

/* Cuts the text up to and including the next token off; false if there is none. */
bool token_next(struct slice *text, struct slice *token);

/* The Report-ID in a token. */
struct slice token_report_id(struct slice token);

#endif
