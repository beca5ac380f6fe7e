/*
 * json_test - objects on one line, and that a stranger's bytes cannot break out of a string
 */
#include "base/json.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "tap.h"

/* Where standard output goes while json_end() writes. */
struct capture {
	int saved;
	int file;
};

static struct capture capture_begin(void)
{
	struct capture capture;

	fflush(stdout);
	capture.saved = dup(STDOUT_FILENO);
	capture.file = memfd_create("json", 0);
	if (capture.saved < 0 || capture.file < 0 || dup2(capture.file, STDOUT_FILENO) < 0)
		exit(1);
	return capture;
}

/* capture_end - what was written; standard output is as before */
static char *capture_end(struct pool *pool, const struct capture *capture)
{
	off_t len = lseek(capture->file, 0, SEEK_END);
	char *text = pool_alloc(pool, (size_t)len + 1);

	if (pread(capture->file, text, (size_t)len, 0) != len ||
	    dup2(capture->saved, STDOUT_FILENO) < 0)
		exit(1);
	close(capture->saved);
	close(capture->file);
	return text;
}

/* written - ends the object and returns what came out */
static char *written(struct pool *pool, struct json *json)
{
	struct capture capture = capture_begin();
	bool good = json_end(json);
	char *text = capture_end(pool, &capture);

	return good ? text : NULL;
}

/* written_string - an object with one string */
static char *written_string(struct pool *pool, const char *value)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "k", value);
	return written(pool, &json);
}

static void test_objects(struct pool *pool)
{
	struct json json;

	json_begin(&json);
	is_text(written(pool, &json), "{}\n", "an empty object");

	json_begin(&json);
	json_string(&json, "method", "dkim");
	json_string(&json, "reason", NULL);
	json_number(&json, "key_bits", 2048);
	json_number(&json, "least", -9223372036854775807LL - 1);
	json_list_begin(&json, "none");
	json_list_end(&json);
	json_list_begin(&json, "queries");
	json_item(&json, "_dmarc.a.example");
	json_item(&json, "_dmarc.example");
	json_list_end(&json);
	json_string(&json, "last", "x");
	is_text(written(pool, &json),
		"{\"method\":\"dkim\",\"reason\":\"\",\"key_bits\":2048,"
		"\"least\":-9223372036854775808,\"none\":[],"
		"\"queries\":[\"_dmarc.a.example\",\"_dmarc.example\"],\"last\":\"x\"}\n",
		"strings, numbers and lists, on one line");
}

static void test_strings(struct pool *pool)
{
	static const struct {
		const char *name, *value, *json;
	} strings[] = {
	    {"a quote and a backslash", "a\"b\\c", "{\"k\":\"a\\\"b\\\\c\"}\n"},
	    {"a slash stays", "a/b", "{\"k\":\"a/b\"}\n"},
	    {"line ends and TAB", "a\r\n\tb", "{\"k\":\"a\\u000d\\u000a\\u0009b\"}\n"},
	    {"control characters", "\001\033\037 ", "{\"k\":\"\\u0001\\u001b\\u001f \"}\n"},
	    {"well-formed UTF-8", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7",
	     "{\"k\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7\"}\n"},
	    {"a byte that begins nothing",
	     "a\xff"
	     "b",
	     "{\"k\":\"a\xef\xbf\xbd"
	     "b\"}\n"},
	    {"a sequence cut short", "\xe2\x82", "{\"k\":\"\xef\xbf\xbd\xef\xbf\xbd\"}\n"},
	    {"a sequence cut short by a quote", "\xc3\"", "{\"k\":\"\xef\xbf\xbd\\\"\"}\n"},
	    {"an over-long sequence", "\xc0\xaf", "{\"k\":\"\xef\xbf\xbd\xef\xbf\xbd\"}\n"},
	    {"a surrogate", "\xed\xa0\x80", "{\"k\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}\n"},
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		is_text(written_string(pool, strings[i].value), strings[i].json, strings[i].name);
}

/* skip_string_char - one character of an escaped string: its length, or 0 */
static size_t skip_string_char(struct slice s)
{
	if (s.data[0] == '\\')
		return s.len < 2 ? 0 : s.data[1] == 'u' ? 6 : 2;
	if (s.data[0] == ' ' || (is_vchar(s.data[0]) && s.data[0] != '"') || s.data[0] == '\x7f')
		return 1;
	return skip_utf8_tail(s);
}

/* skip_string - a string with its quotes */
static size_t skip_string(struct slice s)
{
	size_t at = 1;
	size_t len;

	if (s.len == 0 || s.data[0] != '"')
		return 0;
	while (at < s.len && (len = skip_string_char(slice_skip(s, at))) != 0)
		at += len;
	return at < s.len && s.data[at] == '"' ? at + 1 : 0;
}

/* Every pair of bytes, each as an item of one list. */
static void test_pairs(struct pool *pool)
{
	struct slice rest;
	struct json json;
	size_t strings = 0;
	size_t len;

	json_begin(&json);
	json_list_begin(&json, "k");
	for (unsigned pair = 0; pair < 65536; pair++) {
		char value[] = {(char)(pair & 0xff), (char)(pair >> 8), '\0'};

		json_item(&json, value);
	}
	json_list_end(&json);
	rest = slice_skip(slice_of(written(pool, &json)), strlen("{\"k\":["));
	for (; (len = skip_string(rest)) != 0; strings++)
		rest = slice_skip(rest, len + (rest.data[len] == ',' ? 1 : 0));
	is_number((long long)strings, 65536, "no pair of bytes leaves its string");
	ok(slice_is(rest, "]}\n"), "nor its list");
}

static void test_size(struct pool *pool)
{
	size_t size = 1U << 20;
	char *large = pool_alloc(pool, size + 1);

	memset(large, '\001', size);
	is_number((long long)strlen(written_string(pool, large)),
		  6 * (long long)size + (long long)strlen("{\"k\":\"\"}\n"),
		  "1 MB of control characters");
}

static void test_failure(void)
{
	struct json json;
	int saved;
	bool written_to_nowhere;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	close(STDOUT_FILENO);
	json_begin(&json);
	written_to_nowhere = json_end(&json);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	ok(!written_to_nowhere, "a write that fails is told");
}

static void test_overflow(struct pool *pool)
{
	struct json json;

	json_begin(&json);
	json.text.max = 16; /* as if the object had grown that large already */
	json_string(&json, "k", "more than sixteen octets");
	is_text(written(pool, &json), NULL, "an object that does not fit is not written");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_objects(pool);
	test_strings(pool);
	test_pairs(pool);
	test_size(pool);
	test_failure();
	test_overflow(pool);
	pool_free(pool);
	return done();
}
