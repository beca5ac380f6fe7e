/*
 * bounce - a report that has come back, or what somebody has made look like one
 */
#include "report/bounce.h"

#include <string.h>

#include "base/pool.h"
#include "fuzz.h"
#include "report/aggregate.h"
#include "report/token.h"

#define TOKEN     "20300101aaaaaaaaaaaaaaaa.0123456789abcdef"
#define TOKEN_END " "
#define ADDRESS   "d@example.org"

/* has_token - is ours among the tokens? All are checked */
static bool has_token(struct slice text)
{
	struct slice rest = text;
	struct slice token;
	bool found = false;

	while (token_next(&rest, &token)) {
		fuzz_expect(fuzz_is_within(token, text));
		fuzz_expect(report_id_is(token_report_id(token)));
		found |= slice_is(token, TOKEN);
	}
	fuzz_expect(rest.len == 0);
	return found;
}

/* check_bounce - what is said about an address */
static void check_bounce(struct pool *pool, const struct notice *notice)
{
	struct bounce bounce;

	bounce_read(pool, notice, ADDRESS, &bounce);
	fuzz_expect(strlen(bounce.reason) <= BOUNCE_REASON_MAX);
	for (const char *byte = bounce.reason; *byte != '\0'; byte++)
		fuzz_expect(*byte >= ' ' && *byte <= '~');
	/* Nobody loses his reports for an address that is not named. */
	bounce_read(pool, notice, "nobody-has-this-address@nowhere.test", &bounce);
	fuzz_expect(bounce.verdict == BOUNCE_NOTHING);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	const char *with =
	    pool_printf(pool, "%s" TOKEN_END TOKEN TOKEN_END, slice_copy(pool, input));
	struct notice notice;

	notice_parse(pool, input, &notice);
	fuzz_expect(notice.count <= NOTICE_PARTS_MAX && notice.type != NULL);
	for (size_t i = 0; i < notice.count; i++) {
		fuzz_expect(notice.parts[i].type != NULL);
		has_token(notice.parts[i].body);
	}
	check_bounce(pool, &notice);
	has_token(input);
	fuzz_expect(has_token(slice_of(with)));
	pool_free(pool);
}
