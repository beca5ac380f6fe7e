/*
 * frame: attributes and messages, as they are read, changed and written
 */
#include "mail/frame.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

/* A stream that is read. */
struct stream {
	int fd;
	struct reader reader;
	struct frame frame;
	struct error error;
};

/* stream_of - one with this content */
static struct stream stream_of(struct slice content)
{
	struct stream stream = {.fd = memfd_create("frames", 0)};

	if (stream.fd < 0 || !io_write(stream.fd, content.data, content.len) ||
	    lseek(stream.fd, 0, SEEK_SET) != 0)
		exit(1);
	reader_init(&stream.reader, stream.fd);
	frame_init(&stream.frame);
	return stream;
}

static void stream_close(struct stream *stream)
{
	frame_free(&stream->frame);
	reader_free(&stream->reader);
	close(stream->fd);
}

/* outcome_of - of the first frame */
static enum frame_outcome outcome_of(struct slice content, struct error *error)
{
	struct stream stream = stream_of(content);
	enum frame_outcome outcome = frame_read(&stream.frame, &stream.reader, error);

	if (outcome == FRAME_READ && !frame_skip(&stream.frame, error))
		outcome = FRAME_BROKEN;
	stream_close(&stream);
	return outcome;
}

static void test_outcomes(void)
{
	static const struct {
		struct slice content;
		enum frame_outcome outcome;
		const char *name;
	} cases[] = {
#define CASE(text, result, about) {{text, sizeof(text) - 1}, FRAME_##result, about}
	    CASE("", ABSENT, "no frame"),
	    CASE("0:,0:,", READ, "nothing known and nothing in it"),
	    CASE("4:a=b\n,5:hello,", READ, "one attribute"),
	    CASE("3:a=\n,5:hello,", READ, "an attribute without a value"),
	    CASE("6:a==b=\n,0:,", READ, "a value with equals signs"),
	    CASE("4:a=b\n,5:h\0l\no,", READ, "any octets in the message"),
	    CASE("4:a=b\n,", BROKEN, "no message"),
	    CASE("4:a=b\n,5:hell", BROKEN, "a message cut off"),
	    CASE("4:a=b\n,5:hello", BROKEN, "no last comma"),
	    CASE("4:a=b\n,5:hello!", BROKEN, "another octet in its place"),
	    CASE("4:a=b\n;5:hello,", BROKEN, "a semicolon after the attributes"),
	    CASE("3:a=b,5:hello,", BROKEN, "an attribute without a line end"),
	    CASE("2:a\n,0:,", BROKEN, "a name without a value"),
	    CASE("4:=ab\n,0:,", BROKEN, "a value without a name"),
	    CASE("5:a =b\n,0:,", BROKEN, "a space in a name"),
	    CASE("5:a=b\n\n,0:,", BROKEN, "an empty line"),
	    CASE("5:a=\0b\n,0:,", BROKEN, "a NUL in a value"),
	    CASE("65537:", BROKEN, "attributes too long"),
	    CASE("0:,1099511627777:", BROKEN, "a message too long"),
	    CASE("hello", BROKEN, "no frame at all"),
#undef CASE
	};
	struct error error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(outcome_of(cases[i].content, &error) == cases[i].outcome, "%s", cases[i].name);
}

/* value_is - the first attribute of that name */
static void value_is(const struct frame *frame, const char *name, const char *wanted)
{
	struct pool *pool = pool_new();
	struct slice value;
	bool found = frame_get(frame, name, &value);

	is_text(found ? slice_copy(pool, value) : NULL, wanted, name);
	pool_free(pool);
}

/* text_is - all attributes */
static void text_is(const struct frame *frame, const char *wanted, const char *name)
{
	struct pool *pool = pool_new();

	is_text(slice_copy(pool, buffer_slice(&frame->attributes)), wanted, name);
	pool_free(pool);
}

#define ENVELOPE "sender=a@b\nrecipient=c@d\nrecipient=e@f\nqueue_id=4X\n"

