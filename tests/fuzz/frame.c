/*
 * frame - a stream of frames: a choice, then the stream
 *
 * What was read, written again, is the input up to where it is broken. A frame that was changed
 * reads as what it was changed to.
 */
#include "mail/frame.h"

#include <unistd.h>

#include "base/pool.h"
#include "fuzz.h"

/* One stream that is read, and what is written of it. */
struct sample {
	struct pool *pool;
	struct reader reader;
	struct writer writer;
	struct frame frame;
	unsigned choice;
};

/* read_message - in pieces of a size that the input chooses; false if it is cut off */
static bool read_message(struct sample *sample, struct buffer *message)
{
	size_t size = sample->choice % 7 * 100 + 1;
	struct source source = frame_source(&sample->frame);
	struct error error;
	ssize_t got;

	buffer_init(message, SIZE_MAX);
	do {
		char *room = buffer_reserve(message, size);

		got = source_read(&source, room, size, &error);
		fuzz_expect(got <= (ssize_t)size);
		message->len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	fuzz_expect(got < 0 || message->len == sample->frame.message.len);
	fuzz_expect(frame_skip(&sample->frame, &error) == (got == 0));
	return got == 0;
}

/* write_frame - as it is */
static void write_frame(struct sample *sample, struct slice message)
{
	fuzz_expect(frame_begin(&sample->frame, message.len, &sample->writer));
	fuzz_expect(writer_add(&sample->writer, message.data, message.len));
	fuzz_expect(frame_end(&sample->writer));
}

/* check_attributes - each is one, and those of a name are as many as are counted */
static void check_attributes(const struct frame *frame)
{
	struct slice text = buffer_slice(&frame->attributes);
	struct slice rest = text;
	struct slice name, value, first;
	size_t senders = 0;

	fuzz_expect(text.len <= FRAME_ATTRIBUTES_MAX);
	while (frame_next(&rest, &name, &value)) {
		fuzz_expect(name.len != 0 && fuzz_is_within(name, text));
		fuzz_expect(fuzz_is_within(value, text));
		fuzz_expect(slice_find(value, '\n') == value.len);
		fuzz_expect(slice_find(value, '\0') == value.len);
		if (slice_is(name, "sender") && senders++ == 0)
			fuzz_expect(frame_get(frame, "sender", &first) && first.data == value.data);
	}
	fuzz_expect(frame_count(frame, "sender") == senders);
	fuzz_expect(frame_get(frame, "sender", &first) == (senders != 0));
}

/* read_again - the attributes, written and read, are the same */
static void read_again(const struct frame *frame)
{
	int fd = fuzz_file(2, slice_of(NULL));
	struct writer writer;
	struct reader reader;
	struct frame again;
	struct error error;

	writer_init(&writer, fd);
	fuzz_expect(frame_begin(frame, 0, &writer) && frame_end(&writer));
	writer_free(&writer);
	fuzz_expect(lseek(fd, 0, SEEK_SET) == 0);
	reader_init(&reader, fd);
	frame_init(&again);
	fuzz_expect(frame_read(&again, &reader, &error) == FRAME_READ);
	fuzz_expect(slice_equal(buffer_slice(&again.attributes), buffer_slice(&frame->attributes)));
	fuzz_expect(frame_skip(&again, &error));
	fuzz_expect(frame_read(&again, &reader, &error) == FRAME_ABSENT);
	frame_free(&again);
	reader_free(&reader);
}

/* change - what stages do: results in, the deadline anew, or a failure */
static void change(struct sample *sample, struct slice message)
{
	struct frame *frame = &sample->frame;
	struct error failure;
	bool added = frame_add(frame, "result", message);

	fuzz_expect(!added || frame_count(frame, "result") > 0);
	check_attributes(frame);
	frame_remove(frame, "deadline");
	fuzz_expect(frame_count(frame, "deadline") == 0);
	if (frame_add(frame, "deadline", slice_of("1.5")))
		fuzz_expect(frame_count(frame, "deadline") == 1);
	check_attributes(frame);
	read_again(frame);
	if ((sample->choice & 1) == 0)
		return;
	error_set(&failure, STATUS_FULL, "%.*s", (int)(message.len % 600), message.data);
	frame_fail(frame, &failure);
	fuzz_expect(frame_count(frame, "status") >= 1);
	check_attributes(frame);
	read_again(frame);
}

/* pass - one frame; false at the end, or where the stream is broken */
static bool pass(struct sample *sample)
{
	struct error error;
	struct buffer message;
	enum frame_outcome outcome = frame_read(&sample->frame, &sample->reader, &error);
	bool complete;

	if (outcome != FRAME_READ) {
		fuzz_expect(frame_skip(&sample->frame, &error) || outcome == FRAME_BROKEN);
		return false;
	}
	check_attributes(&sample->frame);
	complete = read_message(sample, &message);
	if (complete) {
		write_frame(sample, buffer_slice(&message));
		change(sample, buffer_slice(&message));
	}
	buffer_free(&message);
	return complete;
}

void fuzz_one(struct slice input)
{
	struct sample sample = {.pool = pool_new(), .choice = fuzz_choice(&input)};
	int out = fuzz_file(1, slice_of(NULL));
	struct slice written;

	reader_init(&sample.reader, fuzz_file(0, input));
	writer_init(&sample.writer, out);
	frame_init(&sample.frame);
	while (pass(&sample))
		;
	written = fuzz_content(sample.pool, out);
	fuzz_expect(written.len <= input.len);
	fuzz_expect(slice_equal(written, slice_from(input.data, written.len)));
	frame_free(&sample.frame);
	reader_free(&sample.reader);
	writer_free(&sample.writer);
	pool_free(sample.pool);
}
