/*
 * authres_write_test - fields as other programs expect them, whatever a stranger put into them
 */
#include <stdlib.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/authres_parse.h"
#include "mail/authres_write.h"
#include "tap.h"

#define LINE_MAX 998 /* RFC 5322 section 2.1.1 */

static void test_forms(struct pool *pool)
{
	struct authres_writer writer;

	authres_begin(&writer, "mx.example.com", "spf", RESULT_PASS);
	authres_add(&writer, "smtp", "mailfrom", "a@example.org");
	is_text(authres_end(&writer, pool),
		"Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=a@example.org",
		"an spf result");

	authres_begin(&writer, "mx.example.com", "dkim", RESULT_PASS);
	authres_add(&writer, "header", "d", "example.org");
	authres_add(&writer, "header", "i", "@example.org");
	authres_add(&writer, "header", "s", "mail");
	authres_add(&writer, "header", "a", "rsa-sha256");
	authres_add(&writer, "header", "b", "YK3uKQwe");
	is_text(authres_end(&writer, pool),
		"Authentication-Results: mx.example.com; dkim=pass header.d=example.org\n"
		"\theader.i=@example.org header.s=mail header.a=rsa-sha256\n"
		"\theader.b=YK3uKQwe",
		"a dkim result, folded between properties; a TAB is eight columns");

	authres_begin(&writer, "mx.example.com", "dmarc", RESULT_FAIL);
	authres_comment(&writer, "p=reject dis=quarantine");
	authres_add(&writer, "header", "from", "example.org");
	authres_add(&writer, "policy", "dmarc", "quarantine");
	is_text(authres_end(&writer, pool),
		"Authentication-Results: mx.example.com; dmarc=fail (p=reject dis=quarantine)\n"
		"\theader.from=example.org policy.dmarc=quarantine",
		"a dmarc result: the comment stays on the line of the result");

	authres_begin(&writer, "mx.example.com", "dkim", RESULT_PERMERROR);
	authres_reason(&writer, "no key for \"mail\"");
	is_text(authres_end(&writer, pool),
		"Authentication-Results: mx.example.com; dkim=permerror\n"
		"\treason=\"no key for \\\"mail\\\"\"",
		"a reason");
}

static void test_bare(struct pool *pool)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dkim", RESULT_TEMPERROR);
	authres_comment(&writer, "a comment that is long enough to fill half of a line or so");
	authres_reason(&writer, "and a reason");
	authres_add(&writer, "header", "d", "a.domain.name.of.some.length.example.org");
	is_text(authres_end(&writer, pool),
		"dkim=temperror (a comment that is long enough to fill half of a line or so)"
		" reason=\"and a reason\" header.d=a.domain.name.of.some.length.example.org",
		"check mode has no field name, no id and no folds");
}

static void test_ids(struct pool *pool)
{
	static const struct {
		const char *name, *id, *field;
	} ids[] = {
	    {"an id of two words", "mx example", "Authentication-Results: \"mx example\"; a=none"},
	    {"an id with a quote", "mx\"\\", "Authentication-Results: \"mx\\\"\\\\\"; a=none"},
	    {"an international id", "m\xc3\xbc.example",
	     "Authentication-Results: m\xc3\xbc.example; a=none"},
	    {"an empty id", "", "Authentication-Results: \"\"; a=none"},
	    {"an id with a line end", "mx\nX-Bad: x",
	     "Authentication-Results: \"mx?X-Bad: x\"; a=none"},
	};
	struct authres_writer writer;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		authres_begin(&writer, ids[i].id, "a", RESULT_NONE);
		is_text(authres_end(&writer, pool), ids[i].field, ids[i].name);
	}
}