static void test_attributes(void)
{
	static const char content[] = "51:" ENVELOPE ",5:hello,0:,0:,";
	struct stream stream = stream_of(slice_of(content));
	struct frame *frame = &stream.frame;

	ok(frame_read(frame, &stream.reader, &stream.error) == FRAME_READ, "a frame");
	value_is(frame, "sender", "a@b");
	value_is(frame, "recipient", "c@d");
	value_is(frame, "queue_id", "4X");
	value_is(frame, "helo_name", NULL);
	value_is(frame, "send", NULL);
	is_number((long long)frame_count(frame, "recipient"), 2, "two recipients");
	is_number((long long)frame->message.len, 5, "the length is known before the message");
	ok(frame_skip(frame, &stream.error), "skip it");
	ok(frame_read(frame, &stream.reader, &stream.error) == FRAME_READ, "the next frame");
	value_is(frame, "sender", NULL);
	ok(frame_skip(frame, &stream.error), "its message");
	ok(frame_read(frame, &stream.reader, &stream.error) == FRAME_ABSENT, "the end");
	stream_close(&stream);
}

static void test_changes(void)
{
	struct stream stream = stream_of(slice_of("51:" ENVELOPE ",5:hello,"));
	struct frame *frame = &stream.frame;
	struct error error;

	frame_read(frame, &stream.reader, &stream.error);
	ok(frame_add(frame, "result", slice_of("spf=pass")), "a result");
	ok(!frame_add(frame, "result", slice_of("spf=pass\ndkim=pass")), "no second line in it");
	ok(!frame_add(frame, "result", slice_from("spf=\0", 5)), "no NUL");
	text_is(frame, ENVELOPE "result=spf=pass\n", "what was added");
	frame_remove(frame, "recipient");
	text_is(frame, "sender=a@b\nqueue_id=4X\nresult=spf=pass\n", "what was removed");
	frame_remove(frame, "nothing");
	text_is(frame, "sender=a@b\nqueue_id=4X\nresult=spf=pass\n", "nothing more");
	error_set(&error, STATUS_FULL, "disk is full");
	frame_fail(frame, &error);
	text_is(frame, "sender=a@b\nqueue_id=4X\nstatus=4.3.1 disk is full\n",
		"a failure takes the results away");
	stream_close(&stream);
}

static void test_room(void)
{
	struct pool *pool = pool_new();
	char *value = pool_alloc(pool, FRAME_ATTRIBUTES_MAX);
	struct frame frame;
	struct error error;

	frame_init(&frame);
	memset(value, 'x', FRAME_ATTRIBUTES_MAX);
	ok(frame_add(&frame, "queue_id", slice_of("4X")), "an id");
	ok(!frame_add(&frame, "a", slice_from(value, FRAME_ATTRIBUTES_MAX)), "too long a value");
	ok(frame_add(&frame, "a", slice_from(value, FRAME_ATTRIBUTES_MAX - 12 - 3)),
	   "all there is");
	is_number((long long)frame.attributes.len, FRAME_ATTRIBUTES_MAX, "is used");
	ok(!frame_add(&frame, "", slice_of("")), "no more");
	frame.read_len = frame.attributes.len;
	error_set(&error, STATUS_TOO_BIG, "too much");
	frame_fail(&frame, &error);
	text_is(&frame, "queue_id=4X\nstatus=4.3.4 too much\n", "the id is left, and the failure");
	frame_free(&frame);
	pool_free(pool);
}

static void test_written(void)
{
	static const char wanted[] = "13:result=a b c\n,5:hello,";
	char text[100] = "";
	struct writer writer;
	struct frame frame;
	int fd = memfd_create("out", 0);

	frame_init(&frame);
	writer_init(&writer, fd);
	frame_add(&frame, "result", slice_of("a b c"));
	ok(frame_begin(&frame, 5, &writer) && writer_add(&writer, "hello", 5) && frame_end(&writer),
	   "a frame is written");
	ok(pread(fd, text, sizeof(text) - 1, 0) > 0, "all of it");
	is_text(text, wanted, "as it has to be");
	writer_free(&writer);
	frame_free(&frame);
	close(fd);
}

int main(void)
{
	test_outcomes();
	test_attributes();
	test_changes();
	test_room();
	test_written();
	return done();
}
