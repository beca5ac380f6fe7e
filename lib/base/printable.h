/*
 * printable - a stranger's text in a form that can do no harm on a terminal or in a log
 */
#ifndef ASSAY_BASE_PRINTABLE_H
#define ASSAY_BASE_PRINTABLE_H

#include "base/bytes.h"

#define EXCERPT_MAX 80 /* octets of a stranger's text that text_excerpt() shows */

/* Replaces everything but printable ASCII by '?'; returns text. */
char *text_make_printable(char *text);

/* A copy in which everything but printable ASCII is '?', NUL too. */
char *text_printable(struct pool *pool, struct slice text);

/*
 * A copy in which characters beyond ASCII can be recognized: <U+2013> where the octets are UTF-8,
 * <0x96> where they are not; control characters are '?'.
 */
char *text_visible(struct pool *pool, struct slice text);

/* The beginning of such a copy; "..." stands for the rest. */
const char *text_excerpt(struct pool *pool, struct slice text);

#endif
