/*
 * spf_received_test - the Received-SPF field, whatever strangers call themselves
 */
#include <stdlib.h>

#include "base/pool.h"
#include "spf/evaluate.h"
#include "spf/spf_received.h"
#include "tap.h"

#define COLUMNS_MAX 78
#define LINE_MAX    998 /* RFC 5322 2.1.1 */
#define TAB         8

/* A field; what is not set has a default. */
struct field_case {
	const char *ip;
	const char *helo;
	const char *sender; /* of the query */
	const char *receiver;
	struct spf_result result;
};

static const char *field_of(struct pool *pool, const struct field_case *test)
{
	struct spf_result result = test->result;
	struct spf_query query = {
	    .helo = test->helo != NULL ? test->helo : "mail.example.org",
	    .sender = test->sender != NULL ? test->sender : "alice@example.org",
	    .receiver = test->receiver != NULL ? test->receiver : "mx.example.net",
	};

	ip_address_parse(slice_of(test->ip != NULL ? test->ip : "192.0.2.1"), &query.client);
	if (result.domain == NULL)
		result.domain = "example.org";
	if (result.sender == NULL)
		result.sender = query.sender;
	if (result.reason == NULL)
		result.reason = "example.org: no SPF record";
	return spf_received_field(pool, &query, &result);
}

/* is_safe - lines that are not too long, none of them blank, nothing but text; ASCII if told so */
static bool is_safe(const char *field, bool ascii)
{
	size_t column = 0;
	bool blank = false;

	for (const char *byte = field; *byte != '\0'; byte++) {
		if (*byte == '\n') {
			if (blank || byte[1] != '\t')
				return false;
			column = 0;
			blank = true;
		} else if (*byte == '\t') {
			column += TAB;
		} else {
			if ((unsigned char)*byte < ' ' || *byte == '\177' ||
			    (ascii && (unsigned char)*byte > 127) || ++column > COLUMNS_MAX)
				return false;
			blank = blank && *byte == ' ';
		}
	}
	return !blank;
}

static void test_whole(struct pool *pool)
{
	struct field_case test = {.result = {.result = RESULT_PASS, .mechanism = "a"}};

	is_text(field_of(pool, &test),
		"Received-SPF: pass (mx.example.net: example.org permits 192.0.2.1)\n"
		"\treceiver=mx.example.net; client-ip=192.0.2.1;\n"
		"\tenvelope-from=\"alice@example.org\"; helo=mail.example.org;\n"
		"\tidentity=mailfrom; mechanism=a",
		"a pass, all of the field");
	test = (struct field_case){.sender = "",
				   .ip = "2001:db8::1",
				   .result = {.result = RESULT_PERMERROR,
					      .identity = SPF_HELO,
					      .sender = "postmaster@mail.example.org",
					      .reason = "example.org: \"ip4:1.2.3\" at position "
							"7: bad address (RFC 7208 5.6)"}};
	is_text(field_of(pool, &test),
		"Received-SPF: permerror (mx.example.net: example.org has a broken SPF record)\n"
		"\treceiver=mx.example.net; client-ip=\"2001:db8::1\"; envelope-from=\"<>\";\n"
		"\thelo=mail.example.org; identity=helo; problem=\"example.org:\n"
		"\t\\\"ip4:1.2.3\\\" at position 7: bad address (RFC 7208 5.6)\"",
		"an error, all of the field");
}

static void test_comments(struct pool *pool)
{
	static const struct {
		enum result result;
		const char *start;
	} cases[] = {
	    {RESULT_PASS, "Received-SPF: pass (r: example.org permits 192.0.2.1) "},
	    {RESULT_FAIL, "Received-SPF: fail (r: example.org does not permit 192.0.2.1) "},
	    {RESULT_SOFTFAIL,
	     "Received-SPF: softfail (r: example.org probably does not permit 192.0.2.1)"},
	    {RESULT_NEUTRAL, "Received-SPF: neutral (r: example.org says nothing about 192.0.2.1)"},
	    {RESULT_NONE, "Received-SPF: none (r: example.org has no SPF record) "},
	    {RESULT_TEMPERROR,
	     "Received-SPF: temperror (r: example.org could not be asked about 192.0.2.1)"},
	    {RESULT_PERMERROR, "Received-SPF: permerror (r: example.org has a broken SPF record)"},
	};
	struct field_case test = {.receiver = "r"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *field;

		test.result.result = cases[i].result;
		field = field_of(pool, &test);
		if (!ok(strncmp(field, cases[i].start, strlen(cases[i].start)) == 0,
			"the comment on %s", result_word(cases[i].result)))
			printf("# %s\n", field);
	}
	test.result = (struct spf_result){.result = RESULT_NONE, .domain = ""};
	ok(strstr(field_of(pool, &test), "none (r: no domain to check) ") != NULL,
	   "the comment when there was no domain");
	test.receiver = "a(b)\\c\303\251\n";
	ok(strstr(field_of(pool, &test), " (a?b??c???: ") != NULL,
	   "a receiver that would end the comment");
}

