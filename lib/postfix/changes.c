/*
 * changes - what the stages of a stream have made of a message; see postfix/changes.h
 */
#include "postfix/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/message.h"

#define DATE_SIZE   64
#define DATE_FORMAT "%a, %d %b %Y %H:%M:%S +0000" /* RFC 5322 3.3, in the C locale */
#define HOST        "localhost"

/* word_of - a stranger's word in a Received field: nothing that ends a word or opens a comment */
static const char *word_of(struct pool *pool, const char *text)
{
	char *word = text_printable(pool, slice_of(text));

	for (char *p = word; *p != '\0'; p++) {
		if (strchr(" ()<>;\\\"", *p) != NULL)
			*p = '?';
	}
	return *word != '\0' ? word : "unknown";
}

struct slice changes_border(struct pool *pool, const struct milter_client *client,
			    const struct milter_message *message)
{
	const time_t now = time(NULL);
	char date[DATE_SIZE];
	struct tm parts;

	strftime(date, sizeof(date), DATE_FORMAT, gmtime_r(&now, &parts));
	if (client->is_local)
		return slice_of(pool_printf(pool, "Received: by " HOST " id %s; %s\n",
					    word_of(pool, message->queue_id), date));
	return slice_of(pool_printf(pool, "Received: from %s (%s [%s%s]) by " HOST " id %s; %s\n",
				    word_of(pool, client->helo), word_of(pool, client->name),
				    strchr(client->address, ':') != NULL ? "IPv6:" : "",
				    word_of(pool, client->address),
				    word_of(pool, message->queue_id), date));
}

size_t changes_input_len(const struct milter_message *message, struct slice border)
{
	return border.len + message->header.len + milter_message_gap(message).len +
	       message->body_len;
}

bool changes_write(const struct milter_message *message, struct slice border, struct writer *writer)
{
	struct slice gap = milter_message_gap(message);
	char *chunk;
	size_t offset = 0;
	ssize_t got;

	if (!writer_add(writer, border.data, border.len) ||
	    !writer_add(writer, message->header.data, message->header.len) ||
	    !writer_add(writer, gap.data, gap.len))
		return false;
	if (message->body.fd < 0)
		return writer_add(writer, message->body.memory.data, message->body.memory.len);
	chunk = memory_buffer(IO_CHUNK);
	while ((got = spool_read(&message->body, offset, chunk, IO_CHUNK)) > 0 &&
	       writer_add(writer, chunk, (size_t)got))
		offset += (size_t)got;
	free(chunk);
	return got == 0;
}

/* altered - what came out is not what went in */
static bool altered(const char *what, struct error *error)
{
	return error_set(error, STATUS_OTHER, "the stages have altered %s", what);
}

/* read_header - the first octets, which the body and the empty line do not need */
static bool read_header(const struct source *source, char *data, size_t len, struct error *error)
{
	while (len > 0) {
		ssize_t got = source_read(source, data, len, error);

		if (got < 0)
			return false;
		if (got == 0)
			return altered("the length of the message", error);
		data += got;
		len -= (size_t)got;
	}
	return true;
}

/* is_body - do these octets of what came out stand at that offset of the body? */
static bool is_body(const struct milter_message *message, size_t offset, const char *data,
		    size_t len, char *room)
{
	while (len > 0) {
		ssize_t got = spool_read(&message->body, offset, room, len);

		if (got <= 0 || memcmp(room, data, (size_t)got) != 0)
			return false;
		data += got;
		offset += (size_t)got;
		len -= (size_t)got;
	}
	return true;
}

/* compare_body - with what comes out, to its end */
static bool compare_body(const struct milter_message *message, const struct source *source,
			 struct error *error)
{
	char *chunk = memory_buffer(IO_CHUNK);
	char *room = memory_buffer(IO_CHUNK);
	size_t offset = 0;
	bool same = true;
	ssize_t got;

