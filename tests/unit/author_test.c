/*
 * author_test - who a From field is read to be from: by the book, by what people see, or nobody
 */
#include "mail/author.h"

#include "base/pool.h"
#include "mail/encoded_word.h"
#include "tap.h"

static struct pool *pool;

/* added - text, a separator if it is not the first, and more */
static const char *added(const char *text, const char *more)
{
	return pool_printf(pool, "%s%s%s", text, *text != '\0' ? " " : "", more);
}

/* author_text - "recovered bank.example ?x.example local@bank.example" */
static const char *author_text(const struct author *author)
{
	static const char *const kinds[] = {[AUTHOR_NONE] = "none",
					    [AUTHOR_EXACT] = "exact",
					    [AUTHOR_RECOVERED] = "recovered",
					    [AUTHOR_SEVERAL] = "several"};
	const char *text = kinds[author->kind];

	for (size_t i = 0; i < author->count; i++)
		text = added(text, author->domains[i]);
	for (size_t i = 0; i < author->guess_count; i++)
		text = added(text, pool_printf(pool, "?%s", author->guesses[i]));
	return author->incomplete ? added(text, "incomplete") : text;
}

/* is_author - a field and what becomes of it */
static void is_author(const char *value, const char *wanted)
{
	struct author author;

	author_read_value(pool, slice_of(value), &author);
	is_text(author_text(&author), wanted, value);
	if ((author.reason == NULL) != (author.kind == AUTHOR_EXACT))
		ok(false, "a reason unless it is exact: %s", value);
}

/* A field and what becomes of it. */
struct example {
	const char *value;
	const char *wanted;
};

/* is_each - all of a list */
static void is_each(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		is_author(examples[i].value, examples[i].wanted);
}

#define IS_EACH(examples) is_each(examples, sizeof(examples) / sizeof((examples)[0]))

static void test_exact(void)
{
	static const struct example examples[] = {
	    {" A <a@Good.TEST>", "exact good.test"},
	    {"a@x.test, b@X.test", "exact x.test"},
	    {"a@m\xc3\xbcnchen.test", "exact xn--mnchen-3ya.test"},
	    {"\"service@bank.example\" <x@evil.test>", "exact evil.test"},
	    {"\"Bank, Inc.\" <service@bank.example>", "exact bank.example"},
	    {"ann@(x@evil.test)good.test", "exact good.test"},
	    {"Ann <@evil.test:ann@good.test>", "exact good.test"},
	    {"Office: ann@good.test;", "exact good.test"},
	    {"=?utf-8?B?PHhAZXZpbC50ZXN0Pg==?= <ann@good.test>", "exact good.test"},
	    {"root@localhost", "exact localhost"},
	};

	IS_EACH(examples);
}

static void test_recovered(void)
{
	static const struct example examples[] = {
	    {"Bank, Inc. <service@bank.example>", "recovered bank.example"},
	    {"Doe, John <u@bank.example>", "recovered bank.example"},
	    {"Doe, Jr., John <u@bank.example>", "recovered bank.example"},
	    {"Bank, Inc. Berlin, Germany <u@bank.example>", "recovered bank.example"},
	    {"service@bank.example <service@bank.example>", "recovered bank.example"},
	    {"info@bank.example via Form <info@bank.example>",
	     "recovered bank.example ?bank.exampleviaform"},
	    {"<service@bank.example", "recovered bank.example"},
	    {"service@bank.example.", "recovered bank.example"},
	    {"Bank <service@bank.example.>", "recovered bank.example"},
	    {"<<service@bank.example>>", "recovered bank.example"},
	    {"Bank <service@bank.example> and more", "recovered bank.example"},
	    {"Support @ Bank <service@bank.example>", "recovered bank.example"},
	    {"service.@bank.example", "recovered bank.example"},
	    {".service@bank.example", "recovered bank.example"},
	    {"Joe <a..b@bank.example>", "recovered bank.example"},
	    {"[SPAM] Joe <a@bank.example>", "recovered bank.example"},
	    {"Joe; x <a@bank.example>", "recovered bank.example"},
	    {"Joe: x <a@bank.example>", "recovered bank.example"},
	    {"Joe\\, X <a@bank.example>", "recovered bank.example"},
	    {"Joe x) <a@bank.example>", "recovered bank.example"},
	    {"Joe (x <a@bank.example>", "recovered bank.example"},
	    {"\"Joe <a@bank.example>", "recovered bank.example"},
	    {"Joe \" <a@bank.example>", "recovered bank.example"},
	    {"B\xe4nk <a@bank.example>", "recovered bank.example"},
	    {"B\033nk <a@bank.example>", "recovered bank.example"},
	    {"B\rnk <a@bank.example>", "recovered bank.example"},
	    {"a@bank..example <x@evil.test>", "recovered evil.test ?bank.example"},
	    {"Joe <a b@bank.example>", "recovered bank.example"},
	    {"Joe <a@bank.example", "recovered bank.example"},
	    {"Joe a@bank.example>", "recovered bank.example"},
	    {"mailto:a@bank.example <a@bank.example>", "recovered bank.example"},
	    {"\"x@evil.test\" a b <a@bank.example", "recovered bank.example"},
	};

	IS_EACH(examples);
}

