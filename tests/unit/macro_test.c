/*
 * macro_test - the grammar of macro strings and what they expand to
 */
#include "spf/macro.h"

#include <stdlib.h>

#include "base/pool.h"
#include "tap.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

#define LABEL_62 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijab"

struct check_case {
	enum spf_macro_kind kind;
	struct slice text;
	const char *section; /* NULL: no error */
	size_t position;
	const char *name;
};

static const struct check_case check_cases[] = {
    {SPF_DOMAIN_SPEC, TEXT("example.com"), NULL, 0, "a name"},
    {SPF_DOMAIN_SPEC, TEXT("example.com."), NULL, 0, "a name with its last dot"},
    {SPF_DOMAIN_SPEC, TEXT("a:b/c!$.example.com"), NULL, 0, "visible characters"},
    {SPF_DOMAIN_SPEC, TEXT("example.xn--zckzah"), NULL, 0, "hyphens in the top label"},
    {SPF_DOMAIN_SPEC, TEXT("example.1-2"), NULL, 0, "digits around a hyphen"},
    {SPF_DOMAIN_SPEC, TEXT("%{d}"), NULL, 0, "a macro alone"},
    {SPF_DOMAIN_SPEC, TEXT("%%"), NULL, 0, "a percent macro ends a name"},
    {SPF_DOMAIN_SPEC, TEXT("%{d}.example.com"), NULL, 0, "a macro in front"},
    {SPF_DOMAIN_SPEC, TEXT("%{IR.-+,/_=}.x.example.com"), NULL, 0, "all delimiters"},
    {SPF_DOMAIN_SPEC, TEXT("%{s127R}"), NULL, 0, "transformers in upper case"},
    {SPF_DOMAIN_SPEC, TEXT("%{d99999999999999999999}"), NULL, 0, "more parts than fit a number"},
    {SPF_DOMAIN_SPEC, TEXT("%{d0010}"), NULL, 0, "leading zeros"},
    {SPF_DOMAIN_SPEC, TEXT(".com"), NULL, 0, "an empty macro-string before the top label"},
    {SPF_DOMAIN_SPEC, TEXT(""), "7.1", 0, "nothing"},
    {SPF_DOMAIN_SPEC, TEXT("museum"), "7.1", 0, "one label"},
    {SPF_DOMAIN_SPEC, TEXT("museum."), "7.1", 0, "one label and a dot"},
    {SPF_DOMAIN_SPEC, TEXT("."), "7.1", 0, "a dot"},
    {SPF_DOMAIN_SPEC, TEXT("a.."), "7.1", 2, "an empty top label"},
    {SPF_DOMAIN_SPEC, TEXT("111.222.33.44"), "7.1", 11, "an address"},
    {SPF_DOMAIN_SPEC, TEXT("example.-com"), "7.1", 8, "a hyphen before the top label"},
    {SPF_DOMAIN_SPEC, TEXT("example.com-"), "7.1", 8, "a hyphen after it"},
    {SPF_DOMAIN_SPEC, TEXT("example.c_m"), "7.1", 8, "an underscore in it"},
    {SPF_DOMAIN_SPEC, TEXT("example.com:8080"), "7.1", 8, "a port"},
    {SPF_DOMAIN_SPEC, TEXT("%{d}com"), "7.1", 4, "a macro and half a label"},
    {SPF_DOMAIN_SPEC, TEXT("%{d}."), "7.1", 4, "a macro and a dot"},
    {SPF_DOMAIN_SPEC, TEXT("%(d).com"), "7.1", 0, "round brackets"},
    {SPF_DOMAIN_SPEC, TEXT("a%.com"), "7.1", 1, "a percent sign alone"},
    {SPF_DOMAIN_SPEC, TEXT("a.com%"), "7.1", 5, "a percent sign at the end"},
    {SPF_DOMAIN_SPEC, TEXT("a.com%{"), "7.2", 7, "a macro without a letter"},
    {SPF_DOMAIN_SPEC, TEXT("a.com%{d"), "7.1", 8, "a macro that does not end"},
    {SPF_DOMAIN_SPEC, TEXT("a.com%{d}%{"), "7.2", 11, "the same after another one"},
    {SPF_DOMAIN_SPEC, TEXT("%{x}.com"), "7.2", 2, "an unknown letter"},
    {SPF_DOMAIN_SPEC, TEXT("%{r}.com"), "7.2", 2, "r is for explanations"},
    {SPF_DOMAIN_SPEC, TEXT("%{C}.com"), "7.2", 2, "so is c in upper case"},
    {SPF_DOMAIN_SPEC, TEXT("%{d0}.com"), "7.3", 4, "zero parts"},
    {SPF_DOMAIN_SPEC, TEXT("%{dr2}.com"), "7.1", 4, "digits after r"},
    {SPF_DOMAIN_SPEC, TEXT("%{d!}.com"), "7.1", 3, "an unknown delimiter"},
    {SPF_DOMAIN_SPEC, TEXT("a b.com"), "7.1", 1, "a space"},
    {SPF_DOMAIN_SPEC, TEXT("a\tb.com"), "7.1", 1, "a tab"},
    {SPF_DOMAIN_SPEC, TEXT("a.com\0"), "7.1", 5, "NUL"},
    {SPF_DOMAIN_SPEC, TEXT("%{d\0}.com"), "7.1", 3, "NUL in a macro"},
    {SPF_DOMAIN_SPEC, TEXT("a\303\244.com"), "7.1", 1, "UTF-8"},
    {SPF_DOMAIN_SPEC, TEXT("a\177.com"), "7.1", 1, "DEL"},
    {SPF_MACRO_STRING, TEXT(""), NULL, 0, "an empty value"},
    {SPF_MACRO_STRING, TEXT("+"), NULL, 0, "any visible character in a value"},
    {SPF_MACRO_STRING, TEXT("%abc"), "7.1", 0, "a bad macro in a value"},
    {SPF_MACRO_STRING, TEXT("%{t}"), "7.2", 2, "t is for explanations"},
    {SPF_EXPLAIN_STRING, TEXT("see %{c} %{R} %{t}, 100%% %_%-"), NULL, 0, "an explanation"},
    {SPF_EXPLAIN_STRING, TEXT("The %{x}-files."), "7.2", 6, "an unknown letter in one"},
    {SPF_EXPLAIN_STRING, TEXT("two\nlines"), "7.1", 3, "a line end in one"},
    {SPF_EXPLAIN_STRING, TEXT("\303\244"), "7.1", 0, "UTF-8 in one"},
};

