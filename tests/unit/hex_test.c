/*
 * hex_test - hexadecimal digits, read and written
 */
#include "base/hex.h"

#include "tap.h"

/* test_all - each octet is read as it was written, in either case */
static void test_all(void)
{
	unsigned same = 0;

	for (unsigned octet = 0; octet < 256; octet++) {
		char upper[HEX_OCTET_LEN];
		char lower[HEX_OCTET_LEN + 1];
		char first = 'x';
		char second = 'x';

		hex_escape((char)(unsigned char)octet, upper);
		hex_text(lower, &(unsigned char){(unsigned char)octet}, 1);
		same += hex_octet(slice_from(upper, HEX_OCTET_LEN), &first) &&
			hex_octet(slice_of(lower), &second) && (unsigned char)first == octet &&
			(unsigned char)second == octet;
	}
	is_number(same, 256, "octets that are read as they were written");
}

static void test_refused(void)
{
	static const char *const cases[] = {"", "a", "0", "g0", "0g", " 0", "0 ", "/0", "0:", "0@"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char octet = 'x';

		ok(!hex_octet(slice_of(cases[i]), &octet) && octet == 'x', "\"%s\" is no octet",
		   cases[i]);
	}
}

static void test_written(void)
{
	char text[7] = "??????";
	char escape[HEX_OCTET_LEN + 1] = "??";

	hex_text(text, "\x00\xab\x9f", 3);
	is_text(text, "00ab9f", "lower case and in order");
	hex_text(text, "", 0);
	is_text(text, "", "nothing is the empty text");
	hex_escape('\xfa', escape);
	is_text(escape, "FA", "an escape is in upper case");
}

int main(void)
{
	test_all();
	test_refused();
	test_written();
	return done();
}
