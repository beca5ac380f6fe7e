/*
 * mime_reader - a message line by line; see report/mime_reader.h
 */
#include "report/mime_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "report/transfer_decoding.h"

#define PIECE_MAX    4096 /* octets decoded at once */
#define BOUNDARY_MAX 1000 /* RFC 2046 5.1.1 has 70; no line of a mail is longer than this */

enum mime_state {
	IN_HEADER, /* of the message, or of a part */
	IN_LEAF,
	IN_BETWEEN, /* before the first part of a multipart, after the last one, or unwanted */
};

/* A multipart that is open. */
struct multipart {
	char boundary[BOUNDARY_MAX];
	size_t len;
	bool is_report;    /* multipart/report */
	bool has_returned; /* what follows in it was returned to us, or belongs to a failure report
			    */
};

/* What a header section says. */
struct part_header {
	const char *type;
	const char *boundary; /* or NULL */
	enum transfer_encoding encoding;
};

struct mime_reader {
	const struct mime_handler *handler;
	enum mime_state state;
	bool is_top;    /* the header section is that of the message itself */
	bool continues; /* the line began in what was handed on before */
	struct buffer line;
	struct buffer header;
	struct transfer_decoding decoding;
	size_t depth;
	struct multipart parts[MIME_DEPTH_MAX];
};

struct mime_reader *mime_reader_new(const struct mime_handler *handler)
{
	struct mime_reader *reader = memory_alloc(sizeof(*reader));

	reader->handler = handler;
	reader->is_top = true;
	buffer_init(&reader->line, MIME_LINE_MAX);
	buffer_init(&reader->header, MIME_HEADER_MAX);
	return reader;
}

void mime_reader_free(struct mime_reader *reader)
{
	if (reader == NULL)
		return;
	buffer_free(&reader->line);
	buffer_free(&reader->header);
	free(reader);
}

/* cut_field - the next field with its folds */
static bool cut_field(struct slice *rest, struct slice *field)
{
	size_t end = 0;

	if (rest->len == 0)
		return false;
	do
		end += slice_find(slice_skip(*rest, end), '\n') + 1;
	while (end < rest->len && is_wsp(rest->data[end]));
	if (end > rest->len)
		end = rest->len;
	*field = slice_from(rest->data, end);
	*rest = slice_skip(*rest, end);
	return true;
}

/* unfold - a value on one line */
static const char *unfold(struct pool *pool, struct slice value)
{
	char *text = slice_copy(pool, slice_trim(value));
	size_t len = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] != '\r' && text[i] != '\n')
			text[len++] = text[i];
	}
	text[len] = '\0';
	return text;
}

const char *mime_field(struct pool *pool, struct slice *rest, const char *name)
{
	struct slice field;

	while (cut_field(rest, &field)) {
		size_t colon = slice_find(field, ':');

		if (colon < field.len &&
		    slice_is_nocase(slice_trim(slice_from(field.data, colon)), name))
			return unfold(pool, slice_skip(field, colon + 1));
	}
	return NULL;
}

/* parameter_value - what follows "name=", quoted or not */
static const char *parameter_value(struct pool *pool, struct slice text)
{
	char *value;
	size_t len = 0;

	if (text.len == 0 || text.data[0] != '"')
		return slice_copy(pool, slice_trim(slice_from(text.data, slice_find(text, ';'))));
	value = pool_alloc(pool, text.len);
	for (size_t i = 1; i < text.len && text.data[i] != '"'; i++) {
		if (text.data[i] == '\\' && i + 1 < text.len)
			i++;
		value[len++] = text.data[i];
	}
	return value;
}

/* find_parameter - of a Content-Type, or NULL; a ";" inside quotes does no harm to the ones we want
 */
static const char *find_parameter(struct pool *pool, const char *value, const char *name)
{
	struct slice rest = slice_of(value);
	struct slice part;

	while (slice_cut(&rest, ';', &part)) {
		struct slice text = slice_trim(part);
		size_t equals = slice_find(text, '=');

		if (equals == text.len ||
		    !slice_is_nocase(slice_trim(slice_from(text.data, equals)), name))
			continue;
		text = slice_trim(slice_between(text.data + equals + 1, value + strlen(value)));
		return parameter_value(pool, text);
	}
	return NULL;
}

/* parse_part_header - what matters of it */
static struct part_header parse_part_header(struct pool *pool, struct slice header)
{
	struct part_header part = {.type = "text/plain", .encoding = TRANSFER_IDENTITY};
	struct slice rest = header;
	const char *value = mime_field(pool, &rest, "Content-Type");

	if (value != NULL) {
		struct slice word = slice_of(value);

		part.type = slice_lower(pool, slice_trim(slice_from(value, slice_find(word, ';'))));
		if (slice_starts_nocase(word, "multipart/"))
			part.boundary = find_parameter(pool, value, "boundary");
	}
	rest = header;
	value = mime_field(pool, &rest, "Content-Transfer-Encoding");
	if (value != NULL)
		part.encoding = transfer_encoding_of(slice_of(value));
	return part;
}

/* current_part - the innermost multipart, or NULL */
static struct multipart *current_part(struct mime_reader *reader)
{
	return reader->depth > 0 ? &reader->parts[reader->depth - 1] : NULL;
}

/* enter_multipart - its parts follow */
static void enter_multipart(struct mime_reader *reader, const struct part_header *part)
{
	struct multipart *inner = &reader->parts[reader->depth++];

	inner->len = strlen(part->boundary);
	memcpy(inner->boundary, part->boundary, inner->len);
	inner->is_report = strcmp(part->type, "multipart/report") == 0;
	inner->has_returned = false;
	reader->state = IN_BETWEEN;
}

