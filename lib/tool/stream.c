/*
 * stream - many messages with one process; see tool/stream.h
 */
#include "tool/stream.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"

#define SECONDS_SIZE 32 /* of a number of seconds as text */

struct stream {
	struct tool_context *context;
	const struct filter_job *job;
	struct reader reader;
	struct writer writer;
	struct frame frame;
};

/* get_once - an attribute that tells one thing; *text is NULL if it is not there */
static bool get_once(const struct filter *filter, const char *name, const char **text,
		     struct error *error)
{
	struct slice value;

	*text = NULL;
	if (!frame_get(filter->frame, name, &value))
		return true;
	if (frame_count(filter->frame, name) > 1)
		return error_set(error, STATUS_OTHER, "the frame has two attributes %s", name);
	*text = slice_copy(filter->pool, value);
	return true;
}

/* read_deadline - what is left for the message, at most what -T allows */
static bool read_deadline(struct filter *filter, struct error *error)
{
	double seconds = filter->context->options.timeout;
	const char *text;
	char *end;
	double left;

	if (!get_once(filter, "deadline", &text, error))
		return false;
	if (text != NULL) {
		left = strtod(text, &end);
		if (end == text || *end != '\0' || !isfinite(left))
			return error_set(error, STATUS_OTHER,
					 "the frame has a deadline that is no number of seconds");
		seconds = left < seconds ? left : seconds;
	}
	filter->deadline = deadline_after(seconds);
	return true;
}

/* write_deadline - what the next stage has left */
static void write_deadline(struct filter *filter)
{
	char text[SECONDS_SIZE];

	frame_remove(filter->frame, "deadline");
	snprintf(text, sizeof(text), "%.3f", deadline_left(&filter->deadline));
	filter_add_attribute(filter, "deadline", text);
}

/* read_envelope - who sends; an empty address or name is one that is not known */
static bool read_envelope(struct filter *filter, struct error *error)
{
	struct envelope *envelope = &filter->envelope;
	const char *address;

	*envelope = (struct envelope){.helo = NULL};
	if (!get_once(filter, "client_address", &address, error) ||
	    !get_once(filter, "client_name", &envelope->client_name, error) ||
	    !get_once(filter, "helo_name", &envelope->helo, error) ||
	    !get_once(filter, "sender", &envelope->sender, error))
		return false;
	if (address != NULL && *address != '\0' &&
	    !ip_address_parse(slice_of(address), &envelope->client))
		return error_set(error, STATUS_OTHER,
				 "the frame has a client_address that is no IP address");
	return true;
}

/* handle - the work of the tool; *len is how long the message is now. False: not to be handled. */
static bool handle(struct filter *filter, unsigned long long *len, struct error *error)
{
	if (!read_deadline(filter, error) || !read_envelope(filter, error) ||
	    !filter->job->judge(filter, error))
		return false;
	filter->job->add_fields(filter);
	write_deadline(filter);
	if (filter->overflow)
		return error_set(error, STATUS_TOO_BIG, "the frame has no room for the results");
	return message_len(filter->message, len, error);
}

/* write_frame - with the message, or without one for NULL */
static bool write_frame(struct stream *stream, const struct message *message,
			unsigned long long len, struct error *error)
{
	struct writer *writer = &stream->writer;

	if (frame_begin(&stream->frame, len, writer) &&
	    (message == NULL || message_write(message, writer, error)) && frame_end(writer))
		return true;
	return error_set(error, STATUS_OTHER, "cannot write a frame: %s", strerror(errno));
}

/* pass - one message, or what came of it; false: the stream is broken */
static bool pass(struct stream *stream, struct filter *filter, bool *handled, struct error *error)
{
	unsigned long long len = 0;
	struct error reason;

	*handled = handle(filter, &len, &reason);
	/* whatever has happened, the next frame begins after this one */
	if (!frame_skip(&stream->frame, error))
		return false;
	if (*handled)
		return write_frame(stream, filter->message, len, error);
	frame_fail(&stream->frame, &reason);
	trace_print(&stream->context->trace, "%s %s", reason.status, reason.text);
	return write_frame(stream, NULL, 0, error);
}

/* pass_message - with all that is for it alone */
static bool pass_message(struct stream *stream, struct error *error)
{
	struct filter filter = {
	    .context = stream->context,
	    .job = stream->job,
	    .pool = pool_new(),
	    .source = frame_source(&stream->frame),
	    .now = tool_now(stream->context),
	    .frame = &stream->frame,
	    .is_first = frame_count(&stream->frame, "result") == 0,
	};
	bool handled;
	bool passed = pass(stream, &filter, &handled, error);

	if (stream->job->conclude != NULL)
		stream->job->conclude(&filter, passed && handled);
	filter_end(&filter);
	if (stream->context->dns != NULL)
		dns_forget(stream->context->dns);
	return passed;
}

/* pass_failure - the frame of a message that an earlier stage could not handle */
static bool pass_failure(struct stream *stream, struct error *error)
{
	return frame_skip(&stream->frame, error) && write_frame(stream, NULL, 0, error);
}

/* pass_frames - all of them; false with error unless the stream has come to its end */
static bool pass_frames(struct stream *stream, struct error *error)
{
	enum frame_outcome outcome;
	bool passed = true;

	while (passed &&
	       (outcome = frame_read(&stream->frame, &stream->reader, error)) == FRAME_READ)
		passed = frame_count(&stream->frame, "status") != 0 ? pass_failure(stream, error)
								    : pass_message(stream, error);
	return passed && outcome == FRAME_ABSENT;
}

int stream_run(struct tool_context *context, const struct filter_job *job)
{
	struct stream stream = {.context = context, .job = job};
	struct error error;
	bool ended;

	reader_init(&stream.reader, STDIN_FILENO);
	writer_init(&stream.writer, STDOUT_FILENO);
	frame_init(&stream.frame);
	ended = pass_frames(&stream, &error);
	reader_free(&stream.reader);
	writer_free(&stream.writer);
	frame_free(&stream.frame);
	return ended ? EX_OK : tool_fail(context, &error);
}
