/*
 * policy_request: what Postfix sends, and what nobody should send
 */
#include "postfix/policy_request.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

/* A reader of some text. */
struct input {
	int fd;
	struct pool *pool;
	struct policy_reader *reader;
	struct policy_request request;
};

static void open_input(struct input *input, struct slice text)
{
	input->fd = memfd_create("requests", 0);
	if (input->fd < 0 || write(input->fd, text.data, text.len) != (ssize_t)text.len ||
	    lseek(input->fd, 0, SEEK_SET) != 0)
		abort();
	input->pool = pool_new();
	input->reader = policy_reader_new(input->fd);
}

static bool next(struct input *input)
{
	return policy_read(input->reader, input->pool, &input->request);
}

static void close_input(struct input *input)
{
	policy_reader_free(input->reader);
	pool_free(input->pool);
	close(input->fd);
}

/* is_value - an attribute of the request that was read last */
static void is_value(const struct input *input, enum policy_attribute attribute, const char *wanted,
		     const char *name)
{
	is_text(input->request.values[attribute], wanted, name);
}

static void test_postfix(void)
{
	struct input input;

	open_input(&input, slice_of("request=smtpd_access_policy\nprotocol_state=RCPT\n"
				    "protocol_name=ESMTP\nhelo_name=some.domain.tld\nqueue_id=\n"
				    "sender=a=b@example.org\nrecipient=\"x y\"@example.net\n"
				    "client_address=2001:db8::1\ninstance=123.456.7\n"
				    "sasl_username=\nsize=12345\nccert_subject=Caf\303\251\n\n"
				    "sender=second@example.org\n\n"));
	ok(next(&input), "a request as Postfix sends it");
	is_text(input.request.reason, NULL, "nothing is wrong with it");
	is_value(&input, POLICY_REQUEST, "smtpd_access_policy", "request");
	is_value(&input, POLICY_PROTOCOL_STATE, "RCPT", "protocol_state");
	is_value(&input, POLICY_INSTANCE, "123.456.7", "instance");
	is_value(&input, POLICY_CLIENT_ADDRESS, "2001:db8::1", "client_address");
	is_value(&input, POLICY_HELO_NAME, "some.domain.tld", "helo_name");
	is_value(&input, POLICY_SENDER, "a=b@example.org", "a value may contain \"=\"");
	is_value(&input, POLICY_RECIPIENT, "\"x y\"@example.net", "recipient");
	is_value(&input, POLICY_SASL_USERNAME, "", "an empty value");
	ok(next(&input), "the request after it");
	is_value(&input, POLICY_SENDER, "second@example.org", "its own value");
	is_value(&input, POLICY_HELO_NAME, "", "and none of the one before");
	ok(!next(&input), "then the input ends");
	close_input(&input);
}

static void test_forms(void)
{
	static const struct {
		const char *text;
		const char *sender;
		const char *name;
	} cases[] = {
	    {"sender=a@b\r\n\r\n", "a@b", "CR LF ends a line too"},
	    {"sender=first\nsender=second\n\n", "first", "of two attributes the first counts"},
	    {"sender=\nsender=second\n\n", "", "also if it is empty"},
	    {"Sender=a@b\n\n", "", "names are case-sensitive"},
	    {"sender = a@b\n\n", "", "a blank belongs to the name"},
	    {"sender= a@b \n\n", " a@b ", "and to the value"},
	};
	struct input input;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_input(&input, slice_of(cases[i].text));
		ok(next(&input) && input.request.reason == NULL, "good: %s", cases[i].name);
		is_value(&input, POLICY_SENDER, cases[i].sender, cases[i].name);
		close_input(&input);
	}
}

static void test_malformed(void)
{
	static const char good[] = "sender=a@b\n\n";
	static const struct {
		const char *text;
		size_t len;
		const char *name;
	} cases[] = {
	    {"sender\n\n", 8, "no \"=\""},
	    {"=value\n\n", 8, "no name"},
	    {"sender=a\0b\n\n", 12, "a NUL octet"},
	    {"\x16\x03\x01\n\n", 5, "another protocol"},
	    {"x\nsender=a@b\n\n", 14, "a bad line before a good one"},
	};
	struct buffer text;
	struct input input;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_init(&text, 100);
		buffer_add(&text, cases[i].text, cases[i].len);
		buffer_add_text(&text, good);
		open_input(&input, buffer_slice(&text));
		ok(next(&input) && input.request.reason != NULL, "bad: %s", cases[i].name);
		ok(next(&input) && input.request.reason == NULL, "%s: the next one is good",
		   cases[i].name);
		close_input(&input);
		buffer_free(&text);
	}
}

