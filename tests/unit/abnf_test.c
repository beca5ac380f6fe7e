/*
 * abnf_test - each skipper matches as much as its rule allows, and not more
 */
#include "mail/abnf.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "tap.h"

#define HOSTILE_SIZE 1000000

/* A text that may contain NUL, so its length counts. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

typedef size_t skipper(struct slice s);

struct skip_case {
	skipper *skip;
	struct slice text;
	size_t matched;
	const char *name;
};

static const struct skip_case skip_cases[] = {
    {skip_wsp, TEXT(" \t x"), 3, "wsp: spaces and tabs"},
    {skip_wsp, TEXT("\n "), 0, "wsp: no line end"},
    {skip_wsp, TEXT(""), 0, "wsp: empty text"},

    {skip_fws, TEXT("  x"), 2, "fws: white space alone"},
    {skip_fws, TEXT("\r\n x"), 3, "fws: a fold in CRLF"},
    {skip_fws, TEXT("\n\tx"), 2, "fws: a fold in bare LF"},
    {skip_fws, TEXT(" \r\n \r\n x"), 7, "fws: obsolete form, a line of white space only"},
    {skip_fws, TEXT(" \r\nx"), 1, "fws: a line end without white space after it is no fold"},
    {skip_fws, TEXT(" \r\n"), 1, "fws: nor is one at the end of the text"},
    {skip_fws, TEXT("\r x"), 0, "fws: a bare CR is no line end"},
    {skip_fws, TEXT("\r\r\n x"), 0, "fws: nor one in front of a line end"},
    {skip_fws, TEXT("\n\n x"), 0, "fws: an empty line ends the field"},
    {skip_fws, TEXT(" \0 "), 1, "fws: stops at NUL"},

    {skip_comment, TEXT("(a b) c"), 5, "comment: to its closing parenthesis"},
    {skip_comment, TEXT("()"), 2, "comment: empty"},
    {skip_comment, TEXT("(a(b(c)d)e)f"), 11, "comment: nested"},
    {skip_comment, TEXT("(a\\)b)c"), 6, "comment: a quoted parenthesis does not close it"},
    {skip_comment, TEXT("(a\\(b)c"), 6, "comment: nor open another"},
    {skip_comment, TEXT("(\")c\""), 3, "comment: quotes mean nothing in it"},
    {skip_comment, TEXT("(a\r\n b)"), 7, "comment: folded"},
    {skip_comment, TEXT("(a\r\nb)"), 0, "comment: a line end that is no fold breaks it"},
    {skip_comment, TEXT("(a"), 0, "comment: not closed"},
    {skip_comment, TEXT("(a(b)"), 0, "comment: one level not closed"},
    {skip_comment, TEXT("(a\\"), 0, "comment: a backslash at the end"},
    {skip_comment, TEXT("(\0)"), 0, "comment: no NUL"},
    {skip_comment, TEXT("(\\\0)"), 0, "comment: no quoted NUL"},
    {skip_comment, TEXT("(\\\r)"), 0, "comment: no quoted CR"},
    {skip_comment, TEXT("(\x01)"), 3, "comment: a control character (obs-ctext)"},
    {skip_comment, TEXT("(gr\xc3\xbc\xc3\x9f)"), 8, "comment: UTF-8"},
    {skip_comment, TEXT("(\\\xc3\xbc)"), 5, "comment: a quoted UTF-8 character"},
    {skip_comment, TEXT("(\xfc)"), 0, "comment: no Latin-1"},
    {skip_comment, TEXT(")("), 0, "comment: must open first"},

    {skip_cfws, TEXT(" (a) (b)\r\n (c) x"), 15, "cfws: comments and folds in turn"},
    {skip_cfws, TEXT("(a)(b)x"), 6, "cfws: comments without space between"},
    {skip_cfws, TEXT(" (a"), 1, "cfws: stops before a broken comment"},
    {skip_cfws, TEXT("x"), 0, "cfws: may be nothing"},

    {skip_atom, TEXT("a.b"), 1, "atom: no dot"},
    {skip_atom, TEXT("!#$%&'*+-/=?^_`{|}~9Z "), 21, "atom: every special that is atext"},
    {skip_atom, TEXT("a@b"), 1, "atom: ends at a special that is not"},
    {skip_atom, TEXT("j\xc3\xb8rn"), 5, "atom: UTF-8"},
    {skip_atom, TEXT("a\xf8r"), 1, "atom: ends at ill-formed UTF-8"},
    {skip_atom, TEXT("a\x7f"), 1, "atom: ends at DEL"},
    {skip_atom, TEXT("\0"), 0, "atom: NUL is not in it"},

    {skip_dot_atom, TEXT("a.b.c d"), 5, "dot-atom: atoms joined by dots"},
    {skip_dot_atom, TEXT("a..b"), 1, "dot-atom: no two dots"},
    {skip_dot_atom, TEXT("a."), 1, "dot-atom: no dot at the end"},
    {skip_dot_atom, TEXT(".a"), 0, "dot-atom: no dot at the start"},

    {skip_quoted_string, TEXT("\"a b\"c"), 5, "quoted-string: with both quotes"},
    {skip_quoted_string, TEXT("\"\""), 2, "quoted-string: empty"},
    {skip_quoted_string, TEXT("\"a\\\"b\"c"), 6, "quoted-string: a quoted quote"},
    {skip_quoted_string, TEXT("\"a\\\\\"b\""), 5, "quoted-string: a quoted backslash"},
    {skip_quoted_string, TEXT("\"a\\ b\""), 6, "quoted-string: a quoted space"},
    {skip_quoted_string, TEXT("\"a\n b\""), 6, "quoted-string: folded"},
    {skip_quoted_string, TEXT("\"a\nb\""), 0, "quoted-string: broken by a line end"},
    {skip_quoted_string, TEXT("\"a\rb\""), 0, "quoted-string: no bare CR"},
    {skip_quoted_string, TEXT("\"a\\\nb\""), 0, "quoted-string: no quoted LF"},
    {skip_quoted_string, TEXT("\"a\0b\""), 0, "quoted-string: no NUL"},
    {skip_quoted_string, TEXT("\"a\x1b\""), 4, "quoted-string: a control character (obs-qtext)"},
    {skip_quoted_string, TEXT("\"a"), 0, "quoted-string: not closed"},
    {skip_quoted_string, TEXT("a\"b\""), 0, "quoted-string: begins with a quote"},
    {skip_quoted_string, TEXT("\"a\\\""), 0, "quoted-string: the only closing quote is quoted"},
    {skip_quoted_string, TEXT("\"\xe2\x82\xac\""), 5, "quoted-string: UTF-8"},
    {skip_quoted_string, TEXT("\"\xe2\x82\""), 0, "quoted-string: no UTF-8 cut short"},

    {skip_domain_literal, TEXT("[192.0.2.1]x"), 11, "domain-literal: with both brackets"},
    {skip_domain_literal, TEXT("[ IPv6:2001:db8::1 ]"), 20, "domain-literal: spaces inside"},
    {skip_domain_literal, TEXT("[[1]"), 0, "domain-literal: no bracket inside"},
    {skip_domain_literal, TEXT("[1"), 0, "domain-literal: not closed"},

    {skip_token, TEXT("rsa-sha256;"), 10, "token: ends at a tspecial"},
    {skip_token, TEXT("a/b"), 1, "token: no slash"},
    {skip_token, TEXT("a=b"), 1, "token: no equals sign"},
    {skip_token, TEXT("{a}|b "), 5, "token: other punctuation"},
    {skip_token, TEXT("\xc3\xbc"), 0, "token: no UTF-8"},

    {skip_tag_name, TEXT("a_1=x"), 3, "tag-name: letters, digits, underscore"},
    {skip_tag_name, TEXT("1a"), 0, "tag-name: begins with a letter"},
    {skip_tag_name, TEXT("_a"), 0, "tag-name: not with an underscore"},
    {skip_tag_name, TEXT("a-b"), 1, "tag-name: no hyphen"},

    {skip_keyword, TEXT("x-1.y"), 3, "keyword: letters, digits, hyphens"},
    {skip_keyword, TEXT("a--="), 1, "keyword: no hyphen at the end"},
    {skip_keyword, TEXT("--"), 0, "keyword: not hyphens alone"},

    {skip_utf8_tail, TEXT("a"), 0, "UTF-8: ASCII is not meant"},
    {skip_utf8_tail, TEXT("\xc3\xbc"), 2, "UTF-8: two octets"},
    {skip_utf8_tail, TEXT("\xe2\x82\xac"), 3, "UTF-8: three octets"},
    {skip_utf8_tail, TEXT("\xf0\x9f\x93\xa7"), 4, "UTF-8: four octets"},
    {skip_utf8_tail, TEXT("\xf4\x8f\xbf\xbf"), 4, "UTF-8: the last code point"},
    {skip_utf8_tail, TEXT("\xf4\x90\x80\x80"), 0, "UTF-8: nothing beyond it"},
    {skip_utf8_tail, TEXT("\xf5\x80\x80\x80"), 0, "UTF-8: no octet above F4"},
    {skip_utf8_tail, TEXT("\xc0\xaf"), 0, "UTF-8: no overlong form of two"},
    {skip_utf8_tail, TEXT("\xe0\x9f\xbf"), 0, "UTF-8: no overlong form of three"},
    {skip_utf8_tail, TEXT("\xf0\x8f\xbf\xbf"), 0, "UTF-8: no overlong form of four"},
    {skip_utf8_tail, TEXT("\xed\xa0\x80"), 0, "UTF-8: no surrogates"},
    {skip_utf8_tail, TEXT("\xc3"), 0, "UTF-8: cut short"},
    {skip_utf8_tail, TEXT("\xf0\x9f\x93"), 0, "UTF-8: cut short after three of four"},
    {skip_utf8_tail, TEXT("\xe2\x82\x28"), 0, "UTF-8: the last octet is none"},
    {skip_utf8_tail, TEXT("\xbf"), 0, "UTF-8: a continuation alone"},
};

static void test_skippers(void)
{
	for (size_t i = 0; i < sizeof(skip_cases) / sizeof(skip_cases[0]); i++) {
		const struct skip_case *test = &skip_cases[i];
		/* of exactly that size, so that a sanitizer sees a read beyond the end */
		char *copy = memory_alloc(test->text.len);
		struct slice text =
		    slice_from(memcpy(copy, test->text.data, test->text.len), test->text.len);

		is_number((long long)test->skip(text), (long long)test->matched, test->name);
		free(copy);
	}
}

