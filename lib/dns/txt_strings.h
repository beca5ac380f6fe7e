/*
 * txt_strings - the character-strings of a TXT record (RFC 1035 3.3, 3.3.14, 5.1)
 */
#ifndef ASSAY_DNS_TXT_STRINGS_H
#define ASSAY_DNS_TXT_STRINGS_H

#include "base/bytes.h"

#define ZONE_STRING_MAX 255 /* RFC 1035 3.3: octets of a character-string */

/* As many of them in quotes as a text takes, with blanks between them. */
const char *txt_strings(struct pool *pool, struct slice text);

#endif
