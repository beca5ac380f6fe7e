/*
 * copied_fields - what the copies of the signed fields tell (RFC 6376 section 3.5 z=)
 *
 * They are no part of any verdict. When a signature does not match they can name the field
 * that was changed on the way, if the signer was so kind as to send them.
 */
#ifndef ASSAY_DKIM_COPIED_FIELDS_H
#define ASSAY_DKIM_COPIED_FIELDS_H

#include "dkim/signed_fields.h"

/*
 * The name of the first copied field that is not in the message as it was, white space aside;
 * NULL if all of them are. Fields are taken from header, which has to be restarted before.
 */
const char *copied_fields_changed(struct pool *pool, struct dkim_header *header,
				  struct slice copies);

#endif
