/*
 * message - an Internet message (RFC 5322), spooled, indexed and written back
 *
 * The contract of a filter rests here: every byte that was read is written
 * again, unchanged and in order, whatever it is; fields are only added on top
 * or removed whole. The header section is kept in memory up to
 * MESSAGE_HEADER_MAX, the body up to MESSAGE_MEMORY_MAX and beyond that in an
 * unlinked file in $TMPDIR (/tmp).
 *
 * A line ends with LF; a CR before it belongs to the line end; any other CR is
 * an ordinary byte. The header section ends at the first empty line, or with
 * the input. A line in it that is neither a field nor a continuation is kept
 * as a field without a name; a continuation line on top of everything gets a
 * field X-Malformed-Header above it before it could continue a field of ours. A
 * "From " line of a mailbox file on top stays on top.
 *
 * A header section beyond the limits is no reason to refuse a message: a stranger could fill the
 * queue with such. It is written again as it was, with added fields on top, but message_excess()
 * says that it cannot be judged. Of its first MESSAGE_HEADER_MAX octets all result fields are
 * indexed, so that forged ones can be removed; what comes after is passed on like a body.
 */
#ifndef ASSAY_MAIL_MESSAGE_H
#define ASSAY_MAIL_MESSAGE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/source.h"
#include "base/writer.h"

#define MESSAGE_HEADER_MAX (8U << 20) /* header section, octets; more cannot be judged */
#define MESSAGE_FIELDS_MAX 100000U    /* header fields; more cannot be judged */
#define MESSAGE_EXCESS_MAX 30000U     /* result fields that are indexed after those */
#define MESSAGE_MEMORY_MAX (1U << 20) /* body kept in memory, octets */

struct message;

/* One header field; the slices live as long as the message. */
struct field {
	struct slice name;  /* without white space before the colon; empty: not a field */
	struct slice value; /* after the colon, folds included, without the last line end */
	struct slice raw;   /* all of it, with the last line end if there is one */
	bool removed;       /* will not be written */
};

/* Receives the body piece by piece, in order, as it arrives. */
typedef void message_sink(void *context, const char *data, size_t len);

struct message *message_new(void);
void message_free(struct message *message); /* accepts NULL */

/* Reads the header section and indexes it. Empty input is an error. */
bool message_read_header(struct message *message, struct source source, struct error *error);

/* Is it the name of a field that may pretend to be ours? */
bool message_is_result_name(struct slice name);

/* Why the header section cannot be judged, for people; NULL if it is within the limits. */
const char *message_excess(const struct message *message);

/* Reads the rest, to the end of the source. sink may be NULL. */
bool message_read_body(struct message *message, struct source source, message_sink *sink,
		       void *context, struct error *error);

/* From now on the body only goes to the sink, and the message cannot be written. */
void message_discard_body(struct message *message);

/* Fields in the order of the input, counted from the top. Added fields are not among them. */
size_t message_field_count(const struct message *message);
const struct field *message_field(const struct message *message, size_t index);
/* The next field of that name at or below index, not removed; message_field_count() if none. */
size_t message_find(const struct message *message, const char *name, size_t index);

/* The value of a field that is there exactly once; false otherwise. */
bool message_only_value(const struct message *message, const char *name, struct slice *value);

/* "\n" or "\r\n": the end of the first line of the input. */
const char *message_line_end(const struct message *message);

void message_remove_field(struct message *message, size_t index);

/*
 * Adds a field on top of everything, also of the fields added before. text is
 * the whole field, lines separated by LF, without the last line end.
 */
void message_add_field(struct message *message, const char *text);
/* The same below all fields that were added, and above those of the input. */
void message_add_below(struct message *message, const char *text);

/* What was added, as it will be written, and how many fields that is. */
struct slice message_added(const struct message *message);
size_t message_added_count(const struct message *message);
/* X-Malformed-Header, if it will be written between those and the input; else empty. */
struct slice message_barrier(const struct message *message);

/*
 * How many octets message_write() will write, once the whole message has been read. False with
 * error if it cannot be written.
 */
bool message_len(const struct message *message, unsigned long long *len, struct error *error);

/* Writes the whole message. False leaves an incomplete one. The writer is not flushed. */
bool message_write(const struct message *message, struct writer *writer, struct error *error);

/* The same to a descriptor. */
bool message_write_fd(const struct message *message, int fd, struct error *error);

#endif
