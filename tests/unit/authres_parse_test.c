/*
 * authres_parse_test - what is read of an Authentication-Results field, and what is not
 *
 * Each case is a field body and what was understood of it:
 * "ID; method=word reason[text] type.name[value]", "unreadable", and " !" at the end
 * when something was dropped because of a syntax error.
 */
#include <stdlib.h>
#include <time.h>

#include "base/pool.h"
#include "mail/authres_parse.h"
#include "tap.h"

#define SHOWN_MAX (1U << 20)

struct example {
	const char *name;
	const char *body;
	const char *understood;
};

/* show_result - one resinfo in the notation of this test */
static void show_result(struct buffer *shown, const struct authres_result *result)
{
	buffer_printf(shown, "; %s=%s", result->method, result->word);
	if (result->reason != NULL)
		buffer_printf(shown, " reason[%s]", result->reason);
	for (size_t i = 0; i < result->count; i++)
		buffer_printf(shown, " %s.%s[%s]", result->properties[i].type,
			      result->properties[i].name, result->properties[i].value);
}

/* show - what was understood of a field body */
static char *show(struct pool *pool, struct slice body)
{
	struct authres authres;
	struct buffer shown;
	char *text;

	if (!authres_parse(pool, body, &authres))
		return pool_printf(pool, "unreadable");
	buffer_init(&shown, SHOWN_MAX);
	buffer_add_text(&shown, authres.id);
	for (size_t i = 0; i < authres.count; i++)
		show_result(&shown, &authres.results[i]);
	buffer_add_text(&shown, authres.well_formed ? "" : " !");
	text = slice_copy(pool, buffer_slice(&shown));
	buffer_free(&shown);
	return text;
}

static void test_examples(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pool *pool = pool_new();
		/* no byte after the text, so that reading too far is noticed */
		char *exact = malloc(strlen(examples[i].body) + 1);
		size_t len = strlen(examples[i].body);

		exact = realloc(memcpy(exact, examples[i].body, len), len != 0 ? len : 1);
		is_text(show(pool, slice_from(exact, len)), examples[i].understood,
			examples[i].name);
		free(exact);
		pool_free(pool);
	}
}

#define TEST(examples) test_examples(examples, sizeof(examples) / sizeof((examples)[0]))

static const struct example grammar[] = {
    {"none", " mx.example.com; none", "mx.example.com"},
    {"None with comments", " mx.example.com ; (a) NONE (b) ", "mx.example.com"},
    {"an id alone", "mx.example.com", "mx.example.com"},
    {"one result", " mx.example.com; spf=pass", "mx.example.com; spf=pass"},
    {"results and properties", " mx; spf=pass smtp.mailfrom=a@b.example; dkim=fail header.d=c",
     "mx; spf=pass smtp.mailfrom[a@b.example]; dkim=fail header.d[c]"},
    {"names and results in lower case", "mx; SPF=Pass SMTP.MailFrom=A@B.example",
     "mx; spf=pass smtp.mailfrom[A@B.example]"},
    {"an id in quotes", " \"mx\\.example \\\"x\\\"\"; spf=pass", "mx.example \"x\"; spf=pass"},
    {"an international id", "m\xc3\xbcnchen.example; spf=pass", "m\xc3\xbcnchen.example; spf=pass"},
    {"a version after the id", "mx 1; spf=pass", "mx; spf=pass"},
    {"a version among comments", "(a)mx(b)1(c);spf=pass", "mx; spf=pass"},
    {"an unknown version is not believed", "mx 2; spf=pass", "mx"},
    {"a method version", "mx; spf/1=pass; dkim (a) / (b) 1 (c) = (d) pass",
     "mx; spf=pass; dkim=pass"},
    {"an unknown method version is not believed", "mx; spf/2=pass; dkim=pass", "mx; dkim=pass"},
    {"comments and folds everywhere",
     "\n\t(a)\n\tmx (b) ; (c) spf (d) = (e)\r\n pass (f) reason (g) = (h) \"i\" (j)"
     " smtp (k) . (l) mailfrom (m) = (n) o (p) ; (q) dkim\n = none (r)",
     "mx; spf=pass reason[i] smtp.mailfrom[o]; dkim=none"},
    {"a reason in quotes", "mx; dkim=fail reason=\"no; such \\\"key\\\" (a)\" header.d=x",
     "mx; dkim=fail reason[no; such \"key\" (a)] header.d[x]"},
    {"a reason that is a token", "mx; dkim=fail reason=broken", "mx; dkim=fail reason[broken]"},
    {"a value in quotes", "mx; x=pass policy.a=\"b; dkim=pass (c\" policy.d=e",
     "mx; x=pass policy.a[b; dkim=pass (c] policy.d[e]"},
    {"a folded value in quotes", "mx; x=pass policy.a=\"b\n c\"", "mx; x=pass policy.a[b c]"},
    {"a quoted local part stays quoted", "mx; spf=pass smtp.mailfrom=\"a b\"@c.example policy.a=b",
     "mx; spf=pass smtp.mailfrom[\"a b\"@c.example] policy.a[b]"},
    {"a domain after @ alone", "mx; dkim=pass header.i=@b.example",
     "mx; dkim=pass header.i[@b.example]"},
    {"international values", "mx; dkim=pass header.d=\xc3\xa9.example header.i=\"\xc3\xa9\"",
     "mx; dkim=pass header.d[\xc3\xa9.example] header.i[\xc3\xa9]"},
    {"a value after white space", "mx; dkim=pass header.d= \n\tx.example",
     "mx; dkim=pass header.d[x.example]"},
    {"the same property twice with one value", "mx; dkim=pass header.d=x header.d=\"x\"",
     "mx; dkim=pass header.d[x]"},
    {"a word that no RFC has", "mx; x-vs=clean", "mx; x-vs=clean"},
};

