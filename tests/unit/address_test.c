/*
 * address_test - every address field means what RFC 5322 says, or nothing
 */
#include "mail/address.h"

#include <string.h>
#include <time.h>

#include "base/pool.h"
#include "tap.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

/* "LOCAL at DOMAIN" of each address, "-" for no domain, "/" between them; or "error: TEXT" */
struct list_case {
	struct slice value;
	const char *wanted;
	const char *name;
};

static const struct list_case plain_cases[] = {
    {TEXT("a@b.example"), "a at b.example", "an addr-spec"},
    {TEXT(" a@b.example "), "a at b.example", "white space round it"},
    {TEXT("\r\n a@b.example"), "a at b.example", "a fold in front"},
    {TEXT("a@b.example\r\n "), "a at b.example", "a fold after"},
    {TEXT("<a@b.example>"), "a at b.example", "angle brackets"},
    {TEXT("< a@b.example >"), "a at b.example", "white space in angle brackets"},
    {TEXT("<a@b.example >"), "a at b.example", "white space before the closing bracket"},
    {TEXT("A B <a@b.example>"), "a at b.example", "a display name"},
    {TEXT("A B<a@b.example>"), "a at b.example", "no white space before the bracket"},
    {TEXT("\"B, A\" <a@b.example>"), "a at b.example", "a quoted display name with a comma"},
    {TEXT("A B. C <a@b.example>"), "a at b.example", "a dot in a display name (obs-phrase)"},
    {TEXT("A... <a@b.example>"), "a at b.example", "many dots in a display name"},
    {TEXT("A \"B\" C <a@b.example>"), "a at b.example", "a quoted nickname"},
    {TEXT("=?utf-8?q?J=C3=B6rg?= <a@b.example>"), "a at b.example", "an encoded display name"},
    {TEXT("=?utf-8?b?QQ==?= =?utf-8?b?Qg==?= <a@b.example>"), "a at b.example",
     "two encoded words"},
    {TEXT("Jörg <a@b.example>"), "a at b.example", "UTF-8 in a display name"},
    {TEXT("jörg@bücher.example"), "jörg at xn--bcher-kva.example", "UTF-8 in an address"},
    {TEXT("a@xn--bcher-kva.example"), "a at xn--bcher-kva.example", "the same domain in ASCII"},
    {TEXT("a@EXAMPLE.com"), "a at example.com", "the domain in lower case"},
    {TEXT("A@b.example"), "A at b.example", "the local-part as it is"},
    {TEXT("a.b-c+d=e@b.example"), "a.b-c+d=e at b.example", "punctuation in a local-part"},
    {TEXT("\"a b\"@b.example"), "a b at b.example", "a quoted local-part"},
    {TEXT("\"a\\\"b\\\\\"@b.example"), "a\"b\\ at b.example", "quoted pairs in a local-part"},
    {TEXT("\"a\r\n b\"@b.example"), "a b at b.example", "a fold in a local-part"},
    {TEXT("\"\"@b.example"), " at b.example", "an empty quoted local-part"},
    {TEXT("a@[192.0.2.1]"), "a at -", "a domain literal is no domain name"},
    {TEXT("a@[IPv6:2001:db8::1]"), "a at -", "nor is one of IPv6"},
    {TEXT("root"), "root at -", "an address without a domain"},
    {TEXT("<root>"), "root at -", "... in angle brackets"},
    {TEXT("Charlie <root>"), "root at -", "... with a display name"},
    {TEXT("\"a@b.example\""), "a@b.example at -", "a quoted local-part alone has no domain"},
    {TEXT("a@☃.example"), "a at -", "a domain that is no domain name"},
    {TEXT("a@b"), "a at b", "a domain of one label"},
};

