/*
 * result - the words of RFC 8601 section 2.7; see mail/result.h
 */
#include "mail/result.h"

static const char *const words[] = {
    [RESULT_NONE] = "none",           [RESULT_PASS] = "pass",
    [RESULT_FAIL] = "fail",           [RESULT_SOFTFAIL] = "softfail",
    [RESULT_NEUTRAL] = "neutral",     [RESULT_POLICY] = "policy",
    [RESULT_TEMPERROR] = "temperror", [RESULT_PERMERROR] = "permerror",
    [RESULT_DISCARD] = "discard",     [RESULT_UNKNOWN] = "unknown",
    [RESULT_NXDOMAIN] = "nxdomain",
};

const char *result_word(enum result result)
{
	return words[result];
}

enum result result_of_word(struct slice word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_is_nocase(word, words[i]))
			return (enum result)i;
	}
	/* RFC 5451 called fail "hardfail"; RFC 4408 called temperror "error" */
	if (slice_is_nocase(word, "hardfail"))
		return RESULT_FAIL;
	if (slice_is_nocase(word, "error"))
		return RESULT_TEMPERROR;
	return RESULT_UNKNOWN;
}