static const struct example writers[] = {
    {"opendkim",
     " mx.example.com;\n\tdkim=pass (2048-bit key; unprotected) header.d=example.org"
     " header.i=@example.org header.b=\"AbC/12+=\";\n\tdkim-atps=neutral",
     "mx.example.com; dkim=pass header.d[example.org] header.i[@example.org]"
     " header.b[AbC/12+=]; dkim-atps=neutral"},
    {"opendkim: a reason before a comment",
     "mx; dkim=fail reason=\"verification failed\" (1024-bit key) header.d=example.org",
     "mx; dkim=fail reason[verification failed] header.d[example.org]"},
    {"opendmarc", " mx; dmarc=fail (p=reject dis=none) header.from=example.org",
     "mx; dmarc=fail header.from[example.org]"},
    {"policyd-spf",
     " mx; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=192.0.2.1;\n"
     " helo=m.example.org; envelope-from=a@example.org; receiver=<UNKNOWN>)",
     "mx; spf=pass smtp.mailfrom[example.org]"},
    {"the null sender", "mx; spf=none smtp.mailfrom=<>; dkim=none",
     "mx; spf=none smtp.mailfrom[<>]; dkim=none"},
    {"an empty value at the end", "mx; spf=none smtp.mailfrom=; dkim=none header.d= ",
     "mx; spf=none smtp.mailfrom[]; dkim=none header.d[]"},
    {"rspamd",
     "mx.x;\n\tdkim=pass header.d=x.example header.s=y header.b=AbC/d;\n\tspf=pass (mx.x: domain"
     " of \"a@b.example\" designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@b.example;\n"
     "\tdmarc=pass (policy=reject) header.from=x.example",
     "mx.x; dkim=pass header.d[x.example] header.s[y] header.b[AbC/d];"
     " spf=pass smtp.mailfrom[a@b.example]; dmarc=pass header.from[x.example]"},
    {"mailauth",
     "mx; dkim=pass header.i=@x.example header.s=a header.a=rsa-sha256 header.b=\"a+/b\";"
     " arc=pass (i=2 spf=neutral dkim=pass dkdomain=x.example); bimi=skipped (no (nested) record)",
     "mx; dkim=pass header.i[@x.example] header.s[a] header.a[rsa-sha256] header.b[a+/b];"
     " arc=pass; bimi=skipped"},
    {"authentication_milter",
     "mx;\n    dmarc=fail policy.published-domain-policy=reject\n      policy.applied-disposition="
     "none (p=reject,d=none) header.from=x.example;\n    x-ptr=fail smtp.helo=y.example\n     "
     " policy.ptr=z.example;\n    x-return-mx=pass policy.is_org=yes (MX found: a.example);\n    "
     "x-vs=clean score=-51 state=0",
     "mx; dmarc=fail policy.published-domain-policy[reject] policy.applied-disposition[none]"
     " header.from[x.example]; x-ptr=fail smtp.helo[y.example] policy.ptr[z.example];"
     " x-return-mx=pass policy.is_org[yes]; x-vs=clean"},
    {"amavis",
     "mx (amavisd-new); dkim=pass (2048-bit key) reason=\"pass (just generated)\" header.d=x",
     "mx; dkim=pass reason[pass (just generated)] header.d[x]"},
    {"a large provider",
     "mx.p.example;\r\n       dkim=pass header.i=@x.example header.s=1 header.b=\"Ab/c\";\r\n     "
     "  spf=pass (p.example: domain of a@x.example designates 192.0.2.1 as permitted sender)"
     " smtp.mailfrom=a@x.example;\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE)"
     " header.from=x.example",
     "mx.p.example; dkim=pass header.i[@x.example] header.s[1] header.b[Ab/c];"
     " spf=pass smtp.mailfrom[a@x.example]; dmarc=pass header.from[x.example]"},
    {"another one, with action= and no id", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x",
     "unreadable"},
    {"the same after an id",
     "mx; dkim=pass (signature was verified)\n header.d=x;dmarc=pass action=none"
     " header.from=x;compauth=pass reason=100",
     "mx; dkim=pass header.d[x]; dmarc=pass header.from[x]; compauth=pass reason[100]"},
    {"underscores in a result", "mx; dkim=perm_fail; dmarc=success(p=REJECT) header.from=x",
     "mx; dkim=perm_fail; dmarc=success header.from[x]"},
    {"addresses as values", "mx; iprev=pass policy.iprev=2001:db8::1 smtp.remote-ip=[192.0.2.1]",
     "mx; iprev=pass policy.iprev[2001:db8::1] smtp.remote-ip[[192.0.2.1]]"},
    {"a bounce address", "mx; spf=pass smtp.mailfrom=bounce+a=b.example@list.example",
     "mx; spf=pass smtp.mailfrom[bounce+a=b.example@list.example]"},
    {"Latin-1", "mx; spf=pass smtp.mailfrom=\xe9@x.example",
     "mx; spf=pass smtp.mailfrom[\xe9@x.example]"},
    {"a semicolon at the end", "mx; spf=pass;\n ", "mx; spf=pass"},
};