static const struct list_case comment_cases[] = {
    {TEXT("a@b.example (A B)"), "a at b.example", "a comment after"},
    {TEXT("(A B) a@b.example"), "a at b.example", "a comment in front"},
    {TEXT("(<x@y.example>) a@b.example"), "a at b.example", "an address in a comment"},
    {TEXT("a(x)@(y)b(z).(w)example"), "a at b.example", "comments between all parts"},
    {TEXT("a@b.example (x (y (z)))"), "a at b.example", "nested comments"},
    {TEXT("a@b.example (x\\)y)"), "a at b.example", "a quoted parenthesis in a comment"},
    {TEXT("a . b@b . example"), "a.b at b.example", "white space round dots (obsolete)"},
    {TEXT("\"a\".b.\"c d\"@b.example"), "a.b.c d at b.example", "words joined by dots (obsolete)"},
    {TEXT("A (x) B (y) <(z)a@b.example(w)> (v)"), "a at b.example", "comments all over"},
    {TEXT("a\n @\n b.example"), "a at b.example", "folds in bare LF"},
};

static const struct list_case several_cases[] = {
    {TEXT("a@b.example, c@d.example"), "a at b.example/c at d.example", "two addresses"},
    {TEXT("A <a@b.example>,<c@d.example>"), "a at b.example/c at d.example",
     "two in angle brackets"},
    {TEXT(",a@b.example,,c@d.example,"), "a at b.example/c at d.example",
     "empty elements (obsolete)"},
    {TEXT(" (x) , a@b.example , (y) ,"), "a at b.example", "comments as elements"},
    {TEXT("G: a@b.example, C <c@d.example>;"), "a at b.example/c at d.example", "a group"},
    {TEXT("G:;"), "", "an empty group"},
    {TEXT("Undisclosed recipients: (none) ;"), "", "an empty group with a comment"},
    {TEXT("G: ,a@b.example,, ;"), "a at b.example", "a group with empty elements"},
    {TEXT("G:a@b.example;, c@d.example"), "a at b.example/c at d.example",
     "a group and an address"},
    {TEXT("c@d.example, G:a@b.example; (x)"), "c at d.example/a at b.example",
     "an address and a group"},
    {TEXT("\"a@good.example\": b@evil.example;"), "b at evil.example",
     "an address as the name of a group"},
    {TEXT("<@c.example:a@b.example>"), "a at b.example", "a route (obsolete)"},
    {TEXT("A <@c.example,@d.example:a@b.example>"), "a at b.example", "a route of two"},
    {TEXT("<,@c.example, ,@d.example,:a@b.example>"), "a at b.example",
     "a route with empty elements"},
    {TEXT("<@[192.0.2.1]:a@b.example>"), "a at b.example", "a route over a literal"},
};

/*
 * Forms that programs disagree about, so that one shows good.example to a
 * reader while another checks evil.example (Chen, Paxson, Jiang: Composition
 * Kills, USENIX Security 2020). Each has one meaning here, the grammar's, or none.
 */
