/*
 * utf8: every character there is, and every way not to write one (RFC 3629)
 */
#include "base/utf8.h"

#include "tap.h"

#define CODE_MAX 0x10ffffU

/* encode - a number in len octets, whether it may be written so or not */
static struct slice encode(unsigned code, size_t len, char *octets)
{
	for (size_t i = len - 1; i > 0; i--) {
		octets[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	octets[0] = (char)((0xf00U >> len & 0xff) | code);
	return slice_from(octets, len);
}

/* length_of - in which a character has to be written */
static size_t length_of(unsigned code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* test_all - each number in each length is right or wrong */
static void test_all(void)
{
	unsigned wrong = 0, code;
	char octets[4];

	for (unsigned wanted = 0; wanted <= CODE_MAX + 0x1000; wanted++) {
		bool exists = wanted <= CODE_MAX && (wanted < 0xd800 || wanted > 0xdfff);

		for (size_t len = 2; len <= 4; len++) {
			struct slice text;
			size_t got;

			if (len < length_of(wanted))
				continue;
			text = encode(wanted, len, octets);
			got = utf8_decode(text, &code);
			if (exists && len == length_of(wanted))
				wrong += got != len || code != wanted;
			else
				wrong += got != 0;
			wrong += skip_utf8_tail(text) != got;
			wrong += skip_utf8_tail(slice_from(octets, len - 1)) != 0;
		}
	}
	is_number(wrong, 0, "all characters; overlong forms, surrogates and those beyond are none");
}

static void test_broken(void)
{
	static const char *const broken[] = {
	    "",      "a",         "\x80",          "\xbf",
	    "\xc3(", "\xe2\x82(", "\xf0\x9f\x98(", "\xf8\x88\x80\x80\x80",
	    "\xfe",  "\xff",      "\xc0\x80"};
	unsigned code;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		ok(skip_utf8_tail(slice_of(broken[i])) == 0 &&
		       utf8_decode(slice_of(broken[i]), &code) == 0,
		   "no sequence of two to four octets: %zu", i);
}

static void test_clean(void)
{
	ok(is_clean_text(slice_of("")), "the empty text is clean");
	ok(is_clean_text(slice_of("Hello, w\xc3\xb6rld \xf0\x9f\x98\x80")), "text is clean");
	ok(!is_clean_text(slice_of("a\tb")) && !is_clean_text(slice_of("a\x7f")) &&
	       !is_clean_text(slice_of("\x1b[2J")),
	   "control characters are not");
	ok(!is_clean_text(slice_from("a\0b", 3)), "NUL is not");
	ok(!is_clean_text(slice_of("\xc2\x80")) && !is_clean_text(slice_of("\xc2\x9b")) &&
	       !is_clean_text(slice_of("\xc2\x9f")) && is_clean_text(slice_of("\xc2\xa0")),
	   "U+0080 to U+009F are control characters, U+00A0 is none");
	ok(!is_clean_text(slice_of("a\xc3")), "a cut character is not clean");
}

int main(void)
{
	test_all();
	test_broken();
	test_clean();
	return done();
}