static void test_check(const struct check_case *test)
{
	struct spf_syntax_error error = {0};
	bool good = spf_macro_check(test->text, test->kind, &error);

	if (test->section == NULL) {
		ok(good, "%s: accepted", test->name);
		return;
	}
	if (!ok(!good && strcmp(error.section, test->section) == 0 &&
		    error.position == test->position,
		"%s: refused by section %s at %zu", test->name, test->section, test->position))
		printf("# got: section %s at %zu: %s\n", good ? "none" : error.section,
		       error.position, good ? "accepted" : error.what);
}

/* value_of - the example of RFC 7208 7.4, by letters */
static struct slice value_of(void *context, char letter)
{
	(void)context;
	switch (letter) {
	case 's': return slice_of("strong-bad@email.example.com");
	case 'l': return slice_of("strong-bad");
	case 'o':
	case 'd': return slice_of("email.example.com");
	case 'i': return slice_of("192.0.2.3");
	case 'v': return slice_of("in-addr");
	case 'h': return slice_of("a b&c=\344~_.d");
	case 'c': return slice_of("..a..");
	case 't': return slice_of("");
	default: return slice_of(NULL);
	}
}

static const struct spf_macro_source source = {.value = value_of};

static const struct {
	const char *text;
	const char *expanded;
	const char *name;
} expand_cases[] = {
    {"%{s}", "strong-bad@email.example.com", "a value as it is"},
    {"%{d4}", "email.example.com", "more parts than there are"},
    {"%{d3}", "email.example.com", "all parts"},
    {"%{d2}", "example.com", "the last two, without the dot before them"},
    {"%{d1}", "com", "the last one"},
    {"%{dr}", "com.example.email", "reversed"},
    {"%{d2r}", "example.email", "reversed first, then cut"},
    {"%{d1r}", "email", "reversed and cut to one"},
    {"%{d9r}", "com.example.email", "reversed, more parts than there are"},
    {"%{l-}", "strong.bad", "another delimiter becomes a dot"},
    {"%{lr}", "strong-bad", "a value of one part, reversed"},
    {"%{lr-}", "bad.strong", "reversed by another delimiter"},
    {"%{l1r-}", "strong", "and cut"},
    {"%{l1-}", "bad", "cut by another delimiter"},
    {"%{s2-@}", NULL, "only known delimiters"},
    {"%{d1-}", "email.example.com", "dots do not divide where another delimiter is named"},
    {"%{s3.-}", "bad@email.example.com", "several delimiters"},
    {"%{s1r-.}", "strong", "several delimiters, reversed"},
    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com", "an address, reversed"},
    {"%{i4}", "192.0.2.3", "all parts of an address"},
    {"%{i2}", "2.3", "some parts of an address"},
    {"%{DR}", "com.example.email", "upper case means escaping, not another value"},
    {"%{H}", "a%20b%26c%3D%E4~_.d", "escaped: all but unreserved characters, in capitals"},
    {"%{h}", "a b&c=\344~_.d", "not escaped: as it is"},
    {"%{H1}", "d", "cut before escaping"},
    {"%{c}", "..a..", "empty parts stay"},
    {"%{cr}", "..a..", "also when reversed"},
    {"%{c3}", "a..", "and they count"},
    {"%{c3r}", "a..", "from the left when reversed"},
    {"%{t}x", "x", "an empty value"},
    {"%{tr}x", "x", "an empty value, reversed"},
    {"100%%%_%-", "100% %20", "what stands for itself"},
    {"%{p}", NULL, "no value"},
    {"", "", "nothing"},
};

