/*
 * dkim_tag: base64 and lists in tag values
 */
#include "dkim/tag_values.h"

#include "base/pool.h"
#include "tap.h"

/* decodes - is this base64, and of what? */
static void decodes(struct pool *pool, const char *value, const char *octets, const char *name)
{
	struct slice decoded;

	ok(dkim_tag_base64(pool, slice_of(value), &decoded) && slice_is(decoded, octets), "%s",
	   name);
}

static void refuses(struct pool *pool, const char *value, const char *name)
{
	struct slice decoded;

	ok(!dkim_tag_base64(pool, slice_of(value), &decoded), "%s", name);
}

static void test_base64(struct pool *pool)
{
	static const char all[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char octets[] =
	    "\x00\x10\x83\x10\x51\x87\x20\x92\x8b\x30\xd3\x8f\x41\x14\x93\x51"
	    "\x55\x97\x61\x96\x9b\x71\xd7\x9f\x82\x18\xa3\x92\x59\xa7\xa2\x9a"
	    "\xab\xb2\xdb\xaf\xc3\x1c\xb3\xd3\x5d\xb7\xe3\x9e\xbb\xf3\xdf\xbf";
	struct slice decoded;

	decodes(pool, "YQ==", "a", "two octets of padding");
	decodes(pool, "YWI=", "ab", "one octet of padding");
	decodes(pool, "YWJj", "abc", "no padding needed");
	decodes(pool, "YQ", "a", "padding left out, as RFC 6376 2.10 allows");
	decodes(pool, "Y\r\n\tW Jj\n ZA =\t=", "abcd", "white space anywhere");
	ok(dkim_tag_base64(pool, slice_of(all), &decoded) &&
	       slice_equal(decoded, slice_from(octets, sizeof(octets) - 1)),
	   "every digit has its value");
	refuses(pool, "", "nothing");
	refuses(pool, " \t", "white space only");
	refuses(pool, "=", "padding only");
	refuses(pool, "Y", "a digit that makes no octet");
	refuses(pool, "YWJjZ", "a digit too many");
	refuses(pool, "YQ=", "half of the padding");
	refuses(pool, "YQ===", "more than all of the padding");
	refuses(pool, "YWJj=", "padding where none belongs");
	refuses(pool, "YQ==YQ==", "text after the padding");
	refuses(pool, "Y-Jj", "a character of another alphabet");
	refuses(pool, "YW\xc3\xa4", "a character beyond ASCII");
}

static void test_lists(void)
{
	struct slice rest = slice_of(" a :b\r\n\t: : c");
	struct slice item;

	ok(dkim_tag_next_item(&rest, &item) && slice_is(item, "a"), "the first item, trimmed");
	ok(dkim_tag_next_item(&rest, &item) && slice_is(item, "b"), "folding is trimmed too");
	ok(dkim_tag_next_item(&rest, &item) && slice_is(item, ""), "an empty item is an item");
	ok(dkim_tag_next_item(&rest, &item) && slice_is(item, "c"), "the last item");
	ok(!dkim_tag_next_item(&rest, &item), "and then no more");
	ok(dkim_tag_has_item(slice_of("sha1 : sha256"), "sha256"), "an item among others");
	ok(!dkim_tag_has_item(slice_of("sha1:sha2567"), "sha256"), "a longer item is another");
	ok(!dkim_tag_has_item(slice_of("SHA256"), "sha256"), "items are case-sensitive");
	ok(!dkim_tag_has_item(slice_of(""), "sha256"), "an empty list has no items to find");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_base64(pool);
	test_lists();
	pool_free(pool);
	return done();
}