static const struct list_case attack_cases[] = {
    {TEXT("a@good.example <b@evil.example>"), "error: unexpected \"<\" at octet 16",
     "an address is no display name"},
    {TEXT("<b@evil.example> a@good.example"), "error: unexpected \"a\" at octet 18",
     "text after the brackets"},
    {TEXT("<a@good.example><b@evil.example>"), "error: unexpected \"<\" at octet 17",
     "two addresses without a comma"},
    {TEXT("<a@good.example> <b@evil.example>"), "error: unexpected \"<\" at octet 18",
     "... with a space"},
    {TEXT("A <a@good.example> B <b@evil.example>"), "error: unexpected \"B\" at octet 20",
     "... with display names"},
    {TEXT("a@good.example b@evil.example"), "error: unexpected \"b\" at octet 16",
     "two addresses with nothing but a space between"},
    {TEXT("a@good.example;b@evil.example"), "error: unexpected \";\" at octet 15",
     "a semicolon separates nothing"},
    {TEXT("a@good.example,b@evil.example"), "a at good.example/b at evil.example",
     "several addresses are several"},
    {TEXT("a@good.example, <b@evil.example>"), "a at good.example/b at evil.example",
     "brackets do not take precedence over an address before them"},
    {TEXT("<b@evil.example>, \"a@good.example\""), "b at evil.example/a@good.example at -",
     "an address in quotes is a local-part"},
    {TEXT("a@good.example@evil.example"), "error: unexpected \"@\" at octet 15", "two at signs"},
    {TEXT("\"a@good.example\"@evil.example"), "a@good.example at evil.example",
     "an at sign in a quoted local-part"},
    {TEXT("\"a@good.example\" <b@evil.example>"), "b at evil.example",
     "an address as a quoted display name"},
    {TEXT("\"<a@good.example>\" <b@evil.example>"), "b at evil.example",
     "... with brackets in the quotes"},
    {TEXT("\"a@good.example\\\" <b@evil.example>\" <c@other.example>"), "c at other.example",
     "a quoted quote does not end the display name"},
    {TEXT("\"a\\\\\" <b@evil.example> \"<a@good.example>\""),
     "error: unexpected \"\"\" at octet 24", "a quoted backslash does not quote the quote"},
    {TEXT("\"a <a@good.example>"), "error: unfinished quoted string at octet 1",
     "a quote that is not closed"},
    {TEXT("a@good.example\\,b@evil.example"), "error: unexpected \"\\\" at octet 15",
     "a backslash outside quotes"},
    {TEXT("a\\@good.example@evil.example"), "error: unexpected \"\\\" at octet 2",
     "a backslash in front of an at sign"},
    {TEXT("<a@good.example\\>@evil.example>"), "error: unexpected \"\\\" at octet 16",
     "a backslash in front of a bracket"},
    {TEXT("(a@good.example) <b@evil.example>"), "b at evil.example", "an address in a comment"},
    {TEXT("b@evil.example (<a@good.example>)"), "b at evil.example", "a comment in brackets"},
    {TEXT("a@good.example(.evil.example"), "error: unfinished comment at octet 15",
     "a comment that is not closed"},
    {TEXT("a@good.example(\\).evil.example"), "error: unfinished comment at octet 15",
     "a comment whose end is quoted"},
    {TEXT("b@evil.example (a) <a@good.example>"), "error: unexpected \"<\" at octet 20",
     "a comment does not make a display name of an address"},
    {TEXT("a@good.example).evil.example"), "error: unexpected \")\" at octet 15",
     "a comment that was not opened"},
    {TEXT("<a@good.example(>, <)b@evil.example>"), "error: unexpected \"b\" at octet 22",
     "brackets in a comment"},
    {TEXT("a@good(.example).evil.example"), "a at good.evil.example",
     "a comment within a domain is not part of it"},
    {TEXT("a@good.example .evil.example"), "a at good.example.evil.example",
     "a space within a domain does not end it"},
    {TEXT("a@good.example\0.evil.example"), "error: unexpected character at octet 15",
     "NUL does not end an address"},
    {TEXT("a@good.example\0"), "error: unexpected character at octet 15", "nor a field"},
    {TEXT("\"a\0\" <b@evil.example>"), "error: unfinished quoted string at octet 1",
     "NUL in a display name"},
    {TEXT("\"\\\0\"@evil.example"), "error: unfinished quoted string at octet 1",
     "NUL after a backslash"},
    {TEXT("(\0) b@evil.example"), "error: unfinished comment at octet 1", "NUL in a comment"},
    {TEXT("a@good.example\r<b@evil.example>"), "error: unexpected character at octet 15",
     "a bare CR"},
    {TEXT("a@good.example\nFrom: b@evil.example"), "error: unexpected character at octet 15",
     "a line end that is no fold"},
    {TEXT("a@good.example\001"), "error: unexpected character at octet 15", "a control character"},
    {TEXT("<@good.example:b@evil.example>"), "b at evil.example", "a route is not the address"},
    {TEXT("<@good.example,a@good.example:b@evil.example>"), "error: unexpected \"a\" at octet 16",
     "a route of addresses"},
    {TEXT("<@good.example>"), "error: unexpected \">\" at octet 15", "a route without an address"},
    {TEXT("<a@good.example:b@evil.example>"), "error: unexpected \":\" at octet 16",
     "an address is no route"},
    {TEXT("@good.example:b@evil.example"), "error: unexpected \"@\" at octet 1",
     "a route without brackets"},
    {TEXT("<,:b@evil.example>"), "error: unexpected \":\" at octet 3", "a route of nothing"},
    {TEXT("a@good.example:b@evil.example;"), "error: unexpected \":\" at octet 15",
     "an unquoted address does not name a group"},
    {TEXT("G:a@good.example;b@evil.example"), "error: unexpected \"b\" at octet 18",
     "text after a group"},
    {TEXT("G:a@good.example;<b@evil.example>"), "error: unexpected \"<\" at octet 18",
     "an address after a group"},
    {TEXT("G:a@good.example"), "error: ends within an address", "a group that is not closed"},
    {TEXT("G:H:b@evil.example;;"), "error: unexpected \":\" at octet 4", "a group in a group"},
    {TEXT(":b@evil.example;"), "error: unexpected \":\" at octet 1", "a group without a name"},
    {TEXT("b@evil.example;"), "error: unexpected \";\" at octet 15", "the end of no group"},
    {TEXT("<G:b@evil.example;>"), "error: unexpected \":\" at octet 3", "a group in brackets"},
    {TEXT("=?utf-8?b?YUBnb29kLmV4YW1wbGU=?="), "error: an encoded word is no address",
     "an encoded word alone"},
    {TEXT("=?utf-8?b?YUBnb29kLmV4YW1wbGU=?=, <b@evil.example>"),
     "error: an encoded word is no address", "an encoded word as the first of two"},
    {TEXT("<=?utf-8?b?YUBnb29kLmV4YW1wbGU=?=>"), "error: an encoded word is no address",
     "an encoded word in brackets"},
    {TEXT("=?utf-8?b?PGFAZ29vZC5leGFtcGxlPg==?= <b@evil.example>"), "b at evil.example",
     "an encoded address as display name"},
    {TEXT("=?utf-8?q?a=40good.example=3E?=@evil.example"),
     "=?utf-8?q?a=40good.example=3E?= at evil.example",
     "an encoded word is not decoded in a local-part"},
    {TEXT("a@=?utf-8?q?good.example?="), "a at =?utf-8?q?good.example?=", "nor in a domain"},
    {TEXT("=?utf-8?q?a@good.example?= <b@evil.example>"), "error: unexpected \"<\" at octet 28",
     "an encoded word has no at sign"},
    {TEXT("<<b@evil.example>>"), "error: unexpected \"<\" at octet 2", "two pairs of brackets"},
    {TEXT("<a@good.example> >"), "error: unexpected \">\" at octet 18", "one bracket too many"},
    {TEXT("<b@evil.example"), "error: ends within an address", "a bracket that is not closed"},
    {TEXT("b@evil.example>"), "error: unexpected \">\" at octet 15",
     "a bracket that was not opened"},
    {TEXT("<>"), "error: unexpected \">\" at octet 2", "the null sender is for envelopes"},
    {TEXT("A <>"), "error: unexpected \">\" at octet 4", "... even with a display name"},
    {TEXT("A B"), "error: ends within an address", "a display name alone"},
    {TEXT("A b@evil.example"), "error: unexpected \"@\" at octet 4",
     "a display name without brackets"},
    {TEXT(".a@evil.example"), "error: unexpected \"@\" at octet 3", "a dot in front"},
    {TEXT("a.@evil.example"), "error: unexpected \"@\" at octet 3", "a dot before the at sign"},
    {TEXT("a..b@evil.example"), "error: unexpected \"@\" at octet 5", "two dots"},
    {TEXT("a@evil.example."), "error: ends within an address", "a dot at the end"},
    {TEXT("a@.evil.example"), "error: unexpected \".\" at octet 3", "a dot after the at sign"},
    {TEXT("a@evil..example"), "error: unexpected \".\" at octet 8", "two dots in the domain"},
    {TEXT("@evil.example"), "error: unexpected \"@\" at octet 1", "no local-part"},
    {TEXT("a@"), "error: ends within an address", "no domain"},
    {TEXT("a@\"good.example\""), "error: unexpected \"\"\" at octet 3", "a quoted domain"},
    {TEXT("a@[192.0.2.1].good.example"), "error: unexpected \".\" at octet 14",
     "text after a literal"},
    {TEXT("a@[192.0.2.1"), "error: unexpected \"[\" at octet 3", "a literal that is not closed"},
    {TEXT("\366@evil.example"), "error: unexpected character at octet 1", "Latin-1"},
    {TEXT("a@good\300\256example"), "error: unexpected character at octet 7", "an overlong dot"},
    {TEXT("a@good.example。evil.example"), "a at good.example.evil.example",
     "an ideographic full stop is a dot"},
    {TEXT("a＠good.example"), "a＠good.example at -", "a full-width at sign is none"},
    {TEXT("a@good.example＠evil.example"), "a at -", "... nor part of a domain"},
    {TEXT(""), "error: no address", "nothing"},
    {TEXT(" (a@good.example) "), "error: no address", "a comment alone"},
    {TEXT(",,"), "error: no address", "commas alone"},
};

