/*
 * taglist_test - tag=value lists, read strictly and read step by step
 */
#include "mail/taglist.h"

#include <string.h>

#include "base/pool.h"
#include "tap.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

struct list_case {
	struct slice text;
	const char *wanted; /* "name=value" of each tag in brackets, or the error text */
	const char *name;
};

static const struct list_case list_cases[] = {
    {TEXT("v=1"), "[v=1]", "one tag"},
    {TEXT("v=1; a=rsa-sha256; d=a.example"), "[v=1][a=rsa-sha256][d=a.example]", "several"},
    {TEXT("a=1;"), "[a=1]", "a semicolon at the end"},
    {TEXT("a=1; "), "[a=1]", "and a space after it"},
    {TEXT("a=1;\r\n\t"), "[a=1]", "or a fold"},
    {TEXT(" a = 1 ;b\t=\t2"), "[a=1][b=2]", "white space round name and value"},
    {TEXT("\r\n a\r\n =\r\n 1\r\n ;\n b=2"), "[a=1][b=2]", "folds round name and value"},
    {TEXT("h=from : to"), "[h=from : to]", "white space in a value is kept"},
    {TEXT("b=ab\r\n cd"), "[b=ab\r\n cd]", "a fold in a value is kept"},
    {TEXT("p="), "[p=]", "an empty value"},
    {TEXT("p=; t=s"), "[p=][t=s]", "an empty value in front of another tag"},
    {TEXT("p= ; t= "), "[p=][t=]", "empty values of white space"},
    {TEXT("b=YQ=="), "[b=YQ==]", "equals signs in a value"},
    {TEXT("A=1; a=2"), "[A=1][a=2]", "names are case-sensitive"},
    {TEXT("x_1=y"), "[x_1=y]", "digits and underscores in a name"},
    {TEXT("n=!\"#$%&'()*+,-./:<>?@[\\]^_`{|}~"), "[n=!\"#$%&'()*+,-./:<>?@[\\]^_`{|}~]",
     "every character a value may have"},
    {TEXT("i=jörg@bücher.example"), "[i=jörg@bücher.example]", "UTF-8 in a value (RFC 8616)"},

    {TEXT(""), "no tag at all", "empty"},
    {TEXT(" \r\n "), "no tag at all", "white space alone"},
    {TEXT(";"), "tag 1 is empty", "a semicolon alone"},
    {TEXT(";a=1"), "tag 1 is empty", "a semicolon in front"},
    {TEXT("a=1;;"), "tag 2 is empty", "two semicolons at the end"},
    {TEXT("a=1; ;b=2"), "tag 2 is empty", "two semicolons between tags"},
    {TEXT("a=1; b=2; c"), "tag 3 has no \"=\"", "no equals sign"},
    {TEXT("a=1; =2"), "tag 2 has no valid name", "no name"},
    {TEXT("1a=2"), "tag 1 has no valid name", "a name that begins with a digit"},
    {TEXT("a-b=2"), "tag 1 has no valid name", "a hyphen in a name"},
    {TEXT("a b=2"), "tag 1 has no valid name", "a space in a name"},
    {TEXT("ä=2"), "tag 1 has no valid name", "UTF-8 in a name"},
    {TEXT("a=1\0; b=2"), "tag 1 has a control character or ill-formed UTF-8 in its value",
     "NUL in a value"},
    {TEXT("a=\0"), "tag 1 has a control character or ill-formed UTF-8 in its value",
     "NUL in place of a value"},
    {TEXT("a\0=1"), "tag 1 has no valid name", "NUL in a name"},
    {TEXT("a=1\r2"), "tag 1 has a line break in its value", "a bare CR"},
    {TEXT("a=1\r\n2"), "tag 1 has a line break in its value", "a line end that is no fold"},
    {TEXT("a=1\n"), "tag 1 has a line break in its value", "a line end after the list"},
    {TEXT("a=1\177"), "tag 1 has a control character or ill-formed UTF-8 in its value", "DEL"},
    {TEXT("a=j\366rg"), "tag 1 has a control character or ill-formed UTF-8 in its value",
     "Latin-1 in a value"},
    {TEXT("a=\303"), "tag 1 has a control character or ill-formed UTF-8 in its value",
     "a UTF-8 character cut short"},
    {TEXT("a=\303;"), "tag 1 has a control character or ill-formed UTF-8 in its value",
     "a UTF-8 character cut short by the next tag"},
    {TEXT("d=a; s=b; d=a"), "duplicate tag \"d\"", "a duplicate with the same value"},
    {TEXT("d=a; dd=b; ddd=c"), "[d=a][dd=b][ddd=c]", "a name that begins like another is none"},
    {TEXT("d=1; dd=2; ddd=3; dddd=4; d=5"), "duplicate tag \"d\"",
     "a duplicate among names that begin alike"},
    {TEXT("d=a; d=b; x"), "tag 3 has no \"=\"", "a broken tag counts before a duplicate"},
};

