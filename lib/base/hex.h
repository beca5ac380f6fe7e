/*
 * hex - octets as two hexadecimal digits each
 */
#ifndef ASSAY_BASE_HEX_H
#define ASSAY_BASE_HEX_H

#include "base/bytes.h"

#define HEX_OCTET_LEN 2 /* digits */

/* The octet that the first two digits of text are, in either case; false if they are none. */
bool hex_octet(struct slice text, char *octet);

/* An octet in upper case, as after "=" and "%" (RFC 2045 6.7, RFC 3986 2.1); no NUL after it. */
void hex_escape(char octet, char digits[HEX_OCTET_LEN]);

/* All octets in lower case, with a NUL after them; the text has room for that. */
void hex_text(char *text, const void *octets, size_t len);

#endif