static void test_classes(void)
{
	unsigned atext = 0, vchar = 0, alnum = 0, hexdigit = 0, wsp = 0;

	for (int octet = 0; octet < 256; octet++) {
		atext += is_atext((char)octet);
		vchar += is_vchar((char)octet);
		alnum += is_alnum((char)octet);
		hexdigit += is_hexdigit((char)octet);
		wsp += is_wsp((char)octet);
	}
	is_number(atext, 81, "atext has 62 letters and digits and 19 specials");
	is_number(vchar, 94, "VCHAR has 94 members");
	is_number(alnum, 62, "letters and digits are 62, in any locale");
	is_number(hexdigit, 22, "HEXDIG in both cases");
	is_number(wsp, 2, "WSP is SP and TAB");
}

struct unquote_case {
	const char *quoted, *content;
};

static void test_unquote(void)
{
	static const struct unquote_case cases[] = {
	    {"\"a b\"", "a b"},   {"\"\"", ""},           {"\"a\\\"b\"", "a\"b"},
	    {"\"a\\\\\"", "a\\"}, {"\"a\r\n b\"", "a b"}, {"\"a\n\tb\"", "a\tb"},
	    {"\"\\a\\b\"", "ab"},
	};
	struct pool *pool = pool_new();
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *content = unquote(pool, slice_of(cases[i].quoted), &len);

		is_text(content, cases[i].content, "unquote gives the content");
		is_number((long long)len, (long long)strlen(cases[i].content),
			  "... and its length");
	}
	pool_free(pool);
}