/* written - the list as the tables have it */
static const char *written(struct pool *pool, const struct address_list *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++)
		text =
		    pool_printf(pool, "%s%s%s at %s", text, i != 0 ? "/" : "", list->items[i].local,
				list->items[i].domain != NULL ? list->items[i].domain : "-");
	return text;
}

static void test_table(struct pool *pool, const struct list_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct address_list list;
		struct error error = {0};
		bool good = address_parse_list(pool, cases[i].value, &list, &error);

		is_text(good ? written(pool, &list) : pool_printf(pool, "error: %s", error.text),
			cases[i].wanted, cases[i].name);
	}
}

#define TEST_TABLE(pool, cases) test_table(pool, cases, sizeof(cases) / sizeof((cases)[0]))

struct text_case {
	const char *value, *text, *display, *name;
};

static void test_texts(struct pool *pool)
{
	static const struct text_case cases[] = {
	    {"a@b.example", "a@b.example", "", "an addr-spec is its own text"},
	    {" <a@b.example> ", "a@b.example", "", "brackets are not part of it"},
	    {"\"B, A\" (x) C <a@b.example>", "a@b.example", "\"B, A\" (x) C",
	     "the display name is as written"},
	    {"=?utf-8?q?A?= <a@b.example>", "a@b.example",
	     "=?utf-8?q?A?=", "an encoded display name stays encoded"},
	    {"(x) a (y) @ b . example (z)", "a (y) @ b . example", "",
	     "comments at the border are not part of an addr-spec"},
	    {"<@c.example:\"a b\"@b.example>", "\"a b\"@b.example", "", "nor is a route"},
	    {"G: A <a@B.example>;", "a@B.example", "A", "a group name is no display name"},
	    {"A <a@[192.0.2.1]>", "a@[192.0.2.1]", "A", "a literal is in the text"},
	    {"root (Charlie)", "root", "", "no domain, no comment"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address_list list;
		struct error error;

		if (!ok(address_parse_list(pool, slice_of(cases[i].value), &list, &error) &&
			    list.count == 1,
			"one address: %s", cases[i].value))
			continue;
		is_text(slice_copy(pool, list.items[0].text), cases[i].text, cases[i].name);
		is_text(slice_copy(pool, list.items[0].display), cases[i].display,
			"... and the display name");
	}
}

static void test_prefix(struct pool *pool)
{
	struct address_list list;
	struct error error;

	ok(!address_parse_list(pool, slice_of("a@b.example, c@d.example x"), &list, &error),
	   "a syntax error in the second address");
	is_text(written(pool, &list), "a at b.example", "leaves the first in the list");
}

struct path_case {
	struct slice path;
	const char *wanted;
	const char *name;
};

static const struct path_case path_cases[] = {
    {TEXT("a@b.example"), "a at b.example", "path: without brackets"},
    {TEXT("<a@b.example>"), "a at b.example", "path: with brackets"},
    {TEXT(" <a@b.example>\n"), "a at b.example", "path: white space round it"},
    {TEXT(""), " at ", "path: empty is the null sender"},
    {TEXT("<>"), " at ", "path: so are brackets alone"},
    {TEXT("a@B.EXAMPLE."), "a at b.example", "path: the domain is canonical"},
    {TEXT("jörg@bücher.example"), "jörg at xn--bcher-kva.example", "path: UTF-8 (RFC 6531)"},
    {TEXT("<@c.example,@d.example:a@b.example>"), "a at b.example", "path: a route is ignored"},
    {TEXT("@c.example:a@b.example"), "a at b.example", "path: ... without brackets too"},
    {TEXT("\"a b\"@b.example"), "a b at b.example", "path: a quoted local-part"},
    {TEXT("a@good.example@b.example"), "a@good.example at b.example", "path: the last at sign"},
    {TEXT("a..b.@b.example"), "a..b. at b.example", "path: dots are the MTA's business"},
    {TEXT("\"a@b.example"), "\"a at b.example", "path: and so are quotes"},
    {TEXT("@b.example"), " at b.example", "path: an empty local-part"},
    {TEXT("SRS0=x=y=c.example=a@b.example"), "SRS0=x=y=c.example=a at b.example",
     "path: a rewritten sender"},
    {TEXT("root"), NULL, "path: no domain"},
    {TEXT("a@"), NULL, "path: an empty domain"},
    {TEXT("a@b..example"), NULL, "path: no domain name"},
    {TEXT("a@b c.example"), NULL, "path: a space in the domain"},
    {TEXT("a@[192.0.2.1]"), NULL, "path: a literal"},
    {TEXT("<a@b.example"), NULL, "path: a bracket that is not closed"},
    {TEXT("a@b.example>"), NULL, "path: a bracket that was not opened"},
    {TEXT("<"), NULL, "path: one bracket"},
    {TEXT("a\0@b.example"), NULL, "path: NUL in the local-part"},
    {TEXT("a@b\0.example"), NULL, "path: NUL in the domain"},
};

static void test_paths(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(path_cases) / sizeof(path_cases[0]); i++) {
		struct address address;
		struct address_list list = {.count = 1, .items = &address};
		bool good = address_parse_path(pool, path_cases[i].path, &address);

		is_text(good ? written(pool, &list) : NULL, path_cases[i].wanted,
			path_cases[i].name);
	}
}