static void test_values(struct pool *pool)
{
	static const struct {
		const char *name, *value, *text;
	} values[] = {
	    {"a token", "rsa-sha256", " a.b=rsa-sha256"},
	    {"a domain", "example.org", " a.b=example.org"},
	    {"an address", "a.b+c=d@example.org", " a.b=a.b+c=d@example.org"},
	    {"an address without local part", "@example.org", " a.b=@example.org"},
	    {"an address with quotes", "\"a; b\"@example.org", " a.b=\"a; b\"@example.org"},
	    {"an international address", "\xc3\xa9@\xc3\xa9.example",
	     " a.b=\xc3\xa9@\xc3\xa9.example"},
	    {"base64", "AbC/12+=", " a.b=\"AbC/12+=\""},
	    {"an IPv6 address", "2001:db8::1", " a.b=\"2001:db8::1\""},
	    {"the null sender", "<>", " a.b=\"<>\""},
	    {"an empty value", "", " a.b=\"\""},
	    {"a quote and a backslash", "a\"b\\", " a.b=\"a\\\"b\\\\\""},
	    {"a comment", "a(b)", " a.b=\"a(b)\""},
	    {"a semicolon", "a;dkim=pass", " a.b=\"a;dkim=pass\""},
	    {"a space", "a b@example.org", " a.b=\"a b@example.org\""},
	    {"an unpaired quote before @", "\"a@example.org", " a.b=\"\\\"a@example.org\""},
	    {"two @", "a@b@example.org", " a.b=\"a@b@example.org\""},
	    {"a domain of one label", "a@localhost", " a.b=\"a@localhost\""},
	    {"a domain that is none", "a@-b.example", " a.b=\"a@-b.example\""},
	    {"a hyphen at the end of a label", "a@b-.example", " a.b=\"a@b-.example\""},
	    {"an empty label", "a@b..example", " a.b=\"a@b..example\""},
	    {"international text", "\xc3\xa9 \xe2\x82\xac", " a.b=\"\xc3\xa9 \xe2\x82\xac\""},
	    {"a line end is left out", "a\nX-Bad: b", ""},
	    {"a TAB is left out", "a\tb", ""},
	    {"DEL is left out", "a\x7f", ""},
	    {"a C1 control is left out", "a\xc2\x9b", ""},
	    {"ill-formed UTF-8 is left out", "a\xc3", ""},
	    {"a surrogate is left out", "\xed\xa0\x80", ""},
	    {"NULL is left out", NULL, ""},
	};
	struct authres_writer writer;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		authres_begin_bare(&writer, "x", RESULT_PASS);
		authres_add(&writer, "a", "b", values[i].value);
		is_text(authres_end(&writer, pool) + strlen("x=pass"), values[i].text,
			values[i].name);
	}
}

static void test_remarks(struct pool *pool)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "x", RESULT_FAIL);
	authres_comment(&writer, "a) b=c; (d\\ \xc3\xa9\n\"");
	is_text(authres_end(&writer, pool), "x=fail (a? b=c; ?d? ???\")",
		"what could end a comment is replaced");
	authres_begin_bare(&writer, "x", RESULT_FAIL);
	authres_reason(&writer, "a\"; b\\ \xc3\xa9\n");
	is_text(authres_end(&writer, pool), "x=fail reason=\"a\\\"; b\\\\ ???\"",
		"what could end a reason is quoted");
	authres_begin_bare(&writer, "x", RESULT_FAIL);
	authres_comment(&writer, NULL);
	authres_comment(&writer, "");
	authres_reason(&writer, NULL);
	is_text(authres_end(&writer, pool), "x=fail", "no comment, no reason");
}

/* text_of - a string of one letter */
static char *text_of(struct pool *pool, char letter, size_t len)
{
	char *text = pool_alloc(pool, len + 1);

	memset(text, letter, len);
	return text;
}

static void test_lengths(struct pool *pool)
{
	struct authres_writer writer;
	const char *start = "Authentication-Results: mx; x=pass";
	size_t room = 78 - strlen(start) - strlen(" a.b=");

	authres_begin(&writer, "mx", "x", RESULT_PASS);
	authres_add(&writer, "a", "b", text_of(pool, 'c', room));
	is_number((long long)strlen(authres_end(&writer, pool)), 78, "78 columns are one line");

	authres_begin(&writer, "mx", "x", RESULT_PASS);
	authres_add(&writer, "a", "b", text_of(pool, 'c', room + 1));
	is_text(authres_end(&writer, pool),
		pool_printf(pool, "%s\n\ta.b=%s", start, text_of(pool, 'c', room + 1)),
		"79 are two");

	authres_begin(&writer, "mx", "x", RESULT_PASS);
	authres_add(&writer, "a", "b", text_of(pool, 'c', 500));
	authres_add(&writer, "a", "d", "e");
	is_text(authres_end(&writer, pool),
		pool_printf(pool, "%s\n\ta.b=%s\n\ta.d=e", start, text_of(pool, 'c', 500)),
		"a property longer than the line stays whole");

	authres_begin(&writer, "mx", "x", RESULT_PASS);
	authres_add(&writer, "a", "b", text_of(pool, 'c', LINE_MAX - strlen("\ta.b=") + 1));
	authres_add(&writer, "a", "d", text_of(pool, 'e', LINE_MAX - strlen("\ta.d=")));
	authres_comment(&writer, text_of(pool, 'f', 10));
	authres_reason(&writer, text_of(pool, 'g', LINE_MAX));
	is_text(authres_end(&writer, pool),
		pool_printf(pool, "%s\n\ta.d=%s", start,
			    text_of(pool, 'e', LINE_MAX - strlen("\ta.d="))),
		"what no line can hold is left out");

	authres_begin(&writer, "mx", "x", RESULT_PASS);
	for (int i = 0; i < 2000; i++)
		authres_add(&writer, "a", "b", text_of(pool, 'c', 900));
	ok(strlen(authres_end(&writer, pool)) % (900 + strlen("\n\ta.b=")) == strlen(start),
	   "a field that grows too large ends with a whole property");
}

