/*
 * txt_strings - the text of a TXT record as zone files have it
 *
 * RFC 1035 sections 3.3.14 and 5.1: character-strings in quotes, each of at most 255 octets.
 */
#ifndef ASSAY_TXT_STRINGS_H
#define ASSAY_TXT_STRINGS_H

#include "bytes.h"

/* As many strings as it takes, with blanks between them. */
const char *txt_strings(struct pool *pool, struct slice text);

#endif
