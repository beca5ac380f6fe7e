/*
 * milter_message - a message as it arrives by the milter protocol; see postfix/milter_message.h
 */
#include "postfix/milter_message.h"

#include <string.h>

#include "base/pool.h"
#include "postfix/milter_packet.h"

#define NO_QUEUE_ID "NOQUEUE"
#define EMPTY_LINE  "\n"

/* Each result field can have a run of others before it. */
#define INDEX_MAX (MESSAGE_FIELDS_MAX + 2 * MESSAGE_EXCESS_MAX)

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
	message->has_tail = false;
	message->in_body = false;
	message->ends_in_cr = false;
	message->failed = false;
}

void milter_message_init(struct milter_message *message)
{
	clear(message);
	buffer_init(&message->header, MILTER_HEADER_MAX);
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

/* spool_octets - to the body */
static void spool_octets(struct milter_message *message, struct slice octets)
{
	struct error error;

	if (message->failed)
		return;
	if (spool_add(&message->body, octets.data, octets.len, &error))
		message->body_len += octets.len;
	else
		milter_message_fail(message, &error);
}

/* index_field - in the header, from start on; beyond the limits only results are kept apart */
static void index_field(struct milter_message *message, size_t start, struct slice name)
{
	size_t count = message->field_count;
	struct milter_field *last = count > 0 ? &message->fields[count - 1] : NULL;
	bool is_apart =
	    count < MESSAGE_FIELDS_MAX || (count < INDEX_MAX && message_is_result_name(name));
	size_t len = message->header.len - start;

	if (!is_apart && last != NULL && last->name_len == 0) {
		last->len += len;
		return;
	}
	message->fields =
	    pool_grow(message->pool, message->fields, count, sizeof(*message->fields));
	message->fields[message->field_count++] =
	    (struct milter_field){.start = start, .len = len, .name_len = is_apart ? name.len : 0};
}

void milter_message_add_field(struct milter_message *message, struct slice name, struct slice value)
{
	struct buffer *header = &message->header;
	size_t start = header->len;

	if (name.len + value.len + strlen(":\n") > header->max - header->len)
		message->has_tail = true;
	if (message->has_tail) {
		spool_octets(message, name);
		spool_octets(message, slice_of(":"));
		spool_octets(message, value);
		spool_octets(message, slice_of("\n"));
		return;
	}
	buffer_add_slice(header, name);
	buffer_add_byte(header, ':');
	buffer_add_slice(header, value);
	buffer_add_byte(header, '\n');
	index_field(message, start, name);
}

struct slice milter_message_gap(const struct milter_message *message)
{
	return slice_of(message->has_tail ? "" : EMPTY_LINE);
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
	if (message->has_tail && !message->in_body)
		spool_octets(message, slice_of(EMPTY_LINE));
	message->in_body = true;
	convert(message, chunk);
	spool_octets(message, buffer_slice(&message->lines));
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
