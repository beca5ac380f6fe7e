/*
 * printable: what a stranger's text may look like on a terminal
 */
#include "base/printable.h"

#include "base/pool.h"
#include "tap.h"

static void test_printable(struct pool *pool)
{
	char own[] = "a\x1b[1mb\xff";
	char every[257];
	const char *text;

	for (int octet = 0; octet < 256; octet++)
		every[octet] = (char)octet;
	text = text_printable(pool, slice_from(every, 256));
	is_number((long long)strlen(text), 256, "no octet is lost, NUL neither");
	is_number((long long)strspn(text,
				    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
		  256, "... and all is printable ASCII");
	is_text(text_make_printable(own), "a?[1mb?", "in place");
	is_text(text_printable(pool, slice_of("")), "", "nothing stays nothing");
}

static void test_visible(struct pool *pool)
{
	is_text(text_visible(pool, slice_of("p=none \xe2\x80\x93 \x96 \xf0\x9f\x98\x80")),
		"p=none <U+2013> <0x96> <U+1F600>", "characters beyond ASCII are named");
	is_text(text_visible(pool, slice_from("a\0\x1b\r\n\x7f", 6)), "a?????",
		"control characters are not");
	is_text(text_visible(pool, slice_of("\xc0\xaf\xed\xa0\x80")),
		"<0xC0><0xAF><0xED><0xA0><0x80>", "what is not UTF-8 is shown as octets");
}

static void test_excerpt(struct pool *pool)
{
	char text[EXCERPT_MAX + 2];

	memset(text, 'x', sizeof(text));
	is_number((long long)strlen(text_excerpt(pool, slice_from(text, EXCERPT_MAX))), EXCERPT_MAX,
		  "an excerpt is all of a short text");
	is_text(text_excerpt(pool, slice_from(text, EXCERPT_MAX + 1)) + EXCERPT_MAX, "...",
		"... and says so if it is not");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_printable(pool);
	test_visible(pool);
	test_excerpt(pool);
	pool_free(pool);
	return done();
}
