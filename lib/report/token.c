/*
 * token - the name of one mail; see report/token.h
 */
#include "report/token.h"

#include <inttypes.h>

#include "base/pool.h"
#include "base/siphash.h"
#include "mail/abnf.h"
#include "report/aggregate.h"

#define REPORT_ID_LEN 24
#define CODE_LEN      16 /* hexadecimal digits of a SipHash */
#define TOKEN_LEN     (REPORT_ID_LEN + 1 + CODE_LEN)

const char *report_token(struct pool *pool, const char *key, const char *report_id,
			 const char *address)
{
	const char *text = pool_printf(pool, "%s %s", report_id, address);
	unsigned char octets[SIPHASH_KEY_LEN];

	report_key_octets(key, octets);
	return pool_printf(pool, "%s.%0*" PRIx64, report_id, CODE_LEN,
			   siphash(octets, slice_of(text)));
}

/* is_token - at the start of a text? */
static bool is_token(struct slice text)
{
	if (text.len < TOKEN_LEN || text.data[REPORT_ID_LEN] != '.' ||
	    !report_id_is(slice_from(text.data, REPORT_ID_LEN)))
		return false;
	for (size_t i = REPORT_ID_LEN + 1; i < TOKEN_LEN; i++) {
		if (!is_hexdigit(text.data[i]))
			return false;
	}
	return true;
}

bool token_next(struct slice *text, struct slice *token)
{
	while (text->len > 0) {
		size_t len = is_token(*text) ? TOKEN_LEN : 0;

		*token = slice_from(text->data, len);
		*text = slice_skip(*text, len > 0 ? len : 1);
		if (len > 0)
			return true;
	}
	return false;
}

struct slice token_report_id(struct slice token)
{
	return slice_from(token.data, REPORT_ID_LEN);
}
