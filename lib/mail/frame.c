/*
 * frame - one message of a stream, with what is known about it; see mail/frame.h
 */
#include "mail/frame.h"

#include <string.h>

#include "mail/abnf.h"

void frame_init(struct frame *frame)
{
	*frame = (struct frame){.read_len = 0};
	buffer_init(&frame->attributes, FRAME_ATTRIBUTES_MAX);
}

void frame_free(struct frame *frame)
{
	buffer_free(&frame->attributes);
}

/* name_len - of the name at the start of a line, or 0 */
static size_t name_len(struct slice line)
{
	size_t len = 0;

	while (len < line.len &&
	       (is_alnum(line.data[len]) || line.data[len] == '_' || line.data[len] == '-'))
		len++;
	return len < line.len && line.data[len] == '=' ? len : 0;
}

bool frame_next(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice line;
	size_t len;

	if (rest->len == 0 || !slice_cut(rest, '\n', &line))
		return false;
	len = name_len(line);
	*name = slice_from(line.data, len);
	*value = slice_skip(line, len + 1);
	return true;
}

/* check_attributes - each line is one, and has its end */
static bool check_attributes(struct slice rest, struct error *error)
{
	struct slice line;

	if (slice_find(rest, '\0') < rest.len)
		return error_set(error, STATUS_OTHER, "bad frame: a NUL in its attributes");
	if (rest.len > 0 && rest.data[rest.len - 1] != '\n')
		return error_set(error, STATUS_OTHER, "bad frame: an attribute without a line end");
	while (rest.len > 0 && slice_cut(&rest, '\n', &line)) {
		if (name_len(line) == 0)
			return error_set(error, STATUS_OTHER,
					 "bad frame: a line of its attributes is not name=value");
	}
	return true;
}

/* read_attributes - the octets of the first netstring */
static bool read_attributes(struct frame *frame, struct netstring *netstring, struct error *error)
{
	struct buffer *text = &frame->attributes;
	char *room = buffer_reserve(text, (size_t)netstring->len);
	ssize_t got;

	while ((got = netstring_read(netstring, room + text->len, netstring->left, error)) > 0)
		text->len += (size_t)got;
	if (got < 0)
		return false;
	frame->read_len = text->len;
	return check_attributes(buffer_slice(text), error);
}

/* open_message - the length of the second netstring */
static bool open_message(struct frame *frame, struct reader *reader, struct error *error)
{
	enum netstring_outcome outcome =
	    netstring_open(&frame->message, reader, FRAME_MESSAGE_MAX, error);

	if (outcome == NETSTRING_ABSENT)
		return error_set(error, STATUS_OTHER, "the input ends in the middle of a frame");
	return outcome == NETSTRING_OPEN;
}

enum frame_outcome frame_read(struct frame *frame, struct reader *reader, struct error *error)
{
	struct netstring attributes;

	buffer_reset(&frame->attributes);
	frame->read_len = 0;
	frame->message = (struct netstring){.outcome = NETSTRING_ABSENT};
	switch (netstring_open(&attributes, reader, FRAME_ATTRIBUTES_MAX, error)) {
	case NETSTRING_ABSENT: return FRAME_ABSENT;
	case NETSTRING_BROKEN: return FRAME_BROKEN;
	default: break;
	}
	if (!read_attributes(frame, &attributes, error) || !open_message(frame, reader, error))
		return FRAME_BROKEN;
	return FRAME_READ;
}

struct source frame_source(struct frame *frame)
{
	return netstring_source(&frame->message);
}

bool frame_skip(struct frame *frame, struct error *error)
{
	return netstring_skip(&frame->message, error);
}

bool frame_get(const struct frame *frame, const char *name, struct slice *value)
{
	struct slice rest = buffer_slice(&frame->attributes);
	struct slice found;

	while (frame_next(&rest, &found, value)) {
		if (slice_is(found, name))
			return true;
	}
	*value = slice_of(NULL);
	return false;
}

size_t frame_count(const struct frame *frame, const char *name)
{
	struct slice rest = buffer_slice(&frame->attributes);
	struct slice found, value;
	size_t count = 0;

	while (frame_next(&rest, &found, &value))
		count += slice_is(found, name);
	return count;
}

bool frame_add(struct frame *frame, const char *name, struct slice value)
{
	struct buffer *text = &frame->attributes;
	size_t len = strlen(name) + value.len + 2; /* with "=" and LF */

	if (slice_find(value, '\n') < value.len || slice_find(value, '\0') < value.len)
		return false;
	if (value.len > text->max || len > text->max - text->len)
		return false;
	return buffer_add_text(text, name) && buffer_add_byte(text, '=') &&
	       buffer_add_slice(text, value) && buffer_add_byte(text, '\n');
}

void frame_remove(struct frame *frame, const char *name)
{
	struct buffer *text = &frame->attributes;
	struct slice rest = buffer_slice(text);
	struct slice found, value;
	size_t kept = 0;
	size_t kept_of_read = 0;

	/* what is kept only moves towards the start, over what has been read */
	while (frame_next(&rest, &found, &value)) {
		size_t len = found.len + value.len + 2;
		bool was_read = found.data < text->data + frame->read_len;

		if (slice_is(found, name))
			continue;
		memmove(text->data + kept, found.data, len);
		kept += len;
		kept_of_read += was_read ? len : 0;
	}
	text->len = kept;
	frame->read_len = kept_of_read;
}

/* keep_queue_id - all other attributes go */
static void keep_queue_id(struct frame *frame)
{
	struct slice id;

	if (!frame_get(frame, "queue_id", &id)) {
		buffer_reset(&frame->attributes);
		return;
	}
	id = slice_from(id.data - strlen("queue_id="), id.len + strlen("queue_id=\n"));
	memmove(frame->attributes.data, id.data, id.len);
	frame->attributes.len = id.len;
}

void frame_fail(struct frame *frame, const struct error *error)
{
	struct buffer *text = &frame->attributes;
	const char *format = "status=%s %s\n";

	text->len = frame->read_len;
	if (buffer_printf(text, format, error->status, error->text))
		return;
	text->overflow = false;
	keep_queue_id(frame);
	if (buffer_printf(text, format, error->status, error->text))
		return;
	buffer_reset(text);
	buffer_printf(text, format, error->status, error->text);
}

bool frame_begin(const struct frame *frame, size_t len, struct writer *writer)
{
	struct slice text = buffer_slice(&frame->attributes);

	return netstring_begin(writer, text.len) && writer_add(writer, text.data, text.len) &&
	       netstring_end(writer) && netstring_begin(writer, len);
}

bool frame_end(struct writer *writer)
{
	return netstring_end(writer) && writer_flush(writer);
}
