/*
 * ascii: each class, octet by octet, in any locale
 */
#include "base/ascii.h"

#include <locale.h>

#include "tap.h"

/* class_is - its size, and that the outermost octets are as named */
static void class_is(bool (*is_member)(char), int wanted, const char *some, const char *others,
		     const char *name)
{
	int count = 0;

	for (int octet = 0; octet < 256; octet++)
		count += is_member((char)octet) ? 1 : 0;
	is_number(count, wanted, name);
	for (; *some != '\0'; some++)
		ok(is_member(*some), "%s: %02X is one", name, (unsigned char)*some);
	for (; *others != '\0'; others++)
		ok(!is_member(*others), "%s: %02X is none", name, (unsigned char)*others);
	ok(!is_member('\0'), "%s: NUL is none", name);
}

int main(void)
{
	setlocale(LC_ALL, "");
	class_is(is_alpha, 52, "azAZ", "@[`{0\xe4", "ALPHA");
	class_is(is_digit, 10, "09", "/:a\xb2", "DIGIT");
	class_is(is_alnum, 62, "azAZ09", "-_.\xe4", "ALPHA and DIGIT");
	class_is(is_hexdigit, 22, "09afAF", "gG/:@`", "HEXDIG, in either case");
	class_is(is_wsp, 2, " \t", "\r\n\v\f\xa0", "WSP");
	class_is(is_vchar, 94, "!~", " \x7f\x80\xff", "VCHAR");
	ok(is_any_of('b', "abc") && !is_any_of('d', "abc"), "one of a set");
	ok(!is_any_of('\0', "abc"), "... of which NUL is none");
	return done();
}
