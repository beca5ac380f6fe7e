/*
 * pasted: characters that are named, and what ASCII they stand for
 */
#include "base/pasted.h"

#include "base/pool.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "tap.h"

static void test_names(struct pool *pool)
{
	static const struct {
		const char *text;
		const char *described;
		const char *ascii;
	} cases[] = {
	    {"\xe2\x80\x93", "U+2013 (en dash)", "-"},
	    {"\xe2\x80\x9c", "U+201C (left double quotation mark)", ""},
	    {"\xc2\xa0", "U+00A0 (no-break space)", " "},
	    {"\xe2\x80\x8b", "U+200B (zero-width space)", ""},
	    {"\xd0\xb0", "U+0430 (Cyrillic letter that looks like a)", "a"},
	    {"\xef\xbc\x81", "U+FF01 (fullwidth character)", "!"},
	    {"\xef\xbd\x9e", "U+FF5E (fullwidth character)", "~"},
	    {"\x96", "the octet 0x96 (en dash of Windows-1252)", "-"},
	    {"\xa0", "the octet 0xA0 (no-break space of Windows-1252)", " "},
	    {"\xff", "the octet 0xFF", NULL},
	    {"\xe6\x97\xa5", "U+65E5", NULL},
	    {"\xf0\x9f\x98\x80", "U+1F600", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice text = slice_of(cases[i].text);

		is_text(pasted_describe(pool, text), cases[i].described, "its name");
		is_text(pasted_to_ascii(pool, text), cases[i].ascii, "in ASCII");
	}
}

/* Every fullwidth character is the ASCII one that is as far from the first. */
static void test_fullwidth(struct pool *pool)
{
	bool good = true;

	for (unsigned i = 0; i < 94; i++) {
		unsigned code = 0xff01U + i;
		char text[] = {(char)(0xe0U | code >> 12), (char)(0x80U | (code >> 6 & 63U)),
			       (char)(0x80U | (code & 63U)), '\0'};
		const char *ascii = pasted_to_ascii(pool, slice_of(text));

		good =
		    good && ascii != NULL && ascii[0] == (char)('!' + (int)i) && ascii[1] == '\0';
	}
	ok(good, "94 fullwidth characters");
}

static void test_visible(struct pool *pool)
{
	is_text(text_visible(pool, slice_of("v=spf1 \xe2\x80\x93"
					    "all")),
		"v=spf1 <U+2013>all", "UTF-8");
	is_text(text_visible(pool, slice_of("\x96"
					    "all \xe2\x80")),
		"<0x96>all <0xE2><0x80>", "what is none");
	is_text(text_visible(pool, slice_from("a\0b\n\x7f", 5)), "a?b??", "control characters");
	is_number((long long)pasted_find(slice_of("abc\xc2\xa0")), 3, "where it is");
	is_number((long long)pasted_find(slice_of("abc")), 3, "or is not");
	is_text(pasted_to_ascii(pool, slice_of("m\xd1\x85 \xe2\x88\x92"
					       "all")),
		"mx -all", "a record");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_names(pool);
	test_fullwidth(pool);
	test_visible(pool);
	pool_free(pool);
	return done();
}
