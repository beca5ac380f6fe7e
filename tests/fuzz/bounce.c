/*
 * bounce - a report that has come back, or what somebody has made look like one
 */
#include "report/bounce.h"

#include <string.h>

#include "base/pool.h"
#include "fuzz.h"
#include "report/aggregate.h"

#define TOKEN     "20300101aaaaaaaaaaaaaaaa.7" /* of the form of a Report-ID */
#define TOKEN_END " "

/* check_token - a Report-ID and a number */
static void check_token(struct slice token, struct slice text)
{
	size_t dot = slice_find(token, '.');

	fuzz_expect(fuzz_is_within(token, text));
	fuzz_expect(report_id_is(slice_from(token.data, dot)) && dot + 1 < token.len);
	for (size_t i = dot + 1; i < token.len; i++)
		fuzz_expect(token.data[i] >= '0' && token.data[i] <= '9');
}

/* has_token - is ours among the tokens? All are checked */
static bool has_token(struct slice text)
{
	struct slice rest = text;
	struct slice token;
	bool found = false;

	while (bounce_next_token(&rest, &token)) {
		check_token(token, text);
		found |= slice_is(token, TOKEN);
	}
	fuzz_expect(rest.len == 0);
	return found;
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	const char *reason = bounce_reason(pool, input);
	const char *with =
	    pool_printf(pool, "%s" TOKEN_END TOKEN TOKEN_END, slice_copy(pool, input));

	for (const char *byte = reason; *byte != '\0'; byte++)
		fuzz_expect(*byte >= ' ' && *byte <= '~');
	fuzz_expect(strlen(reason) <= BOUNCE_REASON_MAX);
	fuzz_expect(bounce_is_final(input) == bounce_is_final(input));
	has_token(input);
	fuzz_expect(has_token(slice_of(with)));
	pool_free(pool);
}