static void test_quoting(void)
{
	struct pool *pool = pool_new();
	struct buffer text;
	struct slice written;
	size_t len;

	buffer_init(&text, 1000);
	put_quoted_string(&text, slice_from("a \"b\\\r\n\0\x7f\xc3\xa4", 11));
	written = buffer_slice(&text);
	is_text(slice_copy(pool, written), "\"a \\\"b\\\\????\xc3\xa4\"",
		"a quoted-string has no control characters");
	ok(skip_quoted_string(written) == written.len, "... and is one");
	is_text(unquote(pool, written, &len), "a \"b\\????\xc3\xa4", "... of that content");
	buffer_free(&text);
	pool_free(pool);
}

/* nested - depth comments in each other */
static struct slice nested(struct pool *pool, size_t depth)
{
	char *text = pool_alloc(pool, 2 * depth);

	memset(text, '(', depth);
	memset(text + depth, ')', depth);
	return slice_from(text, 2 * depth);
}

static void test_limits(void)
{
	struct pool *pool = pool_new();
	char *text = pool_alloc(pool, HOSTILE_SIZE);

	is_number((long long)skip_comment(nested(pool, ABNF_COMMENT_DEPTH_MAX)),
		  2 * ABNF_COMMENT_DEPTH_MAX, "comments may nest up to the limit");
	is_number((long long)skip_comment(nested(pool, ABNF_COMMENT_DEPTH_MAX + 1)), 0,
		  "one level deeper is a syntax error");
	is_number((long long)skip_comment(nested(pool, HOSTILE_SIZE)), 0,
		  "a million levels are refused");
	memset(text, '\\', HOSTILE_SIZE);
	text[0] = '"';
	is_number((long long)skip_quoted_string(slice_from(text, HOSTILE_SIZE)), 0,
		  "a quoted string of backslashes is never closed");
	memset(text, ' ', HOSTILE_SIZE);
	is_number((long long)skip_cfws(slice_from(text, HOSTILE_SIZE)), HOSTILE_SIZE,
		  "a million spaces are white space");
	pool_free(pool);
}

int main(void)
{
	test_skippers();
	test_classes();
	test_unquote();
	test_quoting();
	test_limits();
	return done();
}