static void test_ends(void)
{
	static const char *const texts[] = {"", "sender=a@b", "sender=a@b\n", "sender=a@b\nx"};
	struct input input;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		open_input(&input, slice_of(texts[i]));
		ok(!next(&input), "no request without an empty line: %zu octets", strlen(texts[i]));
		close_input(&input);
	}
	open_input(&input, slice_of("\n\n"));
	ok(next(&input) && next(&input), "an empty line alone is a request");
	is_value(&input, POLICY_REQUEST, "", "without anything in it");
	close_input(&input);
}

/* add_line - name and value of the given lengths */
static void add_line(struct buffer *text, size_t name_len, size_t value_len)
{
	for (size_t i = 0; i < name_len; i++)
		buffer_add_byte(text, 'n');
	buffer_add_byte(text, '=');
	for (size_t i = 0; i < value_len; i++)
		buffer_add_byte(text, 'v');
	buffer_add_byte(text, '\n');
}

/* is_problem - reads a request of lines of one length, and a good one after it */
static void is_problem(size_t lines, size_t name_len, size_t value_len, bool wanted,
		       const char *name)
{
	struct buffer text;
	struct input input;

	buffer_init(&text, 4U << 20);
	buffer_add_text(&text, "sender=kept@example.org\n");
	for (size_t i = 0; i < lines; i++)
		add_line(&text, name_len, value_len);
	buffer_add_text(&text, "\nsender=next@example.org\n\n");
	open_input(&input, buffer_slice(&text));
	ok(next(&input), "%s: read to its end", name);
	ok((input.request.reason != NULL) == wanted, "%s: %s", name, wanted ? "bad" : "good");
	ok(next(&input) && input.request.reason == NULL, "%s: the next one is good", name);
	is_value(&input, POLICY_SENDER, "next@example.org", name);
	close_input(&input);
	buffer_free(&text);
}

static void test_limits(void)
{
	is_problem(1, POLICY_NAME_MAX, POLICY_VALUE_MAX, false, "the longest line");
	is_problem(1, POLICY_NAME_MAX + 1, 1, true, "a longer name");
	is_problem(1, 1, POLICY_VALUE_MAX + 1, true, "a longer value");
	is_problem(1, 1, 1U << 20, true, "a value of 1 MiB");
	is_problem(1, 1U << 20, 1, true, "a name of 1 MiB");
	is_problem(15, 1, POLICY_VALUE_MAX, false, "a long request");
	is_problem(17, 1, POLICY_VALUE_MAX, true, "a request that is too long");
	is_problem(200000, 1, 1, true, "200,000 lines");
}

/* feed - one octet at a time */
static _Noreturn void feed(int fd, const char *text)
{
	for (; *text != '\0'; text++) {
		if (write(fd, text, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void test_pieces(void)
{
	struct input input = {.pool = pool_new()};
	int ends[2];
	pid_t writer;

	fflush(stdout); /* what is in its buffer is not the child's */
	if (pipe(ends) != 0 || (writer = fork()) < 0)
		abort();
	if (writer == 0)
		feed(ends[1], "sender=a@b\nhelo_name=h\n\nsender=c@d\n\n");
	close(ends[1]);
	input.fd = ends[0];
	input.reader = policy_reader_new(input.fd);
	ok(next(&input), "octet by octet");
	is_value(&input, POLICY_HELO_NAME, "h", "whole");
	ok(next(&input), "the second");
	is_value(&input, POLICY_SENDER, "c@d", "whole too");
	ok(!next(&input), "the end");
	close_input(&input);
	waitpid(writer, NULL, 0);
}

int main(void)
{
	test_postfix();
	test_forms();
	test_malformed();
	test_ends();
	test_limits();
	test_pieces();
	return done();
}
