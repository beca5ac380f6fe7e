/*
 * near_record - why a text that was meant to be a DMARC record is none (RFC 9989 section 4.8)
 */
#ifndef ASSAY_DMARC_NEAR_RECORD_H
#define ASSAY_DMARC_NEAR_RECORD_H

#include "base/bytes.h"

struct near_record {
	const char *reason; /* one line */
	const char *remedy; /* one sentence */
};

/* Was it meant to be one: is there something like v=DMARC1 in it? */
bool near_record_is(struct slice text);

/* Of a text for which dmarc_record_is() does not hold. */
struct near_record near_record_explain(struct slice text);

/* Is there a quotation mark in the text, straight or curly? Word processors make curly ones. */
bool near_record_has_quotes(struct slice text);

#endif
