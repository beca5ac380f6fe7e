/*
 * selector - how a selector may be called (RFC 6376 3.1)
 *
 * Letters, digits, "-" and "_" in dotted labels.
 */
#ifndef ASSAY_DKIM_SELECTOR_H
#define ASSAY_DKIM_SELECTOR_H

#include "base/bytes.h"

/* RFC 5321 4.1.2: sub-domain, and the underscore that DNS has. */
bool dkim_is_label_byte(char byte);

/* Why not, as the end of a sentence; NULL if it may be called so. */
const char *dkim_selector_error(struct slice text);

bool dkim_selector_is_good(struct slice text);

#endif