static const struct example forgeries[] = {
    {"a comment that never ends", "mx; dkim=pass header.d=good.example(.bad.example", "mx !"},
    {"a comment within a value joins nothing", "mx; dkim=pass header.d=good.example(x).bad.example",
     "mx !"},
    {"a comment is not a value", "mx; dkim=pass header.d=(bad.example) header.s=a", "mx !"},
    {"a semicolon in a comment", "mx; spf=fail (; dkim=pass header.d=bad.example) smtp.mailfrom=x",
     "mx; spf=fail smtp.mailfrom[x]"},
    {"a nested comment", "mx; spf=fail (a (b) ; dkim=pass header.d=bad.example) smtp.mailfrom=x",
     "mx; spf=fail smtp.mailfrom[x]"},
    {"a comment closed too early", "mx; spf=fail (a) header.d=bad.example) header.d=x", "mx !"},
    {"an escaped parenthesis", "mx; spf=fail (a\\) ; dkim=pass) smtp.mailfrom=x",
     "mx; spf=fail smtp.mailfrom[x]"},
    {"a quote in a comment opens nothing", "mx; spf=fail (\") smtp.mailfrom=x; dkim=pass",
     "mx; spf=fail smtp.mailfrom[x]; dkim=pass"},
    {"a parenthesis in quotes opens nothing", "mx; x=fail policy.a=\"(\" policy.b=c; dkim=pass",
     "mx; x=fail policy.a[(] policy.b[c]; dkim=pass"},
    {"a semicolon in quotes", "mx; spf=fail smtp.mailfrom=\"; dkim=pass header.d=bad\"@x.example",
     "mx; spf=fail smtp.mailfrom[\"; dkim=pass header.d=bad\"@x.example]"},
    {"quotes that never end", "mx; spf=pass; x=fail policy.a=\"b; dkim=pass", "mx; spf=pass !"},
    {"a quote within a value", "mx; dkim=pass header.d=good\"bad\"", "mx !"},
    {"text after quotes", "mx; dkim=pass header.d=\"good.example\".bad.example", "mx !"},
    {"a property right after quotes", "mx; dkim=pass header.d=\"good\"header.i=@bad", "mx !"},
    {"a property for a value", "mx; spf=pass smtp.mailfrom= smtp.helo=good.example", "mx !"},
    {"a reason for a value", "mx; spf=pass smtp.mailfrom= reason=good.example", "mx !"},
    {"a property with two values", "mx; dkim=pass header.d=good header.d=bad; spf=pass",
     "mx; spf=pass"},
    {"two values in different case", "mx; dkim=pass header.d=good Header.D=Good; spf=pass",
     "mx; spf=pass"},
    {"two reasons", "mx; dkim=pass reason=a reason=b; spf=pass", "mx; spf=pass"},
    {"results before an error stay, those after go", "mx; spf=pass; dkim; dmarc=pass",
     "mx; spf=pass !"},
    {"a property without a value", "mx; spf=pass; dkim=pass header.d; dmarc=pass",
     "mx; spf=pass !"},
    {"a property without a name", "mx; dkim=pass header.=x", "mx !"},
    {"a method without a result", "mx; dkim=; spf=pass", "mx !"},
    {"words between results", "mx; dkim=pass and more", "mx !"},
    {"an empty resinfo in the middle", "mx; ; spf=pass", "mx !"},
    {"none among results", "mx; spf=pass; none", "mx; spf=pass !"},
    {"results after none", "mx; none; spf=pass", "mx !"},
    {"a bad method version", "mx; spf/x=pass", "mx !"},
    {"no semicolon after the id", "mx.example.com dkim=pass", "unreadable"},
    {"two ids", "mx.example.com mx.example.org; dkim=pass", "unreadable"},
    {"no id", "; dkim=pass", "unreadable"},
    {"an empty body", "", "unreadable"},
    {"an empty id", "\"\"; dkim=pass", "unreadable"},
    {"a comment within the id", "mx.(a)example.com; dkim=pass", "unreadable"},
    {"text after a quoted id", "\"mx\".example.com; dkim=pass", "unreadable"},
    {"an id in quotes that never end", "\"mx; dkim=pass", "unreadable"},
    {"a comment before the id that never ends", "(mx; dkim=pass", "unreadable"},
    {"a stray parenthesis", "mx); dkim=pass", "unreadable"},
    {"a version right after a quoted id", "\"mx\"1; dkim=pass", "unreadable"},
    {"a version that is no number", "mx 1a; dkim=pass", "unreadable"},
    {"a version beyond any number", "mx 99999999999999999999999; dkim=pass", "unreadable"},
    {"a control character in a value", "mx; spf=pass; dkim=pass header.d=a\001.example",
     "mx; spf=pass !"},
    {"a control character after a value", "mx; dkim=pass header.d=a\x7f; spf=pass", "mx !"},
    {"a control character in a comment", "mx; spf=pass; dkim=pass (\033[2J) header.d=a",
     "mx; spf=pass !"},
    {"a control character in quotes", "mx; dkim=pass header.d=\"a\bb\"", "mx !"},
    {"a control character after the last semicolon", "mx; spf=pass;\001", "mx; spf=pass !"},
    {"a control character in the id", "mx\001; spf=pass", "unreadable"},
    {"a bare CR", "mx; dkim=pass header.d=a\rheader.i=b", "mx !"},
    {"a line end without white space after it", "mx; dkim=pass\nheader.d=a", "mx !"},
    {"ill-formed UTF-8 in a comment", "mx; dkim=pass (\xc3) header.d=a", "mx !"},
    {"ill-formed UTF-8 in the id", "mx\xc3; dkim=pass", "unreadable"},
};

