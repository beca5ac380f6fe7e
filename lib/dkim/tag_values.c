/*
 * tag_values - base64, quoted text and lists in tag values (RFC 6376 sections 2.10, 2.11); see
 * dkim/tag_values.h
 */
#include "dkim/tag_values.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/pool.h"
#include "mail/taglist.h"

bool dkim_tag_base64(struct pool *pool, struct slice value, struct slice *octets)
{
	return base64_decode(pool, taglist_compact(pool, value), octets) && octets->len > 0;
}

/* quoted_octet - RFC 6376 section 2.11: hex-octet has upper-case digits only */
static bool quoted_octet(struct slice digits, char *octet)
{
	return hex_octet(digits, octet) && digits.data[0] == byte_upper(digits.data[0]) &&
	       digits.data[1] == byte_upper(digits.data[1]);
}

bool dkim_tag_quoted(struct pool *pool, struct slice value, struct slice *octets)
{
	struct slice text = taglist_compact(pool, value);
	char *data = pool_alloc(pool, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i];

		if (byte == '=') {
			if (!quoted_octet(slice_skip(text, i + 1), &byte))
				return false;
			i += HEX_OCTET_LEN;
		}
		data[len++] = byte;
	}
	*octets = slice_from(data, len);
	return true;
}

bool dkim_tag_next_item(struct slice *rest, struct slice *item)
{
	if (!slice_cut(rest, ':', item))
		return false;
	*item = slice_trim(*item);
	return true;
}

bool dkim_tag_has_item(struct slice list, const char *wanted)
{
	struct slice rest = list;
	struct slice item;

	while (dkim_tag_next_item(&rest, &item)) {
		if (slice_is(item, wanted))
			return true;
	}
	return false;
}
