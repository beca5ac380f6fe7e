/*
 * spf_record_test - records taken apart: terms with all their parts, errors with their place
 */
#include "spf/spf_record.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/pool.h"
#include "tap.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static void test_version(void)
{
	static const struct {
		struct slice text;
		bool is;
		const char *name;
	} cases[] = {
	    {TEXT("v=spf1"), true, "a version alone"},
	    {TEXT("v=spf1 -all"), true, "a version and a term"},
	    {TEXT("V=SpF1 -all"), true, "in any case"},
	    {TEXT("v=spf10 -all"), false, "another version"},
	    {TEXT("v=spf1-all"), false, "no space after it"},
	    {TEXT("v=spf1\t-all"), false, "a tab after it"},
	    {TEXT("v=spf1\0"), false, "NUL after it"},
	    {TEXT(" v=spf1"), false, "a space before it"},
	    {TEXT("v=spf"), false, "half of it"},
	    {TEXT(""), false, "nothing"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(spf_record_is(cases[i].text) == cases[i].is, "%s: %s", cases[i].name,
		   cases[i].is ? "a record" : "no record");
}

struct error_case {
	struct slice text;
	const char *section; /* NULL: no error */
	size_t position;
	const char *name;
};

static const struct error_case error_cases[] = {
    {TEXT("v=spf1"), NULL, 0, "an empty record"},
    {TEXT("v=spf1   a  -all "), NULL, 0, "spaces"},
    {TEXT("v=spf1 ALL"), NULL, 0, "a mechanism in upper case"},
    {TEXT("v=spf1 all -all"), NULL, 0, "two alls"},
    {TEXT("v=spf1 a:foo:bar/baz.example.com/24//64"), NULL, 0, "a slash in a domain-spec"},
    {TEXT("v=spf1 a:%{d/}/24"), NULL, 0, "a slash in a macro"},
    {TEXT("v=spf1 mx//0 a/0 a/32//128"), NULL, 0, "prefix lengths at their limits"},
    {TEXT("v=spf1 ip4:0.0.0.0/0 ip4:255.255.255.255"), NULL, 0, "addresses at their limits"},
    {TEXT("v=spf1 ip6:::/0 ip6:::ffff:1.2.3.4/128 ip6:1:2:3:4:5:6:7:8"), NULL, 0, "IPv6"},
    {TEXT("v=spf1 moo.cow-far_out=man:dog/cat all=x a="), NULL, 0, "unknown modifiers"},
    {TEXT("v=spf1 exp=a.b redirect=c.d EXPO=x"), NULL, 0, "the two modifiers"},
    {TEXT("v=spf1 moo"), "4.6.1", 7, "an unknown mechanism"},
    {TEXT("v=spf1 -moo:x"), "4.6.1", 8, "with a qualifier"},
    {TEXT("v=spf1 moo.cow/far_out=man"), "4.6.1", 7, "a slash before the equals sign"},
    {TEXT("v=spf1 redirect:a.b"), "4.6.1", 7, "a modifier written as a mechanism"},
    {TEXT("v=spf1 1up=foo"), "4.6.1", 7, "a name that begins with a digit"},
    {TEXT("v=spf1 =all"), "4.6.1", 7, "no name"},
    {TEXT("v=spf1 -"), "4.6.1", 8, "only a qualifier"},
    {TEXT("v=spf1 --all"), "4.6.1", 8, "two qualifiers"},
    {TEXT("v=spf1 -exp=a.b"), "4.6.1", 7, "a modifier with a qualifier"},
    {TEXT("v=spf1 a,mx"), "5.3", 8, "a comma"},
    {TEXT("v=spf1 -all."), "4.6.1", 8, "a dot after all"},
    {TEXT("v=spf1 -all:foobar"), "5.1", 11, "all with an argument"},
    {TEXT("v=spf1 -all/8"), "5.1", 11, "all with a prefix length"},
    {TEXT("v=spf1 include"), "5.2", 14, "include without a name"},
    {TEXT("v=spf1 include: -all"), "7.1", 15, "include with an empty name"},
    {TEXT("v=spf1 include:a.b/24"), "7.1", 17, "include with a prefix length"},
    {TEXT("v=spf1 a:"), "7.1", 9, "a with an empty name"},
    {TEXT("v=spf1 a:/24"), "7.1", 9, "the same with a prefix length"},
    {TEXT("v=spf1 a:museum"), "7.1", 9, "a with a name of one label"},
    {TEXT("v=spf1 a/33"), "5.6", 9, "an IPv4 prefix above 32"},
    {TEXT("v=spf1 a//129"), "5.6", 10, "an IPv6 prefix above 128"},
    {TEXT("v=spf1 a/024"), "5.6", 9, "a leading zero"},
    {TEXT("v=spf1 a/"), "5.6", 9, "no digits"},
    {TEXT("v=spf1 a//"), "5.6", 10, "no digits for IPv6"},
    {TEXT("v=spf1 a/24/"), "5.6", 12, "no digits at the end"},
    {TEXT("v=spf1 a/24/32"), "5.6", 8, "two IPv4 prefixes"},
    {TEXT("v=spf1 a//64//64"), "5.6", 10, "two IPv6 prefixes"},
    {TEXT("v=spf1 a///64"), "5.6", 9, "three slashes"},
    {TEXT("v=spf1 a/2x"), "5.6", 8, "a letter in a prefix"},
    {TEXT("v=spf1 a/4294967328"), "5.6", 9, "a prefix that wraps"},
    {TEXT("v=spf1 ptr/0"), "5.5", 10, "ptr with a prefix length"},
    {TEXT("v=spf1 ptr:"), "7.1", 11, "ptr with an empty name"},
    {TEXT("v=spf1 ip4"), "5.6", 10, "ip4 without an address"},
    {TEXT("v=spf1 ip4:"), "5.6", 11, "ip4 with an empty one"},
    {TEXT("v=spf1 ip4:1.2.3"), "5.6", 11, "three numbers"},
    {TEXT("v=spf1 ip4:1.2.3.256"), "5.6", 11, "a number above 255"},
    {TEXT("v=spf1 ip4:1.2.3.04"), "5.6", 11, "a leading zero in an address"},
    {TEXT("v=spf1 ip4:1.2.3.4:80"), "5.6", 11, "a port"},
    {TEXT("v=spf1 ip4:1.2.3.4/33"), "5.6", 19, "a prefix above 32"},
    {TEXT("v=spf1 ip4:1.2.3.4/"), "5.6", 19, "an empty prefix"},
    {TEXT("v=spf1 ip4:1.2.3.4//32"), "5.6", 19, "a dual prefix"},
    {TEXT("v=spf1 ip4:1.2.3.4\0"), "5.6", 11, "NUL after an address"},
    {TEXT("v=spf1 ip4:::1"), "5.6", 11, "IPv6 for ip4"},
    {TEXT("v=spf1 ip6:1.2.3.4"), "5.6", 11, "IPv4 for ip6"},
    {TEXT("v=spf1 ip6::CAFE::BABE"), "5.6", 11, "a bad IPv6 address"},
    {TEXT("v=spf1 ip6:::1/129"), "5.6", 15, "an IPv6 prefix above 128"},
    {TEXT("v=spf1 ip6:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"), "5.6", 11,
     "a long IPv6 address"},
    {TEXT("v=spf1 exists"), "5.7", 13, "exists without a name"},
    {TEXT("v=spf1 exists:a.b/24"), "7.1", 16, "exists with a prefix length"},
    {TEXT("v=spf1 exp="), "7.1", 11, "exp with an empty name"},
    {TEXT("v=spf1 exp=-all"), "7.1", 11, "exp with what is no name"},
    {TEXT("v=spf1 redirect=-all"), "7.1", 16, "redirect with what is no name"},
    {TEXT("v=spf1 exp=a.b exp=c.d"), "6", 15, "exp twice"},
    {TEXT("v=spf1 redirect=a.b EXP=x.y ReDirect=c.d"), "6", 28, "redirect twice, in any case"},
    {TEXT("v=spf1 foo=%abc"), "7.1", 11, "a bad macro in an unknown modifier"},
    {TEXT("v=spf1 exists:%{x}.b"), "7.2", 16, "an unknown macro letter"},
    {TEXT("v=spf1 exp=%{r}.example.com"), "7.2", 13, "r in a domain-spec"},
    {TEXT("v=spf1 a:b.com\rptr -all"), "7.1", 14, "CR in a term"},
    {TEXT("v=spf1 a\t-all"), "5.3", 8, "a tab between terms"},
    {TEXT("v=spf1 \200a:b.com"), "4.6.1", 7, "an 8-bit character"},
    {TEXT("v=spf1 a:b\303\244.com"), "7.1", 10, "UTF-8"},
    {TEXT("v=spf1 -all\0"), "5.1", 11, "NUL"},
    {TEXT("v=spf1 ip4:1.2.3.4 -all moo"), "4.6.1", 24, "an error after all"},
};

static void test_errors(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(error_cases) / sizeof(error_cases[0]); i++) {
		const struct error_case *test = &error_cases[i];
		struct spf_record record;
		bool good = spf_record_parse(pool, test->text, &record);
		const struct spf_syntax_error *error = record.errors;

		if (test->section == NULL) {
			ok(good && record.error_count == 0, "%s: accepted", test->name);
			continue;
		}
		if (!ok(!good && strcmp(error->section, test->section) == 0 &&
			    error->position == test->position,
			"%s: refused by section %s at %zu", test->name, test->section,
			test->position))
			printf("# got: section %s at %zu: %s\n", good ? "none" : error->section,
			       good ? 0 : error->position, good ? "accepted" : error->what);
	}
}

static void test_terms(struct pool *pool)
{
	static const char text[] =
	    "v=spf1 +a -mx:m.example.com/24//64 ~ptr:%{d2} "
	    "?ip4:192.0.2.0/25 ip6:2001:db8::/32 redirect=r.example.com "
	    "exists:e.example.com x=y include:i.example.com exp=t.example.com";
	static const struct {
		enum spf_term_type type;
		enum result qualifier;
		const char *text;
		const char *domain_spec;
		unsigned prefix4, prefix6;
	} wanted[] = {
	    {SPF_TERM_A, RESULT_PASS, "+a", NULL, 32, 128},
	    {SPF_TERM_MX, RESULT_FAIL, "-mx:m.example.com/24//64", "m.example.com", 24, 64},
	    {SPF_TERM_PTR, RESULT_SOFTFAIL, "~ptr:%{d2}", "%{d2}", 32, 128},
	    {SPF_TERM_IP4, RESULT_NEUTRAL, "?ip4:192.0.2.0/25", NULL, 25, 128},
	    {SPF_TERM_IP6, RESULT_PASS, "ip6:2001:db8::/32", NULL, 32, 32},
	    {SPF_TERM_REDIRECT, RESULT_PASS, "redirect=r.example.com", "r.example.com", 32, 128},
	    {SPF_TERM_EXISTS, RESULT_PASS, "exists:e.example.com", "e.example.com", 32, 128},
	    {SPF_TERM_UNKNOWN, RESULT_PASS, "x=y", "y", 32, 128},
	    {SPF_TERM_INCLUDE, RESULT_PASS, "include:i.example.com", "i.example.com", 32, 128},
	    {SPF_TERM_EXP, RESULT_PASS, "exp=t.example.com", "t.example.com", 32, 128},
	};
	size_t count = sizeof(wanted) / sizeof(wanted[0]);
	struct spf_record record;

	ok(spf_record_parse(pool, slice_of(text), &record), "a record with every kind of term");
	is_number((long long)record.count, (long long)count, "as many terms as were written");
	for (size_t i = 0; i < count && i < record.count; i++) {
		const struct spf_term *term = &record.terms[i];
		const char *spec = wanted[i].domain_spec;

		ok(term->type == wanted[i].type && term->qualifier == wanted[i].qualifier,
		   "%s: kind and qualifier", wanted[i].text);
		ok(slice_is(term->text, wanted[i].text), "%s: as written", wanted[i].text);
		ok(slice_equal(term->domain_spec, slice_of(spec)) &&
		       (term->domain_spec.data == NULL) == (spec == NULL),
		   "%s: domain-spec", wanted[i].text);
		ok(term->prefix4 == wanted[i].prefix4 && term->prefix6 == wanted[i].prefix6,
		   "%s: prefix lengths", wanted[i].text);
	}
	ok(record.redirect != NULL && slice_is(record.redirect->domain_spec, "r.example.com"),
	   "redirect= is found");
	ok(record.exp != NULL && slice_is(record.exp->domain_spec, "t.example.com"),
	   "exp= is found");
}

static void test_networks(struct pool *pool)
{
	char address[INET6_ADDRSTRLEN];
	struct spf_record record;

	spf_record_parse(pool, slice_of("v=spf1 ip4:192.0.2.1 ip6:2001:DB8::1.2.3.4/64"), &record);
	inet_ntop(AF_INET, &record.terms[0].network4, address, sizeof(address));
	is_text(address, "192.0.2.1", "the address of ip4");
	inet_ntop(AF_INET6, &record.terms[1].network6, address, sizeof(address));
	is_text(address, "2001:db8::102:304", "the address of ip6");
}

static void test_all_errors(struct pool *pool)
{
	struct spf_record record;

	spf_record_parse(pool, slice_of("v=spf1 moo a ip4:x mx exp=y -all z"), &record);
	is_number((long long)record.error_count, 4, "each bad term is an error of its own");
	is_number((long long)record.count, 3, "the good ones are there all the same");
	ok(slice_is(record.errors[1].term, "ip4:x") && record.errors[1].position == 17,
	   "an error names its term and its place");
}

/* record_of - a version and count copies of a text */
static struct slice record_of(struct pool *pool, const char *text, size_t count)
{
	size_t len = strlen(text);
	char *copy = pool_alloc(pool, 6 + count * len);

	memcpy(copy, "v=spf1", 6);
	for (size_t i = 0; i < count; i++)
		memcpy(copy + 6 + i * len, text, len);
	return slice_from(copy, 6 + count * len);
}

static void test_limits(struct pool *pool)
{
	struct spf_record record;

	ok(spf_record_parse(pool, record_of(pool, " ip4:1.2.3.4", SPF_TERMS_MAX), &record),
	   "5000 terms are read");
	is_number((long long)record.count, SPF_TERMS_MAX, "all of them");
	ok(!spf_record_parse(pool, record_of(pool, " a", SPF_TERMS_MAX + 1), &record),
	   "one more is an error");
	is_text(record.errors[0].section, "3.4", "about the length of records");
	ok(!spf_record_parse(pool, record_of(pool, " ?", 100000), &record),
	   "a hundred thousand errors");
	is_number((long long)record.error_count, SPF_ERRORS_MAX, "not all of them are kept");
	ok(!spf_record_parse(pool, record_of(pool, "/", 1000000), &record) || record.count == 0,
	   "a megabyte of slashes");
	ok(!spf_record_parse(pool, record_of(pool, " a:////////", 100000), &record),
	   "a megabyte of bad terms");
}

static void test_kinds(struct pool *pool)
{
	struct spf_record record;
	unsigned lookups = 0;
	unsigned mechanisms = 0;

	spf_record_parse(pool,
			 slice_of("v=spf1 a mx ptr exists:a.b include:a.b redirect=a.b "
				  "ip4:1.2.3.4 ip6:::1 exp=a.b x=y all"),
			 &record);
	for (size_t i = 0; i < record.count; i++) {
		lookups += spf_term_is_lookup(&record.terms[i]);
		mechanisms += spf_term_is_mechanism(&record.terms[i]);
	}
	is_number(lookups, 6, "a, mx, ptr, exists, include and redirect count as lookups");
	is_number(mechanisms, 8, "redirect, exp and unknown modifiers are no mechanisms");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_version();
	test_errors(pool);
	test_terms(pool);
	test_networks(pool);
	test_all_errors(pool);
	test_limits(pool);
	test_kinds(pool);
	pool_free(pool);
	return done();
}