static void test_expand(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(expand_cases) / sizeof(expand_cases[0]); i++) {
		struct slice text = slice_of(expand_cases[i].text);
		struct spf_syntax_error error;
		bool good = spf_macro_check(text, SPF_EXPLAIN_STRING, &error);

		is_text(good ? spf_macro_expand(pool, text, &source) : NULL,
			expand_cases[i].expanded, expand_cases[i].name);
	}
}

/* long_value - a name of 257 octets */
static struct slice long_value(void *context, char letter)
{
	(void)context;
	(void)letter;
	return slice_of("first." LABEL_62 "." LABEL_62 "." LABEL_62 "." LABEL_62);
}

static void test_target(struct pool *pool)
{
	struct spf_macro_source long_source = {.value = long_value};
	const char *target = spf_macro_target(pool, slice_of("%{d}"), &long_source);

	is_text(target, LABEL_62 "." LABEL_62 "." LABEL_62 "." LABEL_62,
		"a name of 257 octets loses its first label");
	target = spf_macro_target(pool, slice_of("xx.%{d3}.%{d1}"), &long_source);
	is_text(target, LABEL_62 "." LABEL_62 "." LABEL_62 "." LABEL_62,
		"a name of 254 octets loses all of its first label");
	target = spf_macro_target(pool, slice_of("a.%{d3}.b"), &long_source);
	is_number(target != NULL ? (long long)strlen(target) : -1, 2 + 3 * 62 + 2 + 2,
		  "a shorter name loses nothing");
	is_text(spf_macro_target(pool, slice_of("example.com."), &source), "example.com",
		"the last dot is dropped");
	is_text(spf_macro_target(pool, slice_of("a..example.com"), &source), NULL,
		"an empty label cannot be asked for");
	is_text(spf_macro_target(pool, slice_of(LABEL_62 "c.com"), &source), LABEL_62 "c.com",
		"a label of 63 octets");
	is_text(spf_macro_target(pool, slice_of(LABEL_62 "cd.com"), &source), NULL,
		"not one of 64");
	is_text(spf_macro_target(pool, slice_of("%{t}"), &source), NULL, "an empty name");
	is_text(spf_macro_target(pool, slice_of("%{p}"), &source), NULL, "no value, no name");
}

/* repeated - a text of count copies */
static struct slice repeated(struct pool *pool, const char *text, size_t count)
{
	size_t len = strlen(text);
	char *copy = pool_alloc(pool, len * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(copy + i * len, text, len);
	return slice_from(copy, len * count);
}

static struct slice huge_value(void *context, char letter)
{
	(void)letter;
	return *(struct slice *)context;
}

static void test_limits(struct pool *pool)
{
	struct slice value = repeated(pool, "a.", 500000);
	struct spf_macro_source huge = {.value = huge_value, .context = &value};
	struct slice many = repeated(pool, "%{l1r}", 10000);
	const char *expanded;

	ok(spf_macro_expand(pool, slice_of("%{l}"), &huge) == NULL,
	   "an expansion above the limit is none");
	ok(spf_macro_target(pool, slice_of("%{l}.com"), &huge) == NULL, "and no name");
	expanded = spf_macro_expand(pool, many, &huge);
	is_number(expanded != NULL ? (long long)strlen(expanded) : -1, 10000,
		  "ten thousand macros that keep one part of a megabyte");
	ok(spf_macro_target(pool, repeated(pool, "%{l}", 127), &source) == NULL,
	   "127 macros in one label are no name");
	expanded = spf_macro_target(pool, repeated(pool, "%{d}.", 127), &source);
	ok(expanded != NULL && strlen(expanded) <= SPF_TARGET_MAX,
	   "127 names in a row are trimmed to one");
}

static void test_uses(void)
{
	ok(spf_macro_uses(slice_of("a%%{l}.%{L1r-}.b"), 'l'), "a letter is found");
	ok(!spf_macro_uses(slice_of("%%{s}.%{d}s"), 's'), "an escaped percent starts no macro");
	ok(!spf_macro_uses(slice_of(NULL), 's'), "nothing uses nothing");
}

int main(void)
{
	struct pool *pool = pool_new();

	for (size_t i = 0; i < sizeof(check_cases) / sizeof(check_cases[0]); i++)
		test_check(&check_cases[i]);
	test_expand(pool);
	test_target(pool);
	test_limits(pool);
	test_uses();
	pool_free(pool);
	return done();
}
