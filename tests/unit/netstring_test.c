/*
 * netstring: lengths, commas, ends and deadlines
 */
#include "base/netstring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/deadline.h"
#include "base/io.h"
#include "tap.h"

#define MAX 100

/* file_of - a file with this content, at its start */
static int file_of(const char *content)
{
	int fd = memfd_create("netstring", 0);

	if (fd < 0 || !io_write(fd, content, strlen(content)) || lseek(fd, 0, SEEK_SET) != 0)
		exit(1);
	return fd;
}

/* open_text - the outcome of opening the netstring at the start of the text */
static enum netstring_outcome open_text(const char *text, struct error *error)
{
	struct netstring netstring;
	enum netstring_outcome outcome;
	struct reader reader;
	int fd = file_of(text);

	reader_init(&reader, fd);
	error->text[0] = '\0';
	outcome = netstring_open(&netstring, &reader, MAX, error);
	reader_free(&reader);
	close(fd);
	return outcome;
}

static void test_lengths(void)
{
	static const struct {
		const char *text;
		enum netstring_outcome outcome;
	} cases[] = {
	    {"", NETSTRING_ABSENT},
	    {"0:,", NETSTRING_OPEN},
	    {"5:hello,", NETSTRING_OPEN},
	    {"100:", NETSTRING_OPEN},
	    {"101:", NETSTRING_BROKEN},
	    {"18446744073709551616:", NETSTRING_BROKEN},
	    {"99999999999999999999999999999999999999:", NETSTRING_BROKEN},
	    {"00:,", NETSTRING_BROKEN},
	    {"05:hello,", NETSTRING_BROKEN},
	    {"-1:,", NETSTRING_BROKEN},
	    {"+1:a,", NETSTRING_BROKEN},
	    {" 1:a,", NETSTRING_BROKEN},
	    {"1 :a,", NETSTRING_BROKEN},
	    {":a,", NETSTRING_BROKEN},
	    {",", NETSTRING_BROKEN},
	    {"1", NETSTRING_BROKEN},
	    {"0x1:a,", NETSTRING_BROKEN},
	};
	struct error error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(open_text(cases[i].text, &error) == cases[i].outcome, "length of \"%s\"",
		   cases[i].text);
		if (cases[i].outcome == NETSTRING_BROKEN)
			ok(error.text[0] != '\0', "and why: %s", error.text);
	}
}

/* read_text - what is in one netstring, in pieces; NULL for a broken one */
static const char *read_text(struct reader *reader, char *text, size_t size, struct error *error)
{
	struct netstring netstring;
	size_t len = 0;
	ssize_t got;

	if (netstring_open(&netstring, reader, MAX, error) != NETSTRING_OPEN)
		return NULL;
	while ((got = netstring_read(&netstring, text + len, 2, error)) > 0 && len + 3 < size)
		len += (size_t)got;
	text[len] = '\0';
	return got == 0 ? text : NULL;
}

static void test_content(void)
{
	struct reader reader;
	struct error error;
	char text[MAX];
	int fd = file_of("5:hello,0:,3:,:,,2:ab;");

	reader_init(&reader, fd);
	is_text(read_text(&reader, text, sizeof(text), &error), "hello", "the first of several");
	is_text(read_text(&reader, text, sizeof(text), &error), "", "an empty one");
	is_text(read_text(&reader, text, sizeof(text), &error), ",:,", "one of commas and colons");
	is_text(read_text(&reader, text, sizeof(text), &error), NULL, "no comma");
	is_text(error.text, "bad frame: octet 0x3b instead of a comma", "is an error");
	reader_free(&reader);
	close(fd);
}

static void test_cut_off(void)
{
	struct netstring netstring;
	struct reader reader;
	struct error error;
	char text[MAX];
	int fd = file_of("10:hello");

	reader_init(&reader, fd);
	ok(netstring_open(&netstring, &reader, MAX, &error) == NETSTRING_OPEN, "one cut off");
	is_number(netstring_read(&netstring, text, sizeof(text), &error), 5, "has what there is");
	is_number(netstring_read(&netstring, text, sizeof(text), &error), -1, "then an error");
	is_text(error.text, "the input ends in the middle of a frame", "that says so");
	ok(!netstring_skip(&netstring, &error), "and stays broken");
	reader_free(&reader);
	close(fd);
}

static void test_skip(void)
{
	struct netstring netstring;
	struct reader reader;
	struct error error;
	char text[MAX];
	int fd = file_of("5:hello,1:b,");

	reader_init(&reader, fd);
	ok(netstring_open(&netstring, &reader, MAX, &error) == NETSTRING_OPEN &&
	       netstring_read(&netstring, text, 2, &error) == 2 &&
	       netstring_skip(&netstring, &error),
	   "the rest is skipped");
	ok(netstring_skip(&netstring, &error), "once is enough");
	is_text(read_text(&reader, text, sizeof(text), &error), "b", "the next one is there");
	reader_free(&reader);
	close(fd);
}

static void test_written(void)
{
	struct writer writer;
	char text[MAX] = "";
	int fd = memfd_create("out", 0);

	writer_init(&writer, fd);
	ok(netstring_begin(&writer, 5) && writer_add(&writer, "hello", 5) &&
	       netstring_end(&writer) && netstring_begin(&writer, 0) && netstring_end(&writer),
	   "two are written");
	is_number(lseek(fd, 0, SEEK_END), 0, "not before the flush");
	ok(writer_flush(&writer), "flush");
	is_number(pread(fd, text, sizeof(text) - 1, 0), 11, "in full");
	is_text(text, "5:hello,0:,", "as they have to be");
	writer_free(&writer);
	close(fd);
}

static void test_deadlines(void)
{
	const struct timespec deadline = deadline_after(0.05);
	static const char much[IO_CHUNK];
	struct netstring netstring;
	struct reader reader;
	struct writer writer;
	struct error error;
	bool written = true;
	int ends[2];

	if (pipe2(ends, O_NONBLOCK) != 0)
		exit(1);
	reader_init(&reader, ends[0]);
	reader.deadline = &deadline;
	writer_init(&writer, ends[1]);
	writer.deadline = &deadline;
	ok(io_write(ends[1], "1", 1), "a writer that stops");
	ok(netstring_open(&netstring, &reader, MAX, &error) == NETSTRING_BROKEN &&
	       errno == ETIMEDOUT,
	   "is left at the deadline: %s", error.text);
	for (unsigned i = 0; i < MAX && written; i++)
		written = writer_add(&writer, much, sizeof(much));
	ok(!written && errno == ETIMEDOUT, "so is a reader that does not read");
	reader_free(&reader);
	writer_free(&writer);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	test_lengths();
	test_content();
	test_cut_off();
	test_skip();
	test_written();
	test_deadlines();
	return done();
}