static void test_nul(struct pool *pool)
{
	static const char in_value[] =
	    "mx; spf=pass; dkim=pass header.d=good.example\0.bad.example";
	static const char in_id[] = "mx\0.bad.example; spf=pass";

	is_text(show(pool, slice_from(in_value, sizeof(in_value) - 1)), "mx; spf=pass !",
		"a NUL byte ends nothing: its result is dropped");
	is_text(show(pool, slice_from(in_id, sizeof(in_id) - 1)), "unreadable",
		"a NUL byte in the id");
}

static void test_words(struct pool *pool)
{
	struct authres authres;

	authres_parse(pool, slice_of("mx; spf=hardfail; dkim=weird; a=policy header.d=x"),
		      &authres);
	is_number(authres.results[0].result, RESULT_FAIL, "hardfail is fail");
	is_text(authres.results[0].word, "hardfail", "but the word stays");
	is_number(authres.results[1].result, RESULT_UNKNOWN, "a new word is unknown");
	is_number(authres.results[2].result, RESULT_POLICY, "policy");
	is_text(authres_property(&authres.results[2], "header", "d"), "x", "a property is found");
	is_text(authres_property(&authres.results[2], "smtp", "d"), NULL, "not with another type");
	is_text(authres_property(&authres.results[2], "header", "i"), NULL,
		"not with another name");
}

/* repeated - head, then part as often as it fits into size, then tail */
static struct slice repeated(struct pool *pool, const char *head, const char *part,
			     const char *tail, size_t size)
{
	char *text = pool_alloc(pool, strlen(head) + size + strlen(tail));
	size_t len = strlen(head);

	memcpy(text, head, len);
	for (size_t used = 0; used + strlen(part) <= size; used += strlen(part)) {
		memcpy(text + len, part, strlen(part));
		len += strlen(part);
	}
	memcpy(text + len, tail, strlen(tail));
	return slice_from(text, len + strlen(tail));
}

