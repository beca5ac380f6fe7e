/*
 * utf8 - well-formed UTF-8 (RFC 3629)
 */
#ifndef ASSAY_BASE_UTF8_H
#define ASSAY_BASE_UTF8_H

#include "base/bytes.h"

/* RFC 3629: one well-formed UTF-8 sequence of two to four octets. */
size_t skip_utf8_tail(struct slice s);

/* The same, and which character it is; 0 if there is none. */
size_t utf8_decode(struct slice s, unsigned *code);

/* Printable ASCII, SP and well-formed UTF-8, without control characters (U+0080 to U+009F too)? */
bool is_clean_text(struct slice s);

#endif
