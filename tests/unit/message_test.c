/*
 * message: the index of fields, and that the same bytes come out
 */
#include "mail/message.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

/* file_of - a file with this content, at its start */
static int file_of(struct slice content)
{
	int fd = memfd_create("message", 0);

	if (fd < 0 || !io_write(fd, content.data, content.len) || lseek(fd, 0, SEEK_SET) != 0)
		exit(1);
	return fd;
}

/* message_of - the message with this content, read to its end */
static struct message *message_of(const char *content)
{
	struct message *message = message_new();
	struct error error;
	int fd = file_of(slice_of(content));

	if (!message_read_header(message, source_of_fd(fd), &error) ||
	    !message_read_body(message, source_of_fd(fd), NULL, NULL, &error)) {
		printf("# %s\n", error.text);
		exit(1);
	}
	close(fd);
	return message;
}

/* written - what message_write_fd() writes, NUL-terminated */
static char *written(struct pool *pool, const struct message *message)
{
	struct error error;
	int fd = memfd_create("out", 0);
	off_t len;
	char *text;

	if (fd < 0 || !message_write_fd(message, fd, &error))
		exit(1);
	len = lseek(fd, 0, SEEK_END);
	text = pool_alloc(pool, (size_t)len + 1);
	if (pread(fd, text, (size_t)len, 0) != len)
		exit(1);
	close(fd);
	return text;
}

static void test_index(struct pool *pool)
{
	struct message *message = message_of("From : a@b\r\nSubject:  one\r\n\ttwo\r\n"
					     "no field\r\nX-Empty:\r\n\r\nFrom: body\r\n");

	is_number((long long)message_field_count(message), 4, "four fields before the empty line");
	is_text(slice_copy(pool, message_field(message, 0)->name), "From",
		"white space before the colon is not part of the name");
	is_text(slice_copy(pool, message_field(message, 0)->value), " a@b",
		"the value keeps its leading space");
	is_text(slice_copy(pool, message_field(message, 1)->value), "  one\r\n\ttwo",
		"a folded value keeps its fold and loses the last line end");
	is_number((long long)message_field(message, 2)->name.len, 0,
		  "a line without a colon is a field without a name");
	is_number((long long)message_field(message, 3)->value.len, 0, "an empty value is empty");
	is_number((long long)message_find(message, "FROM", 0), 0, "names compare without case");
	is_number((long long)message_find(message, "from", 1), 4,
		  "fields of the body are not found");
	is_text(message_line_end(message), "\r\n", "the line end of the first line is CRLF");
	message_free(message);
}

static void test_write(struct pool *pool)
{
	static const char *const inputs[] = {
	    "A: 1\n\nbody\n",
	    "A: 1\r\n\r\nbody",
	    "A: 1\n",
	    "A: 1",
	    "\nbody",
	    "\r\n",
	    "\n",
	    "a\rb: c\r\n",
	    "\n\n\n",
	    "no field at all",
	    "A: 1\n\r\nx",
	    "A: 1\r\n\nx",
	    "A: 1\n\r",
	    ": x\n\n",
	};
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct message *message = message_of(inputs[i]);

		is_text(written(pool, message), inputs[i], "the same bytes come out");
		message_free(message);
	}
}

static void test_add(struct pool *pool)
{
	struct message *message = message_of("A: 1\r\nB: 2\r\n folded\r\nC: 3\r\n\r\nx\n");

	message_add_field(message, "Low: l");
	message_add_field(message, "High: h\n\tfolded");
	message_remove_field(message, 1);
	is_text(written(pool, message), "High: h\r\n\tfolded\r\nLow: l\r\nA: 1\r\nC: 3\r\n\r\nx\n",
		"fields are added on top in the line end of the message and removed whole");
	is_number((long long)message_find(message, "B", 0), 3, "a removed field is not found");
	message_free(message);

	message = message_of("From alice Mon Nov 23\nA: 1\n\n");
	message_add_field(message, "High: h");
	is_text(written(pool, message), "From alice Mon Nov 23\nHigh: h\nA: 1\n\n",
		"the first line of a mailbox stays on top");
	message_free(message);

	message = message_of("From alice");
	message_add_field(message, "High: h");
	is_text(written(pool, message), "High: h\nFrom alice",
		"one without an end is none: the field has a line of its own");
	message_free(message);

	message = message_of(" dkim=pass\nA: 1\n\n");
	message_add_field(message, "Authentication-Results: mx; dkim=none");
	is_text(written(pool, message),
		"Authentication-Results: mx; dkim=none\n"
		"X-Malformed-Header: continuation without a field\n dkim=pass\nA: 1\n\n",
		"a continuation on top of the input does not continue an added field");
	message_free(message);
}

/* count_sink - counts what arrives */
static void count_sink(void *context, const char *data, size_t len)
{
	(void)data;
	*(size_t *)context += len;
}

static void test_spool(struct pool *pool)
{
	size_t body_len = 3 * MESSAGE_MEMORY_MAX + 17;
	size_t sunk = 0;
	struct message *message = message_new();
	struct error error;
	struct buffer input;
	int fd;

	buffer_init(&input, body_len + 100);
	buffer_add_text(&input, "A: 1\n\n");
	while (input.len < body_len)
		buffer_add_byte(&input, (char)('a' + input.len % 26));
	buffer_add(&input, "", 1);
	fd = file_of(slice_from(input.data, input.len - 1));
	ok(message_read_header(message, source_of_fd(fd), &error), "header of a large message");
	ok(message_read_body(message, source_of_fd(fd), count_sink, &sunk, &error),
	   "body of a large message");
	is_number((long long)sunk, (long long)input.len - 1 - 6, "the sink gets all of the body");
	ok(strcmp(written(pool, message), input.data) == 0, "a spooled body comes out the same");
	message_free(message);
	buffer_free(&input);
	close(fd);
}

static void test_limits(void)
{
	struct message *message = message_new();
	struct error error = {.status = ""};
	struct buffer input;
	int fd = file_of(slice_of(""));

	ok(!message_read_header(message, source_of_fd(fd), &error), "an empty message is an error");
	is_text(error.text, "the message is empty", "and says so");
	message_free(message);
	close(fd);

	buffer_init(&input, 2 * MESSAGE_HEADER_MAX);
	while (input.len <= MESSAGE_HEADER_MAX + IO_CHUNK)
		buffer_add_text(&input, "A: 1 and something more to fill the line\n");
	fd = file_of(buffer_slice(&input));
	message = message_new();
	ok(message_read_header(message, source_of_fd(fd), &error),
	   "a header section over the limit is read");
	is_text(message_excess(message), "the header section is larger than 8388608 octets",
		"and cannot be judged");
	message_free(message);
	buffer_free(&input);
	close(fd);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_index(pool);
	test_write(pool);
	test_add(pool);
	test_spool(pool);
	test_limits();
	pool_free(pool);
	return done();
}
