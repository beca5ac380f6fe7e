/*
 * message - an Internet message (RFC 5322), spooled, indexed and written back; see mail/message.h
 *
 * The header section stays in one piece in memory, so that fields are slices
 * of it; what is added is kept apart and what is removed is only marked.
 */
#include "mail/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/spool.h"
#include "mail/abnf.h"

#define EXCESS_SIZE 80
#define BARRIER     "X-Malformed-Header: continuation without a field"

struct message {
	struct buffer input; /* the header section, and what of the body came with it */
	size_t header_len;   /* with the empty line, if there is one */
	size_t fields_end;   /* where the empty line begins */
	size_t preface_len;  /* of the "From " line of a mailbox, or 0 */
	struct field *fields;
	size_t field_count;
	struct buffer added; /* added fields in the order in which they will be written */
	size_t added_count;
	struct spool body;
	bool discards_body;
	const char *line_end;
	bool is_cut; /* the header section goes on after header_len, in the midst of a field */
	char excess[EXCESS_SIZE]; /* why the header section cannot be judged, or "" */
};

struct message *message_new(void)
{
	struct message *message = memory_alloc(sizeof(*message));

	buffer_init(&message->input, MESSAGE_HEADER_MAX + IO_CHUNK);
	buffer_init(&message->added, MESSAGE_HEADER_MAX);
	spool_init(&message->body, MESSAGE_MEMORY_MAX);
	message->line_end = "\n";
	return message;
}

void message_free(struct message *message)
{
	if (message == NULL)
		return;
	buffer_free(&message->input);
	buffer_free(&message->added);
	spool_free(&message->body);
	free(message->fields);
	free(message);
}

/* line_is_empty - only a line end */
static bool line_is_empty(struct slice line)
{
	return slice_is(line, "\n") || slice_is(line, "\r\n");
}

/* cut_line - the next line with its line end; the whole rest if it has none */
static struct slice cut_line(struct slice *rest)
{
	size_t len = slice_find(*rest, '\n');
	struct slice line = slice_from(rest->data, len < rest->len ? len + 1 : len);

	*rest = slice_skip(*rest, line.len);
	return line;
}

/* Where in the input the search for the empty line has come to. */
struct header_scan {
	size_t line_start;
	size_t searched; /* no LF between line_start and here */
};

/* find_header_end - true as soon as the empty line has been read */
static bool find_header_end(struct message *message, struct header_scan *scan)
{
	const char *data = message->input.data;
	const char *end = data + message->input.len;
	const char *line_end;
	struct slice line;

	while ((line_end = memchr(data + scan->searched, '\n',
				  (size_t)(end - data) - scan->searched)) != NULL) {
		line = slice_between(data + scan->line_start, line_end + 1);
		if (line_is_empty(line)) {
			message->fields_end = scan->line_start;
			message->header_len = scan->line_start + line.len;
			return true;
		}
		scan->line_start += line.len;
		scan->searched = scan->line_start;
	}
	scan->searched = message->input.len;
	return false;
}

/* cut_header - the rest of a header section that is too large is passed on like a body */
static bool cut_header(struct message *message, const struct header_scan *scan)
{
	snprintf(message->excess, sizeof(message->excess),
		 "the header section is larger than %u octets", MESSAGE_HEADER_MAX);
	message->is_cut = true;
	message->fields_end = scan->line_start;
	message->header_len = scan->line_start;
	return true;
}

/* read_until_body - fills input until the header section is complete */
static bool read_until_body(struct message *message, const struct source *source,
			    struct error *error)
{
	struct header_scan scan = {0, 0};
	size_t size;
	ssize_t got;
	char *room;

	do {
		if (message->input.len > MESSAGE_HEADER_MAX)
			return cut_header(message, &scan);
		room = buffer_room(&message->input, &size);
		got = source_read(source, room, size, error);
		if (got < 0)
			return false;
		message->input.len += (size_t)got;
		if (find_header_end(message, &scan))
			return true;
	} while (got > 0);
	if (message->input.len == 0)
		return error_set(error, STATUS_OTHER, "the message is empty");
	message->fields_end = message->input.len;
	message->header_len = message->input.len;
	return true;
}

/* mailbox_line_len - of a "From address date" line on top that fields can go below, or 0 */
static size_t mailbox_line_len(struct slice header)
{
	static const char start[] = "From ";
	size_t line_end = slice_find(header, '\n');

	if (header.len <= strlen(start) || memcmp(header.data, start, strlen(start)) != 0)
		return 0;
	if (header.data[strlen(start)] == ':' || is_wsp(header.data[strlen(start)]))
		return 0; /* a From field with white space before the colon */
	return line_end < header.len ? line_end + 1 : 0;
}