static void test_several(void)
{
	static const struct example examples[] = {
	    {"a@b.test, c@d.test", "several b.test d.test"},
	    {"service@bank.example <x@evil.test>", "several bank.example evil.test"},
	    {"Bank <service@bank.example>, B <x@evil.test>", "several bank.example evil.test"},
	    {"x@evil.test (ann@good.test", "several evil.test good.test"},
	    {"<x@evil.test> <ann@good.test>", "several evil.test good.test"},
	    {"x@evil.test; ann@good.test", "several evil.test good.test"},
	    {"ann@good.test@evil.test", "several good.test evil.test"},
	    /* Whose quotes are whose can be seen in two ways, so all of it counts. */
	    {"\\\" <ann@good.test> \\\" <x@evil.test>", "several good.test evil.test"},
	    {"(\") ann@good.test <x@evil.test> (\") <", "several good.test evil.test"},
	    {"\"ann@good.test <x@evil.test>", "several good.test evil.test"},
	    {"root, ann@good.test, x@evil.test", "several good.test evil.test incomplete"},
	};

	IS_EACH(examples);
}

static void test_guesses(void)
{
	static const struct example examples[] = {
	    {"a@bank.exam ple", "recovered bank.exam ?bank.example"},
	    {"a@bank . example <x@evil.test>", "recovered evil.test ?bank.example"},
	    {"a@ba(c)nk.example", "none"},
	    {"a@bank.exam\033ple <x@evil.test>", "several bank.exam evil.test ?bank.example"},
	    {"a@bank.example=x <x@evil.test>", "recovered evil.test ?bank.example"},
	    {"(se\n rvice@bank.example) x@evil.test", "exact evil.test ?bank.example"},
	    {"\"\r\n a@bank.example\" <x@evil.test>", "exact evil.test ?bank.example"},
	    {"a@m\xe4il.bank.example, <x@evil.test", "recovered evil.test ?bank.example"},
	    {"a@m\\il.bank.example, <x@evil.test>", "recovered evil.test ?bank.example"},
	    {"\"a@bank.example\">@evil.test", "recovered evil.test ?bank.example"},
	    {"=?utf-8?b?YUBiYW5rLmV4YW1wbGU=?==?utf-8?Q?=00?=@evil.test",
	     "exact evil.test ?bank.example"},
	    {"=?utf-8?q?a=40bank.example?=, <x@evil.test", "recovered evil.test ?bank.example"},
	};

	IS_EACH(examples);
}

static void test_none(void)
{
	static const struct example examples[] = {
	    {"", "none"},
	    {"<>", "none"},
	    {"root", "none incomplete"},
	    {"a@", "none"},
	    {"a@bank..example", "none"},
	    {"a@[::1]", "none incomplete"},
	    {"nobody:;", "none"},
	    {"a@bank.example foo <x@y", "recovered bank.example ?bank.examplefoo"},
	    {"=?utf-8?Q?ann=40good.test?=", "none"},
	    {"\"ann@good.test\" x", "none"},
	    {"a@a.test, b@b.test, c@c.test, d@d.test, e@e.test, f@f.test, g@g.test, h@h.test, "
	     "i@i.test",
	     "none"},
	};

	IS_EACH(examples);
	is_author("a@[::1], c@b.test", "recovered b.test incomplete");
	is_author("root, a@b.test", "recovered b.test incomplete");
	is_author("a@b.test, root", "recovered b.test incomplete");
	is_author("\"x@y.test\", B <a@b.test>", "recovered b.test incomplete");
}

static void test_addresses(void)
{
	struct author author;

	author_read_value(pool, slice_of("Joe; x <a..b@bank.example>"), &author);
	is_text(author.addresses.items[0].local, "a..b", "the local part, for signing tables");
	is_text(author.addresses.items[0].domain, "bank.example", "and the domain");
	author_read_value(pool, slice_of("Joe; <\"a b\"@bank.example>"), &author);
	is_text(author.addresses.items[0].local, "a b", "a quoted local part without its quotes");
	author_read_value(pool, slice_of("Doe, John <u@bank.example>"), &author);
	is_text(author.addresses.items[0].local, "u", "a name is no author");
	is_number((long long)author.addresses.count, 1, "and there is only one");
}

/* test_large - what a stranger sends takes no time */
static void test_large(void)
{
	static const char *const pieces[] = {
	    "@",         "@(",     "\"@", "x@a.test ",        "@a b", "=?q?q?@?=", "\\\"@a.test",
	    "(@a.test)", "\"a\" ", "(\n", "@a.a.a.a.a.a.a.a."};
	struct author author;
	struct buffer text;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		buffer_init(&text, 1U << 20);
		while (buffer_add_text(&text, pieces[i]))
			;
		author_read_value(pool, buffer_slice(&text), &author);
		ok(author.count <= AUTHOR_DOMAINS_MAX, "a megabyte of %s", pieces[i]);
		buffer_free(&text);
	}
}

/* is_decoded - encoded words in a text */
static void is_decoded(const char *text, const char *wanted)
{
	is_text(slice_copy(pool, encoded_words_decode(pool, slice_of(text))), wanted, text);
}

static void test_encoded_words(void)
{
	is_decoded("a =?utf-8?q?b=40_c?= d", "a b@ c d");
	is_decoded("=?utf-8?b?YUBi?= \n =?UTF-8*de?Q?c?=", "a@bc");
	is_decoded("=?utf-8?b?YU!B  i?=", "=?utf-8?b?YU!B  i?=");
	is_decoded("=?utf-8?b?YU-B#i?=", "a@b");
	is_decoded("=?utf-8?b?YUB?=", "a@");
	is_decoded("=?utf-8?x?YUB?= =?", "=?utf-8?x?YUB?= =?");
	is_decoded("=?u?q?=4?=", "=4");
}

int main(void)
{
	pool = pool_new();
	test_exact();
	test_recovered();
	test_several();
	test_guesses();
	test_none();
	test_addresses();
	test_large();
	test_encoded_words();
	pool_free(pool);
	return done();
}
