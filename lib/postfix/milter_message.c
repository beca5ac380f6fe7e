/*
 * milter_message - a message as it arrives by the milter protocol; see postfix/milter_message.h
 */
#include "postfix/milter_message.h"

#include "base/pool.h"
#include "mail/message.h"
#include "postfix/milter_packet.h"

#define NO_QUEUE_ID "NOQUEUE"

/* clear - all but what buffer and spool own */
static void clear(struct milter_message *message)
{
	message->pool = pool_new();
	message->sender = "";
	message->recipients = NULL;
	message->recipient_count = 0;
	message->queue_id = NO_QUEUE_ID;
	message->fields = NULL;
	message->field_count = 0;
	message->body_len = 0;
	message->ends_in_cr = false;
	message->failed = false;
}

void milter_message_init(struct milter_message *message)
{
	clear(message);
	buffer_init(&message->header, MESSAGE_HEADER_MAX);
	spool_init(&message->body, MESSAGE_MEMORY_MAX);
	buffer_init(&message->lines, MILTER_PACKET_MAX + 1);
}

void milter_message_free(struct milter_message *message)
{
	pool_free(message->pool);
	buffer_free(&message->header);
	spool_free(&message->body);
	buffer_free(&message->lines);
}

void milter_message_reset(struct milter_message *message)
{
	pool_free(message->pool);
	clear(message);
	buffer_reset(&message->header);
	spool_free(&message->body);
	spool_init(&message->body, MESSAGE_MEMORY_MAX);
}

void milter_message_fail(struct milter_message *message, const struct error *error)
{
	if (!message->failed)
		message->error = *error;
	message->failed = true;
}

void milter_message_add_recipient(struct milter_message *message, struct slice address)
{
	size_t count = message->recipient_count++;

	message->recipients =
	    pool_grow(message->pool, message->recipients, count, sizeof(*message->recipients));
	message->recipients[count] = slice_copy(message->pool, address);
}

/* fail_for_size - more than a filter takes */
static void fail_for_size(struct milter_message *message)
{
	struct error error;

	error_set(&error, STATUS_TOO_BIG,
		  "the header section is larger than %u octets, or has more than %u fields",
		  MESSAGE_HEADER_MAX, MESSAGE_FIELDS_MAX);
	milter_message_fail(message, &error);
}

void milter_message_add_field(struct milter_message *message, struct slice name, struct slice value)
{
	struct buffer *header = &message->header;
	size_t start = header->len;

	if (message->failed)
		return;
	if (message->field_count == MESSAGE_FIELDS_MAX || !buffer_add_slice(header, name) ||
	    !buffer_add_byte(header, ':') || !buffer_add_slice(header, value) ||
	    !buffer_add_byte(header, '\n')) {
		fail_for_size(message);
		return;
	}
	message->fields = pool_grow(message->pool, message->fields, message->field_count,
				    sizeof(*message->fields));
	message->fields[message->field_count++] =
	    (struct milter_field){.start = start, .len = header->len - start, .name_len = name.len};
}

/* line_end - where the next CR LF is, or a CR at the very end; the length if there is none */
static size_t line_end(struct slice s)
{
	size_t found = slice_find(s, '\r');

	while (found < s.len && found + 1 < s.len && s.data[found + 1] != '\n')
		found += 1 + slice_find(slice_skip(s, found + 1), '\r');
	return found;
}

/* convert - into lines; a CR at the end may be half of a line end, and waits for the next chunk */
static void convert(struct milter_message *message, struct slice chunk)
{
	struct buffer *lines = &message->lines;

	buffer_reset(lines);
	if (message->ends_in_cr && (chunk.len == 0 || chunk.data[0] != '\n'))
		buffer_add_byte(lines, '\r');
	message->ends_in_cr = false;
	while (chunk.len > 0) {
		size_t end = line_end(chunk);

		buffer_add(lines, chunk.data, end);
		message->ends_in_cr = end < chunk.len && end + 1 == chunk.len;
		/* The LF stays: it begins what is looked at next. */
		chunk = slice_skip(chunk, end < chunk.len ? end + 1 : end);
	}
}

void milter_message_add_body(struct milter_message *message, struct slice chunk)
{
	struct error error;

	if (message->failed)
		return;
	convert(message, chunk);
	if (spool_add(&message->body, message->lines.data, message->lines.len, &error))
		message->body_len += message->lines.len;
	else
		milter_message_fail(message, &error);
}

void milter_message_end(struct milter_message *message)
{
	milter_message_add_body(message, slice_of(NULL));
}

struct slice milter_field_raw(const struct milter_message *message, size_t index)
{
	const struct milter_field *field = &message->fields[index];

	return slice_from(message->header.data + field->start, field->len);
}

struct slice milter_field_name(const struct milter_message *message, size_t index)
{
	const struct milter_field *field = &message->fields[index];

	return slice_from(message->header.data + field->start, field->name_len);
}