/* is_continuation - does this line belong to the field above it? */
static bool is_continuation(struct slice line)
{
	return line.len > 0 && is_wsp(line.data[0]);
}

/* field_name_len - of the field-name (RFC 5322 section 3.6.8) at the start of a line, or 0 */
static size_t field_name_len(struct slice line)
{
	size_t len = 0;
	size_t colon;

	while (len < line.len && is_vchar(line.data[len]) && line.data[len] != ':')
		len++;
	colon = len + skip_wsp(slice_skip(line, len));
	return colon < line.len && line.data[colon] == ':' ? len : 0;
}

/* without_line_end - the slice without the one LF or CRLF at its end */
static struct slice without_line_end(struct slice s)
{
	if (s.len > 0 && s.data[s.len - 1] == '\n')
		s.len--;
	else
		return s;
	if (s.len > 0 && s.data[s.len - 1] == '\r')
		s.len--;
	return s;
}

/* field_of - one field from all its lines */
static struct field field_of(struct slice raw)
{
	size_t name_len = field_name_len(raw);
	struct field field = {.raw = raw};
	size_t colon;

	if (name_len == 0) {
		field.value = without_line_end(raw);
		return field;
	}
	colon = slice_find(raw, ':');
	field.name = slice_from(raw.data, name_len);
	field.value = without_line_end(slice_skip(raw, colon + 1));
	return field;
}

/* append_field - adds a field to the index */
static void append_field(struct message *message, struct slice raw)
{
	size_t count = message->field_count;

	if ((count & (count - 1)) == 0) /* capacity is the next power of two */
		message->fields = memory_resize(message->fields, (count != 0 ? 2 * count : 1) *
								     sizeof(*message->fields));
	message->fields[message->field_count++] = field_of(raw);
}

bool message_is_result_name(struct slice name)
{
	return slice_is_nocase(name, "Authentication-Results") ||
	       slice_is_nocase(name, "Received-SPF");
}

/* is_indexed - false: beyond the limits, a field goes on unseen */
static bool is_indexed(struct message *message, struct slice raw)
{
	if (message->field_count < MESSAGE_FIELDS_MAX)
		return true;
	if (message->excess[0] == '\0')
		snprintf(message->excess, sizeof(message->excess),
			 "there are more than %u header fields", MESSAGE_FIELDS_MAX);
	return message->field_count < MESSAGE_FIELDS_MAX + MESSAGE_EXCESS_MAX &&
	       message_is_result_name(slice_from(raw.data, field_name_len(raw)));
}

/* index_fields - cuts the header section into fields */
static void index_fields(struct message *message)
{
	struct slice rest = slice_from(message->input.data, message->fields_end);
	struct slice raw;

	message->preface_len = mailbox_line_len(rest);
	rest = slice_skip(rest, message->preface_len);
	while (rest.len > 0) {
		raw = cut_line(&rest);
		while (is_continuation(rest))
			raw.len += cut_line(&rest).len;
		if ((rest.len > 0 || !message->is_cut) && is_indexed(message, raw))
			append_field(message, raw);
	}
}

/* find_line_end - how the first line of the input ends */
static const char *find_line_end(struct slice header)
{
	struct slice line = cut_line(&header);

	return line.len >= 2 && line.data[line.len - 2] == '\r' ? "\r\n" : "\n";
}

bool message_read_header(struct message *message, struct source source, struct error *error)
{
	if (!read_until_body(message, &source, error))
		return false;
	message->line_end = find_line_end(buffer_slice(&message->input));
	index_fields(message);
	return true;
}

const char *message_excess(const struct message *message)
{
	return message->excess[0] != '\0' ? message->excess : NULL;
}

/* take_message_body - one piece of the body, to the sink and into the spool */
static bool take_message_body(struct message *message, struct slice piece, message_sink *sink,
			      void *context, struct error *error)
{
	if (sink != NULL && piece.len > 0)
		sink(context, piece.data, piece.len);
	return message->discards_body || spool_add(&message->body, piece.data, piece.len, error);
}

bool message_read_body(struct message *message, struct source source, message_sink *sink,
		       void *context, struct error *error)
{
	struct slice first = slice_skip(buffer_slice(&message->input), message->header_len);
	bool taken = take_message_body(message, first, sink, context, error);
	char *chunk = memory_buffer(IO_CHUNK);
	ssize_t got = 1;

	while (taken && (got = source_read(&source, chunk, IO_CHUNK, error)) > 0)
		taken = take_message_body(message, slice_from(chunk, (size_t)got), sink, context,
					  error);
	free(chunk);
	return taken && got == 0;
}