static const struct {
	const char *helo, *sender;
	const char *wanted, *unwanted;
	bool ascii;
	const char *name;
} value_cases[] = {
    {NULL, "alice", "envelope-from=alice;", NULL, true, "an atom needs no quotes"},
    {NULL, "a.b@c", "envelope-from=\"a.b@c\";", NULL, true, "an address does"},
    {NULL, "\"a \\\" b\"@c", "envelope-from=\"\\\"a \\\\\\\" b\\\"@c\";", NULL, true,
     "quotes and backslashes in a sender"},
    {NULL, "a\r\nX: y@c", NULL, "X: y", true, "a line end in a sender"},
    {NULL, "a\177@c", NULL, "envelope-from", true, "DEL in a sender"},
    {NULL, "a\tb@c", NULL, "envelope-from", true, "a tab in a sender"},
    {NULL, "j\303\274rgen@c", "envelope-from=\"j\303\274rgen@c\";", NULL, false,
     "UTF-8 in a sender"},
    {NULL, "j\374rgen@c", NULL, "envelope-from", true, "Latin-1 in a sender"},
    {NULL, "j\302\233rgen@c", NULL, "envelope-from", true, "a control character beyond ASCII"},
    {NULL, "x; result=pass@c", "envelope-from=\"x; result=pass@c\";", NULL, true,
     "a semicolon in a sender"},
    {"a\r\nX: y", NULL, NULL, "X: y", true, "a line end in a HELO name"},
    {"x; identity=mailfrom", NULL, "helo=\"x; identity=mailfrom\";", NULL, true,
     "a semicolon in a HELO name"},
    {"[192.0.2.1]", NULL, "helo=\"[192.0.2.1]\";", NULL, true, "an address as HELO name"},
    {"(comment", NULL, "helo=\"(comment\";", NULL, true, "half a comment as HELO name"},
    {"b\303\274cher.example", NULL, "helo=xn--bcher-kva.example;", NULL, true,
     "an international HELO name"},
    {"\303\274 !", NULL, NULL, "helo=", true, "UTF-8 that is no HELO name"},
    {"\374", NULL, NULL, "helo=", true, "Latin-1 as HELO name"},
    {"", NULL, "helo=\"\";", NULL, true, "an empty HELO name"},
};

static void test_values(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(value_cases) / sizeof(value_cases[0]); i++) {
		struct field_case test = {.helo = value_cases[i].helo,
					  .sender = value_cases[i].sender,
					  .result = {.result = RESULT_PASS}};
		const char *wanted = value_cases[i].wanted;
		const char *unwanted = value_cases[i].unwanted;
		const char *field = field_of(pool, &test);

		if (!ok((wanted == NULL || strstr(field, wanted) != NULL) &&
			    (unwanted == NULL || strstr(field, unwanted) == NULL) &&
			    is_safe(field, value_cases[i].ascii),
			"%s", value_cases[i].name))
			printf("# %s\n", field);
	}
}

/* repeated - a text of count copies */
static const char *repeated(struct pool *pool, const char *text, size_t count)
{
	size_t len = strlen(text);
	char *copy = pool_alloc(pool, len * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(copy + i * len, text, len);
	return copy;
}

/* longest_line - octets */
static size_t longest_line(const char *field)
{
	struct slice rest = slice_of(field);
	struct slice line;
	size_t longest = 0;

	while (slice_cut(&rest, '\n', &line))
		longest = line.len > longest ? line.len : longest;
	return longest;
}

static void test_long(struct pool *pool)
{
	struct field_case test = {.result = {.result = RESULT_TEMPERROR}};
	const char *field;

	test.helo = test.sender = repeated(pool, "a.", 100000);
	test.result.mechanism = repeated(pool, "x", 100000);
	test.result.reason = repeated(pool, "a b  c \" ", 10000);
	field = field_of(pool, &test);
	ok(strlen(field) < 2000, "endless names make no endless field");
	ok(strstr(field, "envelope-from") == NULL && strstr(field, "helo") == NULL &&
	       strstr(field, "mechanism") == NULL,
	   "they are left out");
	ok(strstr(field, "problem=\"a b c") != NULL, "an endless reason is cut");
	ok(is_safe(field, true), "and folded");
	test.result.reason = "      ";
	ok(is_safe(field_of(pool, &test), true), "a reason of spaces makes no blank line");
	for (size_t len = 470; len < 520; len++) {
		test.sender = repeated(pool, "\"", len);
		if (longest_line(field_of(pool, &test)) > LINE_MAX)
			break;
		test.sender = NULL;
	}
	ok(test.sender == NULL, "quoting makes no line longer than mail allows");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_whole(pool);
	test_comments(pool);
	test_values(pool);
	test_long(pool);
	pool_free(pool);
	return done();
}
