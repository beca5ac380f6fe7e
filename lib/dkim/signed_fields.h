/*
 * signed_fields - which header fields a signature covers (RFC 6376 sections 5.4.2 and 6.1.3)
 *
 * h= names fields one by one, each name for the lowest field of that name not taken yet.
 * The names are sorted once, so that long lists over many fields cost no more
 * than their length.
 */
#ifndef ASSAY_DKIM_SIGNED_FIELDS_H
#define ASSAY_DKIM_SIGNED_FIELDS_H

#include "mail/message.h"

struct dkim_header;

/* Sorts the fields of the message, also those that will be removed when it is written. */
struct dkim_header *signed_fields_new(struct pool *pool, const struct message *message);

/* Nothing is taken any more. own, the field with the signature itself, never will be; or NULL. */
void signed_fields_restart(struct dkim_header *header, const struct field *own);

/* The next field of that name, from the bottom up; NULL if there is none left. */
const struct field *signed_fields_take(struct dkim_header *header, struct slice name);

#endif