void message_discard_body(struct message *message)
{
	message->discards_body = true;
}

size_t message_field_count(const struct message *message)
{
	return message->field_count;
}

const struct field *message_field(const struct message *message, size_t index)
{
	return &message->fields[index];
}

size_t message_find(const struct message *message, const char *name, size_t index)
{
	while (
	    index < message->field_count &&
	    (message->fields[index].removed || !slice_is_nocase(message->fields[index].name, name)))
		index++;
	return index;
}

bool message_only_value(const struct message *message, const char *name, struct slice *value)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, name, 0);

	if (index == count || message_find(message, name, index + 1) != count)
		return false;
	*value = message_field(message, index)->value;
	return true;
}

const char *message_line_end(const struct message *message)
{
	return message->line_end;
}

void message_remove_field(struct message *message, size_t index)
{
	message->fields[index].removed = true;
}

/* add_lines - a field as it will be written */
static void add_lines(const struct message *message, struct buffer *to, const char *text)
{
	struct slice rest = slice_of(text);
	struct slice line;

	while (slice_cut(&rest, '\n', &line)) {
		buffer_add_slice(to, line);
		buffer_add_text(to, message->line_end);
	}
}

void message_add_field(struct message *message, const char *text)
{
	struct buffer added;

	buffer_init(&added, message->added.max);
	add_lines(message, &added, text);
	buffer_add_slice(&added, buffer_slice(&message->added));
	added.overflow = added.overflow || message->added.overflow;
	buffer_free(&message->added);
	message->added = added;
	message->added_count++;
}

void message_add_below(struct message *message, const char *text)
{
	add_lines(message, &message->added, text);
	message->added_count++;
}

struct slice message_added(const struct message *message)
{
	return buffer_slice(&message->added);
}

size_t message_added_count(const struct message *message)
{
	return message->added_count;
}

/*
 * message_barrier - a message that begins with a continuation line must not continue our field
 *
 * No mail system makes such a message, but its sender could add results of his
 * choice to the field above the line.
 */
struct slice message_barrier(const struct message *message)
{
	struct slice input = slice_skip(buffer_slice(&message->input), message->preface_len);

	if (message->added_count == 0 || !is_continuation(input))
		return slice_of("");
	return slice_of(strcmp(message->line_end, "\n") == 0 ? BARRIER "\n" : BARRIER "\r\n");
}

/* write_failed - with errno */
static bool write_failed(struct error *error)
{
	return error_set(error, STATUS_OTHER, "cannot write the message: %s", strerror(errno));
}

/* write_fields - all fields that were not removed, neighbours in one piece */
static bool write_fields(const struct message *message, struct writer *writer)
{
	size_t start = message->preface_len;
	const char *data = message->input.data;

	for (size_t i = 0; i < message->field_count; i++) {
		const struct slice raw = message->fields[i].raw;
		size_t end = (size_t)(raw.data - data);

		if (!message->fields[i].removed)
			continue;
		if (!writer_add(writer, data + start, end - start))
			return false;
		start = end + raw.len;
	}
	return writer_add(writer, data + start, message->header_len - start);
}

bool message_len(const struct message *message, unsigned long long *len, struct error *error)
{
	*len = message->header_len + message->added.len + message_barrier(message).len +
	       message->body.len;
	for (size_t i = 0; i < message->field_count; i++)
		*len -= message->fields[i].removed ? message->fields[i].raw.len : 0;
	return !message->added.overflow ||
	       error_set(error, STATUS_TOO_BIG, "cannot write the message: too many fields added");
}

bool message_write(const struct message *message, struct writer *writer, struct error *error)
{
	struct slice barrier = message_barrier(message);
	unsigned long long len;

	if (!message_len(message, &len, error))
		return false;
	if (writer_add(writer, message->input.data, message->preface_len) &&
	    writer_add(writer, message->added.data, message->added.len) &&
	    writer_add(writer, barrier.data, barrier.len) && write_fields(message, writer) &&
	    spool_write_to(&message->body, writer))
		return true;
	return write_failed(error);
}

bool message_write_fd(const struct message *message, int fd, struct error *error)
{
	struct writer writer;
	bool written;

	writer_init(&writer, fd);
	written = message_write(message, &writer, error) &&
		  (writer_flush(&writer) || write_failed(error));
	writer_free(&writer);
	return written;
}
