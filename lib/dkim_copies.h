/*
 * dkim_copies - what the copies of the signed fields tell (RFC 6376 section 3.5 z=)
 *
 * They are no part of any verdict. When a signature does not match they can name the field
 * that was changed on the way, if the signer was so kind as to send them.
 */
#ifndef ASSAY_DKIM_COPIES_H
#define ASSAY_DKIM_COPIES_H

#include "dkim_header.h"

/*
 * The name of the first copied field that is not in the message as it was, white space aside;
 * NULL if all of them are. Fields are taken from header, which has to be restarted before.
 */
const char *dkim_copies_changed(struct pool *pool, struct dkim_header *header, struct slice copies);

#endif