/* written - the list in brackets */
static const char *written(struct pool *pool, const struct taglist *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++)
		text = pool_printf(pool, "%s[%s=%s]", text, slice_copy(pool, list->tags[i].name),
				   slice_copy(pool, list->tags[i].value));
	return text;
}

static void test_parse(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(list_cases) / sizeof(list_cases[0]); i++) {
		const struct list_case *test = &list_cases[i];
		struct taglist list;
		struct error error = {0};
		bool good = taglist_parse(pool, test->text, &list, &error);

		is_text(good ? written(pool, &list) : error.text, test->wanted, test->name);
	}
}

struct step_case {
	const char *text;
	const char *steps; /* T: tag, B: bad, E: end */
	const char *name;
};

static void test_next(void)
{
	static const struct step_case cases[] = {
	    {"v=DMARC1; p=none", "TTE", "next: each tag, then the end"},
	    {"v=DMARC1; p none; sp=none;", "TBTE", "next: a bad tag does not hide the next"},
	    {"a=1; a=2", "TTE", "next: duplicates are the caller's business"},
	    {"a=1;;b=2", "TBTE", "next: an empty tag is bad"},
	    {"a=1; ", "TE", "next: but not after the last semicolon"},
	    {"", "E", "next: nothing in an empty text"},
	    {";", "BE", "next: an empty tag and its semicolon"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = slice_of(cases[i].text);
		char steps[10] = "";
		struct tag tag;

		for (size_t step = 0; step < sizeof(steps) - 1; step++) {
			steps[step] = "ETB"[taglist_next(&rest, &tag)];
			if (steps[step] == 'E')
				break;
		}
		is_text(steps, cases[i].steps, cases[i].name);
	}
}

static void test_value(struct pool *pool)
{
	struct taglist list;
	struct error error;
	struct slice compact;

	ok(taglist_parse(pool, slice_of("bh=x; b=Y \r\n Q\t=\n ="), &list, &error), "a list");
	ok(slice_is(*taglist_value(&list, "bh"), "x"), "the value of a tag");
	ok(taglist_value(&list, "B") == NULL, "a tag in other case is not there");
	ok(taglist_value(&list, "x") == NULL, "a tag that is not there");
	compact = taglist_compact(pool, *taglist_value(&list, "b"));
	is_text(compact.data, "YQ==", "a compact value has no white space");
	is_number((long long)compact.len, 4, "... and that length");
	compact = taglist_compact(pool, slice_of(NULL));
	is_text(compact.data, "", "an empty value stays empty");
}

/* numbered - a list of count tags with different names */
static struct slice numbered(struct pool *pool, unsigned count)
{
	struct slice text;
	struct buffer buffer;

	buffer_init(&buffer, 100000000);
	for (unsigned i = 0; i < count; i++)
		buffer_printf(&buffer, "t%u=x;", i);
	text = slice_from(slice_copy(pool, buffer_slice(&buffer)), buffer.len);
	buffer_free(&buffer);
	return text;
}

static void test_limits(struct pool *pool)
{
	struct taglist list;
	struct error error = {0};
	char *name = pool_alloc(pool, 2001);

	ok(taglist_parse(pool, numbered(pool, TAGLIST_TAGS_MAX), &list, &error),
	   "as many tags as are allowed");
	ok(!taglist_parse(pool, numbered(pool, TAGLIST_TAGS_MAX + 1), &list, &error),
	   "one tag more is refused");
	is_text(error.text, "more than 1000 tags", "... with the reason");
	ok(!taglist_parse(pool, numbered(pool, 200000), &list, &error), "a megabyte of tags");
	memset(name, 'x', 2000);
	ok(!taglist_parse(pool, slice_of(pool_printf(pool, "%s=1;%s=2", name, name)), &list,
			  &error),
	   "a duplicate with a name of 2000 letters");
	is_text(error.text, "duplicate tag \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
		"... of which forty are repeated");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_parse(pool);
	test_next();
	test_value(pool);
	test_limits(pool);
	pool_free(pool);
	return done();
}
