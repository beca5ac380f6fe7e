/*
 * base64 - RFC 4648 section 4
 *
 * Reading is strict: no white space, which the callers know where to expect, no other characters,
 * and padding that is complete or left out altogether.
 */
#ifndef ASSAY_BASE_BASE64_H
#define ASSAY_BASE_BASE64_H

#include "base/bytes.h"

/* Characters that len octets become, with padding. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Octets with padding, in one line; in the pool, with a NUL after it. */
const char *base64_encode(struct pool *pool, const void *octets, size_t len);

/* The same into memory of BASE64_LEN(len) characters, without a NUL. */
void base64_write(char *text, const void *octets, size_t len);

/* False if the text is no base64. The octets are in the pool; the empty text has none. */
bool base64_decode(struct pool *pool, struct slice text, struct slice *octets);

#endif