/* is_returned - a message, or its head, that a report or a bounce brings back */
static bool is_returned(const struct multipart *outer, const struct part_header *part)
{
	return outer != NULL && (outer->is_report || outer->has_returned) &&
	       (strcmp(part->type, "message/rfc822") == 0 ||
		strcmp(part->type, "message/global") == 0 ||
		strcmp(part->type, "text/rfc822-headers") == 0 ||
		strcmp(part->type, "message/rfc822-headers") == 0);
}

/* begin_part - what follows its header section */
static void begin_part(struct mime_reader *reader, const struct part_header *part)
{
	struct multipart *outer = current_part(reader);
	const struct mime_leaf leaf = {part->type, outer != NULL && outer->is_report};

	if (outer != NULL && strcmp(part->type, "message/feedback-report") == 0)
		outer->has_returned = true;
	if (part->boundary != NULL && *part->boundary != '\0' &&
	    strlen(part->boundary) <= BOUNDARY_MAX && reader->depth < MIME_DEPTH_MAX) {
		enter_multipart(reader, part);
	} else if (is_returned(outer, part)) {
		reader->state = IN_BETWEEN;
	} else if (strcmp(part->type, "message/rfc822") == 0 &&
		   part->encoding == TRANSFER_IDENTITY) {
		reader->state = IN_HEADER;
	} else {
		reader->state = IN_LEAF;
		transfer_begin(&reader->decoding, part->encoding);
		reader->handler->begin(reader->handler->context, &leaf);
	}
}

/* enter_part - a header section is over */
static void enter_part(struct mime_reader *reader)
{
	struct pool *pool = pool_new();
	struct part_header part = parse_part_header(pool, buffer_slice(&reader->header));

	if (reader->is_top)
		reader->handler->header(reader->handler->context, buffer_slice(&reader->header));
	reader->is_top = false;
	buffer_reset(&reader->header);
	begin_part(reader, &part);
	pool_free(pool);
}

/* leave_part - what is open ends here */
static void leave_part(struct mime_reader *reader)
{
	if (reader->state == IN_HEADER && reader->header.len > 0)
		enter_part(reader);
	if (reader->state == IN_LEAF)
		reader->handler->end(reader->handler->context);
	buffer_reset(&reader->header);
	reader->state = IN_BETWEEN;
}

/* is_boundary - of that multipart; *last: it closes it */
static bool is_boundary(const struct multipart *part, struct slice line, bool *last)
{
	struct slice rest;

	if (line.len < part->len + 2 || memcmp(line.data + 2, part->boundary, part->len) != 0)
		return false;
	rest = slice_skip(line, part->len + 2);
	*last = rest.len >= 2 && rest.data[0] == '-' && rest.data[1] == '-';
	return slice_trim(slice_skip(rest, *last ? 2 : 0)).len == 0;
}

/* take_boundary - a line that separates parts? The innermost multipart is asked first. */
static bool take_boundary(struct mime_reader *reader, struct slice line)
{
	bool last;

	if (reader->continues || line.len < 2 || line.data[0] != '-' || line.data[1] != '-')
		return false;
	for (size_t i = reader->depth; i-- > 0;) {
		if (!is_boundary(&reader->parts[i], line, &last))
			continue;
		leave_part(reader);
		reader->depth = last ? i : i + 1;
		reader->state = last ? IN_BETWEEN : IN_HEADER;
		return true;
	}
	return false;
}

/* tell_leaf - octets of it, decoded */
static void tell_leaf(struct mime_reader *reader, struct slice line)
{
	char out[PIECE_MAX + 3];

	while (line.len > 0) {
		size_t len = line.len < PIECE_MAX ? line.len : PIECE_MAX;
		size_t made = transfer_decode(&reader->decoding, slice_from(line.data, len), out);

		if (made > 0)
			reader->handler->data(reader->handler->context, slice_from(out, made));
		line = slice_skip(line, len);
	}
}

/* take_line - or as much of it as is looked at together */
static void take_line(struct mime_reader *reader, struct slice line)
{
	if (take_boundary(reader, line))
		return;
	if (reader->state == IN_LEAF) {
		tell_leaf(reader, line);
	} else if (reader->state == IN_HEADER) {
		if (!reader->continues && slice_trim(line).len == 0)
			enter_part(reader);
		else if (!reader->header.overflow)
			buffer_add_slice(&reader->header, line);
	}
}

/* flush_line - what has been collected */
static void flush_line(struct mime_reader *reader, bool complete)
{
	take_line(reader, buffer_slice(&reader->line));
	buffer_reset(&reader->line);
	reader->continues = !complete;
}

void mime_reader_add(struct mime_reader *reader, struct slice octets)
{
	while (octets.len > 0) {
		size_t len = slice_find(octets, '\n');
		bool complete = len < octets.len;
		size_t room = MIME_LINE_MAX - reader->line.len;

		len += complete ? 1 : 0;
		if (len > room) {
			len = room;
			complete = false;
		}
		if (complete && reader->line.len == 0) {
			take_line(reader, slice_from(octets.data, len));
			reader->continues = false;
		} else {
			buffer_add(&reader->line, octets.data, len);
			if (complete || reader->line.len == MIME_LINE_MAX)
				flush_line(reader, complete);
		}
		octets = slice_skip(octets, len);
	}
}

void mime_reader_end(struct mime_reader *reader)
{
	if (reader->line.len > 0)
		flush_line(reader, true);
	leave_part(reader);
}