	while (same && (got = source_read(source, chunk, IO_CHUNK, error)) > 0) {
		same = is_body(message, offset, chunk, (size_t)got, room);
		offset += (size_t)got;
	}
	free(chunk);
	free(room);
	if (!same)
		return altered("the body", error);
	return got == 0 &&
	       (offset == message->body_len || altered("the length of the body", error));
}

/* cut_field - with its continuation lines; false at the end */
static bool cut_field(struct slice *rest, struct slice *field)
{
	size_t len = 0;

	if (rest->len == 0)
		return false;
	do {
		size_t line = slice_find(slice_skip(*rest, len), '\n');

		len += line < rest->len - len ? line + 1 : line;
	} while (len < rest->len && is_wsp(rest->data[len]));
	*field = slice_from(rest->data, len);
	*rest = slice_skip(*rest, len);
	return true;
}

/* add_change - a field that is on top */
static bool add_change(struct changes *changes, struct slice raw, struct error *error)
{
	size_t colon = slice_find(raw, ':');
	size_t count = changes->added_count;

	for (size_t i = 0; i < colon; i++) {
		if (!is_vchar(raw.data[i]))
			colon = 0;
	}
	if (colon == 0 || colon == raw.len || raw.data[raw.len - 1] != '\n')
		return altered("the first line of the header section", error);
	if (slice_find(raw, '\0') < raw.len || slice_find(raw, '\r') < raw.len ||
	    count == CHANGES_ADDED_MAX)
		return altered("more than a stage may add", error);
	changes->added = pool_grow(changes->pool, changes->added, count, sizeof(*changes->added));
	raw.len--;
	changes->added[changes->added_count++] =
	    (struct added_field){slice_from(raw.data, colon), slice_skip(raw, colon + 1)};
	return true;
}

static void note_removed(struct changes *changes, size_t index)
{
	changes->removed = pool_grow(changes->pool, changes->removed, changes->removed_count,
				     sizeof(*changes->removed));
	changes->removed[changes->removed_count++] = index;
}

/* compare_fields - those below the border: what is not there any more has been removed */
static bool compare_fields(const struct milter_message *message, struct slice rest,
			   struct changes *changes, struct error *error)
{
	size_t index = 0;

	while (index < message->field_count) {
		struct slice raw = milter_field_raw(message, index);

		if (rest.len >= raw.len && memcmp(rest.data, raw.data, raw.len) == 0)
			rest = slice_skip(rest, raw.len);
		else if (message->fields[index].name_len > 0)
			note_removed(changes, index);
		else
			return altered("fields beyond the limits", error);
		index++;
	}
	return rest.len == 0 || altered("a field", error);
}

/* compare_header - up to the empty line */
static bool compare_header(const struct milter_message *message, struct slice border,
			   struct slice header, struct changes *changes, struct error *error)
{
	struct slice field;

	while (cut_field(&header, &field)) {
		if (slice_equal(field, border))
			return compare_fields(message, header, changes, error);
		if (!add_change(changes, field, error))
			return false;
	}
	return altered("the border of what is ours", error);
}

bool changes_read(struct pool *pool, const struct milter_message *message, struct slice border,
		  const struct source *source, size_t len, struct changes *changes,
		  struct error *error)
{
	struct slice gap = milter_message_gap(message);
	size_t rest = gap.len + message->body_len;
	size_t header_len;
	char *header;

	*changes = (struct changes){.pool = pool};
	if (len < rest || len - rest > 2 * (size_t)MILTER_HEADER_MAX)
		return altered("the length of the message", error);
	header_len = len - rest;
	header = pool_alloc(pool, header_len + gap.len);
	if (!read_header(source, header, header_len + gap.len, error) ||
	    !compare_body(message, source, error))
		return false;
	if (!slice_equal(slice_from(header + header_len, gap.len), gap))
		return altered("the end of the header section", error);
	return compare_header(message, border, slice_from(header, header_len), changes, error);
}
