/*
 * domain_test - one form for every way to write a domain name
 */
#include "mail/domain.h"

#include <string.h>

#include "base/pool.h"
#include "tap.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

#define LABEL_63                                                                                   \
	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"                             \
	"abc"
#define NAME_253                                                                                   \
	LABEL_63 "." LABEL_63 "." LABEL_63 "."                                                     \
		 "abcdefghijabcdefghijabcdefghijabcdefghij"                                        \
		 "abcdefghijabcdefghija"
#define SOFT_HYPHEN "\302\255"

struct canonical_case {
	struct slice text;
	const char *canonical;
	const char *name;
};

static const struct canonical_case canonical_cases[] = {
    {TEXT("example.com"), "example.com", "a name as it should be"},
    {TEXT("EXAMPLE.Com"), "example.com", "lower case"},
    {TEXT("example.com."), "example.com", "the trailing dot is dropped"},
    {TEXT("example.com.."), NULL, "but only one"},
    {TEXT("com"), "com", "one label"},
    {TEXT("_dmarc.Example.com"), "_dmarc.example.com", "an underscore"},
    {TEXT("a/b!c.example"), "a/b!c.example", "other printable ASCII"},
    {TEXT("-a-.example"), "-a-.example", "hyphens at the border of a label"},
    {TEXT(""), NULL, "empty"},
    {TEXT("."), NULL, "the root is no domain"},
    {TEXT(".example.com"), NULL, "an empty label in front"},
    {TEXT("a..example.com"), NULL, "an empty label inside"},
    {TEXT("a b.example"), NULL, "a space"},
    {TEXT("a.example "), NULL, "a space at the end"},
    {TEXT("a\tb.example"), NULL, "a tab"},
    {TEXT("a.example\n"), NULL, "a line end"},
    {TEXT("a\177.example"), NULL, "DEL"},
    {TEXT("good.example\0.evil.example"), NULL, "NUL does not end a name"},
    {TEXT("bü\0.example"), NULL, "nor an international label"},
    {TEXT(LABEL_63 ".example"), LABEL_63 ".example", "a label of 63 octets"},
    {TEXT("x" LABEL_63 ".example"), NULL, "a label of 64 octets"},
    {TEXT(NAME_253), NAME_253, "a name of 253 octets"},
    {TEXT(NAME_253 "."), NAME_253, "... and its trailing dot"},
    {TEXT(NAME_253 "x"), NULL, "a name of 254 octets"},

    {TEXT("bücher.example"), "xn--bcher-kva.example", "a U-label becomes an A-label"},
    {TEXT("BÜCHER.Example"), "xn--bcher-kva.example", "in upper case too"},
    {TEXT("bu\314\210cher.example"), "xn--bcher-kva.example", "and in decomposed form"},
    {TEXT("xn--bcher-kva.example"), "xn--bcher-kva.example", "an A-label stays"},
    {TEXT("XN--BCHER-KVA.example"), "xn--bcher-kva.example", "an A-label in upper case"},
    {TEXT("xn--zzzzzzz99.example"), "xn--zzzzzzz99.example", "an A-label is not looked into"},
    {TEXT("faß.example"), "xn--fa-hia.example", "sharp s is not ss (IDNA2008)"},
    {TEXT("例子.测试"), "xn--fsqu00a.xn--0zwm56d", "every label is international"},
    {TEXT("_dmarc.bücher.example"), "_dmarc.xn--bcher-kva.example",
     "an underscore in another label"},
    {TEXT("bücher.example."), "xn--bcher-kva.example", "a trailing dot after it"},
    {TEXT("ｅxample.com"), "example.com", "a full-width letter is its ASCII letter"},
    {TEXT("a\343\200\202bücher.example"), "a.xn--bcher-kva.example",
     "an ideographic full stop is a dot"},
    {TEXT("a" SOFT_HYPHEN "b.example"), "ab.example", "what cannot be seen does not count"},
    {TEXT(SOFT_HYPHEN ".example"), NULL, "a label of nothing that can be seen"},
    {TEXT("☃.example"), NULL, "a symbol is disallowed (RFC 5892)"},
    {TEXT("℀.example"), NULL, "no character that is mapped to a slash"},
    {TEXT("a\357\274\240b.example"), NULL, "nor one that is mapped to an at sign"},
    {TEXT("a_ü.example"), NULL, "no underscore in an international label"},
    {TEXT("a ü.example"), NULL, "no space in an international label"},
    {TEXT("-ü.example"), NULL, "no hyphen in front of an international label"},
    {TEXT("xn--ü.example"), NULL, "an A-label is ASCII"},
    {TEXT("\314\201a.example"), NULL, "no combining mark in front"},
    {TEXT("\327\2201a.example"), NULL, "no mixed directions (RFC 5893)"},
    {TEXT("a\342\200\256.example"), NULL, "no direction override"},
    {TEXT("a\342\200\215b.example"), NULL, "no joiner out of context"},
    {TEXT("\374ber.example"), NULL, "Latin-1 is no UTF-8"},
    {TEXT("\300\256.example"), NULL, "an overlong dot is no UTF-8"},
    {TEXT("a.\303"), NULL, "a character cut short"},
};

