/*
 * smtp_survey - what a server has to be able to take for a message
 *
 * RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8).
 */
#ifndef ASSAY_POSTFIX_SMTP_SURVEY_H
#define ASSAY_POSTFIX_SMTP_SURVEY_H

#include "base/bytes.h"
#include "base/error.h"

struct smtp_needs {
	bool eight_bit; /* there are octets above 127 in the message */
	bool utf8;      /* it came with SMTPUTF8, or an address needs it */
};

/* Reads the message in the file fd from its start, and goes back there. */
bool smtp_survey(struct pool *pool, int fd, struct smtp_needs *needs, struct error *error);

#endif