#define HOSTILE_SIZE 1000000
#define HOSTILE_SECONDS                                                                            \
	2.0 /* linear work takes milliseconds even under sanitizers; quadratic, hours */

/* seconds_for - to parse a megabyte of the same few octets */
static double seconds_for(struct slice piece)
{
	struct pool *pool = pool_new();
	char *text = pool_alloc(pool, HOSTILE_SIZE);
	struct timespec start, end;
	struct address_list list;
	struct error error;

	for (size_t i = 0; i < HOSTILE_SIZE; i++)
		text[i] = piece.data[i % piece.len];
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	address_parse_list(pool, slice_from(text, HOSTILE_SIZE), &list, &error);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	pool_free(pool);
	return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

static void test_hostile(void)
{
	static const char *const pieces[] = {
	    "(",  "()",  "a(", "(a",  "a,",  "a@b,", "<",  "<a",    "<a@b>,", "\"",   "\"\"",
	    "\\", "a.",  "a ", ".",   ",",   ":",    "a:", "a:;,",  ";",      "[",    "a@[",
	    "@",  "@a,", "a@", "<@a", "<@,", "ü",    "\n", "\r\n ", "(\\",    "\"\\", "=?",
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		good &= seconds_for(slice_of(pieces[i])) < HOSTILE_SECONDS;
	ok(good, "no megabyte of the same octets takes long");
}

static void test_limit(struct pool *pool)
{
	struct address_list list;
	struct error error = {0};
	char *text = pool_alloc(pool, 2 * (ADDRESS_LIST_MAX + 1));

	for (size_t i = 0; i <= ADDRESS_LIST_MAX; i++)
		memcpy(text + 2 * i, "a,", 2);
	ok(address_parse_list(pool, slice_from(text, 2 * ADDRESS_LIST_MAX), &list, &error),
	   "as many addresses as are allowed");
	is_number((long long)list.count, ADDRESS_LIST_MAX, "... are all listed");
	ok(!address_parse_list(pool, slice_from(text, 2 * (ADDRESS_LIST_MAX + 1)), &list, &error),
	   "one more is an error");
	is_text(error.text, "more than 10000 addresses", "... with its reason");
}

int main(void)
{
	struct pool *pool = pool_new();

	TEST_TABLE(pool, plain_cases);
	TEST_TABLE(pool, comment_cases);
	TEST_TABLE(pool, several_cases);
	TEST_TABLE(pool, attack_cases);
	test_texts(pool);
	test_prefix(pool);
	test_paths(pool);
	test_hostile();
	test_limit(pool);
	pool_free(pool);
	return done();
}