static void test_canonical(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(canonical_cases) / sizeof(canonical_cases[0]); i++)
		is_text(domain_canonical(pool, canonical_cases[i].text),
			canonical_cases[i].canonical, canonical_cases[i].name);
}

/* repeated - a text of about size octets made of many copies of piece */
static struct slice repeated(struct pool *pool, const char *piece, size_t size)
{
	size_t len = strlen(piece);
	size_t count = size / len;
	char *text = pool_alloc(pool, count * len);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * len, piece, len);
	return slice_from(text, count * len);
}

static void test_long(struct pool *pool)
{
	static const char *const pieces[] = {"a", ".", "a.", "ü", "ü.", SOFT_HYPHEN, "\377"};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		ok(domain_canonical(pool, repeated(pool, pieces[i], 1000000)) == NULL,
		   "a megabyte is no domain name (%zu)", i);
		ok(domain_canonical(pool, repeated(pool, pieces[i], 1000)) == NULL,
		   "nor are a thousand octets (%zu)", i);
	}
}

struct pair_case {
	const char *text, *wanted;
};

static void test_display(struct pool *pool)
{
	static const struct pair_case cases[] = {
	    {"xn--bcher-kva.example", "bücher.example"},
	    {"a.xn--fsqu00a.xn--0zwm56d", "a.例子.测试"},
	    {"example.com", "example.com"},
	    {"xn--zzzzzzz99.example", "xn--zzzzzzz99.example"}, /* no punycode */
	    {"xn--n3h.example", "xn--n3h.example"},             /* a disallowed symbol */
	    {"xn--a.example", "xn--a.example"},                 /* a control character */
	    {"xn--.example", "xn--.example"},
	    {"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(domain_for_display(pool, cases[i].text), cases[i].wanted,
			"shown to people: U-labels where they convert");
}

struct qualified_case {
	const char *domain;
	bool qualified;
};

static void test_qualified(void)
{
	static const struct qualified_case cases[] = {
	    {"example.com", true},
	    {"a-b.example", true},
	    {"_spf.example.com", true},
	    {"xn--bcher-kva.de", true},
	    {"1.2", true},
	    {"localhost", false},
	    {"", false},
	    {"example.", false},
	    {".example", false},
	    {"a..example", false},
	    {"-a.example", false},
	    {"a-.example", false},
	    {"a/b.example", false},
	    {"a b.example", false},
	    {"[192.0.2.1].x", false},
	    {"bü.example", false},
	    {LABEL_63 ".x", true},
	    {"x" LABEL_63 ".x", false},
	    {NAME_253, true},
	    {NAME_253 "x", false},
	    {"*.example", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(domain_is_qualified(cases[i].domain) == cases[i].qualified,
		   "\"%.20s\" is %squalified", cases[i].domain, cases[i].qualified ? "" : "not ");
}

struct within_case {
	const char *name, *ancestor;
	bool within;
};

static void test_within(void)
{
	static const struct within_case cases[] = {
	    {"example.com", "example.com", true},
	    {"a.example.com", "example.com", true},
	    {"a.b.example.com", "com", true},
	    {"badexample.com", "example.com", false},
	    {"example.com", "a.example.com", false},
	    {"example.com.evil.org", "example.com", false},
	    {"example.org", "example.com", false},
	    {"m", "com", false},
	    {"a.example.com", "", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(domain_is_within(cases[i].name, cases[i].ancestor) == cases[i].within,
		   "%s is %swithin \"%s\"", cases[i].name, cases[i].within ? "" : "not ",
		   cases[i].ancestor);
	ok(domain_equal("a.example", "a.example"), "equal names are equal");
	ok(!domain_equal("a.example", "b.example"), "others are not");
}

static void test_labels(void)
{
	const char *name = "a.b.example.com";

	is_number(domain_label_count(name), 4, "four labels");
	is_number(domain_label_count("com"), 1, "one label");
	is_number(domain_label_count(""), 0, "the root has none");
	is_text(domain_parent(name), "b.example.com", "the parent is one label shorter");
	is_text(domain_parent("com"), NULL, "a single label has none");
	is_text(domain_last_labels(name, 2), "example.com", "the last two labels");
	is_text(domain_last_labels(name, 1), "com", "the last label");
	ok(domain_last_labels(name, 4) == name, "all labels are the name itself");
	ok(domain_last_labels(name, 9) == name, "and more than it has, too");
	is_text(domain_last_labels(name, 0), "", "no label is the empty text");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_canonical(pool);
	test_long(pool);
	test_display(pool);
	test_qualified();
	test_within();
	test_labels();
	pool_free(pool);
	return done();
}