static void test_limits(struct pool *pool)
{
	struct authres authres;
	struct slice results = repeated(pool, "mx", "; a=b", "", 5 * AUTHRES_RESULTS_MAX);
	struct slice more = repeated(pool, "mx", "; a=b", "; a=b", 5 * AUTHRES_RESULTS_MAX);
	struct buffer text;

	authres_parse(pool, results, &authres);
	ok(authres.count == AUTHRES_RESULTS_MAX && authres.well_formed, "%u results are read",
	   AUTHRES_RESULTS_MAX);
	authres_parse(pool, more, &authres);
	ok(authres.count == AUTHRES_RESULTS_MAX && !authres.well_formed, "the next one is not");

	buffer_init(&text, SHOWN_MAX);
	buffer_add_text(&text, "mx; a=b");
	for (unsigned i = 0; i < AUTHRES_PROPERTIES_MAX; i++)
		buffer_printf(&text, " c.d%u=e", i);
	authres_parse(pool, buffer_slice(&text), &authres);
	ok(authres.count == 1 && authres.results[0].count == AUTHRES_PROPERTIES_MAX,
	   "%u properties are read", AUTHRES_PROPERTIES_MAX);
	buffer_add_text(&text, " c.e=f");
	authres_parse(pool, buffer_slice(&text), &authres);
	ok(authres.count == 0 && !authres.well_formed, "one more is an error");
	buffer_free(&text);
}

/* Bodies of 1 MB; work that grows with the square would take hours. */
static void test_effort(void)
{
	static const char *const shapes[][3] = {
	    {"mx; a=b ", "(", ""},
	    {"mx; a=b ", "()", ""},
	    {"mx; a=b ", "(\\(", ""},
	    {"mx; a=b c.d=\"", "\\\"", ""},
	    {"mx; a=b c.d=\"", "e\n ", "\""},
	    {"mx; a=b", " c.d=e", ""},
	    {"mx; a=b", " c.d= e", ""},
	    {"mx", ";a=b c.d=e", ""},
	    {"mx; a=b", "\n ", "x.y=z"},
	    {"mx; a=b c.d=", "e", ""},
	    {"mx; a=b c.d=", "\"\"", ""},
	    {"", "x", "; a=b"},
	    {"", "\xc3\xa9", "; a=b"},
	    {"(", "(a", ")"},
	    {"mx; a", "/", "b"},
	    {"mx; a", "(b)", "=c"},
	    {"mx; a=b c.d= ", "e.", ""},
	    {"mx;", " ;", ""},
	    {"mx; a=b ", "c(d)", ""},
	    {"mx; a=b ", "reason=c ", ""},
	};
	clock_t start = clock();

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pool *pool = pool_new();
		struct authres authres;

		authres_parse(pool,
			      repeated(pool, shapes[i][0], shapes[i][1], shapes[i][2], 1U << 20),
			      &authres);
		pool_free(pool);
	}
	ok(clock() - start < 20 * CLOCKS_PER_SEC, "1 MB of anything is read in linear time");
}

/* Fragments put together at random: no crash (the sanitizers watch), and nothing impossible. */
static void test_fragments(void)
{
	static const char *const fragments[] = {
	    "mx",       " ",    ";", "dkim", "=",    "pass",   "header", ".",
	    "d",        "(",    ")", "\"",   "\\",   "\n ",    "\r\n\t", "\001",
	    "\xc3\xa9", "\xff", "/", "1",    "none", "reason", "@",      "a.b",
	};
	unsigned long long state = 1;
	size_t impossible = 0;

	for (int round = 0; round < 100000; round++) {
		struct pool *pool = pool_new();
		struct authres authres;
		struct buffer text;

		buffer_init(&text, SHOWN_MAX);
		buffer_add_text(&text, round % 2 != 0 ? "mx; dkim=pass header.d=" : "");
		for (int i = 0; i < 12; i++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			buffer_add_text(
			    &text,
			    fragments[(state >> 33) % (sizeof(fragments) / sizeof(fragments[0]))]);
		}
		if (authres_parse(pool, buffer_slice(&text), &authres))
			impossible += *authres.id == '\0' || authres.count > 12;
		buffer_free(&text);
		pool_free(pool);
	}
	is_number((long long)impossible, 0, "100,000 random fields");
}

int main(void)
{
	struct pool *pool = pool_new();

	TEST(grammar);
	TEST(writers);
	TEST(forgeries);
	test_nul(pool);
	test_words(pool);
	test_limits(pool);
	test_effort();
	test_fragments();
	pool_free(pool);
	return done();
}
