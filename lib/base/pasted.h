/*
 * pasted - characters that get into DNS records by copying from a page, a chat or a word processor
 *
 * They look like ASCII, or like nothing at all, and make a record mean something else. Whoever
 * looks for the mistake cannot see it: so it has to be named.
 */
#ifndef ASSAY_BASE_PASTED_H
#define ASSAY_BASE_PASTED_H

#include "base/bytes.h"

struct pasted {
	size_t len;          /* octets */
	unsigned code;       /* of Unicode; 0: no UTF-8 */
	const char *name;    /* "en dash", or NULL for a character that has no name here */
	const char *instead; /* in ASCII, perhaps ""; NULL: nothing looks like it */
};

/* The character at the start of a text, which is not ASCII. */
struct pasted pasted_read(struct slice text);

/* "U+2013 (en dash)", for people. */
const char *pasted_describe(struct pool *pool, struct slice text);

/* Index of the first octet that is not ASCII, or text.len. */
size_t pasted_find(struct slice text);

/* A copy in ASCII; NULL if there is something that no ASCII looks like. */
const char *pasted_to_ascii(struct pool *pool, struct slice text);

#endif
