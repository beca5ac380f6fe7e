/*
 * result - the one vocabulary of verdicts: the words of RFC 8601 section 2.7
 * (and of RFC 5617 for ADSP), shared by every method and every tool.
 */
#ifndef ASSAY_MAIL_RESULT_H
#define ASSAY_MAIL_RESULT_H

#include "base/bytes.h"

enum result {
	RESULT_NONE,
	RESULT_PASS,
	RESULT_FAIL,
	RESULT_SOFTFAIL,
	RESULT_NEUTRAL,
	RESULT_POLICY,
	RESULT_TEMPERROR,
	RESULT_PERMERROR,
	RESULT_DISCARD,  /* ADSP */
	RESULT_UNKNOWN,  /* ADSP, and any word this list does not have */
	RESULT_NXDOMAIN, /* ADSP */
};

/* The word as written in Authentication-Results. */
const char *result_word(enum result result);

/*
 * The result of a word, case-insensitively. Old names are understood:
 * hardfail (fail), error (temperror).
 */
enum result result_of_word(struct slice word);

#endif