/* unfolded - what SpamAssassin matches its patterns against */
static char *unfolded(struct pool *pool, const char *text)
{
	char *copy = pool_alloc(pool, strlen(text) + 1);
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (text[0] == '\n' && text[1] == '\t')
			text++;
		copy[len++] = text[0] == '\t' ? ' ' : text[0];
	}
	return copy;
}

static void test_patterns(struct pool *pool)
{
	struct authres_writer writer;
	const char *text;

	authres_begin(&writer, "mx.example.com", "dmarc", RESULT_FAIL);
	authres_comment(&writer, text_of(pool, 'x', 100));
	authres_add(&writer, "header", "from", text_of(pool, 'y', 100));
	text = unfolded(pool, authres_end(&writer, pool));
	ok(strstr(text, "mx.example.com; dmarc=fail (") != NULL,
	   "nothing comes between id, method and result, however long the rest");
	ok(strstr(text, "x) header.from=y") != NULL, "a fold is one space");
}

/* next_random - a number below limit */
static unsigned next_random(unsigned long long *state, unsigned limit)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(*state >> 33) % limit;
}

/* random_text - bytes of all kinds, those that mean something more often */
static char *random_text(struct pool *pool, unsigned long long *state)
{
	static const char *const pieces[] = {
	    "\"",
	    "\\",
	    "(",
	    ")",
	    ";",
	    "=",
	    "@",
	    ".",
	    " ",
	    "\t",
	    "\n",
	    "\r\n\t",
	    ",",
	    "<",
	    "/",
	    "a",
	    "b1",
	    "dkim=pass",
	    "header.d=",
	    "example.org",
	    "@example.org",
	    "\xc3\xa9",
	    "\xe2\x82\xac",
	    "\xc2\x85",
	    "\xff",
	    "\xc3",
	    "\x7f",
	    "reason=",
	    "; none",
	};
	const unsigned count = sizeof(pieces) / sizeof(pieces[0]);
	size_t max = next_random(state, 40) == 0 ? 1200 : next_random(state, 24);
	bool plain = next_random(state, 2) == 0;
	struct buffer text;
	char *copy;

	buffer_init(&text, 16 * (max + 1));
	for (size_t i = 0; i < max; i++) {
		if (next_random(state, 4) == 0 && !plain)
			buffer_add_byte(&text, (char)(1 + next_random(state, 255)));
		else
			buffer_add_text(&text, pieces[next_random(state, plain ? 9 : count)]);
	}
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

/* lines_are_good - only folds between lines, no control characters, no line too long */
static bool lines_are_good(const char *text)
{
	size_t column = 0;

	for (; *text != '\0'; text++) {
		bool fold = text[0] == '\n' && text[1] == '\t' && is_vchar(text[2]);

		if (fold)
			text++;
		else if ((*text > '\0' && *text < ' ') || *text == '\x7f')
			return false;
		column = fold ? 1 : column + 1;
		if (column > LINE_MAX)
			return false;
	}
	return true;
}

/* read_back - is what was written one result, with the value as it was or without? */
static bool read_back(struct pool *pool, const char *text, const char *value, size_t *survived)
{
	struct slice field = slice_of(text);
	struct authres authres;
	const char *got;

	if (!authres_parse(pool, slice_skip(field, slice_find(field, ':') + 1), &authres) ||
	    !authres.well_formed || authres.count != 1)
		return false;
	got = authres_property(&authres.results[0], "header", "i");
	*survived += got != NULL;
	return strcmp(authres.id, "mx.example.com") == 0 &&
	       strcmp(authres.results[0].method, "dkim") == 0 &&
	       strcmp(authres.results[0].word, "fail") == 0 &&
	       authres.results[0].count == (got != NULL ? 2U : 1U) &&
	       (got == NULL || strcmp(got, value) == 0);
}

static void test_random(void)
{
	unsigned long long state = 42;
	size_t bad = 0;
	size_t survived = 0;

	for (int i = 0; i < 100000; i++) {
		struct pool *pool = pool_new();
		const char *value = random_text(pool, &state);
		struct authres_writer writer;
		const char *text;

		authres_begin(&writer, "mx.example.com", "dkim", RESULT_FAIL);
		authres_comment(&writer, random_text(pool, &state));
		authres_reason(&writer, random_text(pool, &state));
		authres_add(&writer, "header", "i", value);
		authres_add(&writer, "header", "s", "mail");
		text = authres_end(&writer, pool);
		bad += !lines_are_good(text) || !read_back(pool, text, value, &survived);
		pool_free(pool);
	}
	is_number((long long)bad, 0, "100,000 random texts cannot change what a field says");
	ok(survived > 20000 && survived < 99000, "%zu of the values were written", survived);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_forms(pool);
	test_bare(pool);
	test_ids(pool);
	test_values(pool);
	test_remarks(pool);
	test_lengths(pool);
	test_patterns(pool);
	test_random();
	pool_free(pool);
	return done();
}
