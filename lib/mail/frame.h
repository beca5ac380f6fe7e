/*
 * frame - one message of a stream, with what is known about it
 *
 * A stream is how one process handles many messages: --stream of the filters, and the gate that
 * starts them. It is a sequence of frames and nothing else, and it ends between two of them. A
 * frame is two netstrings (base/netstring.h), the attributes and the message:
 *
 *	LENGTH:ATTRIBUTES,LENGTH:MESSAGE,
 *
 * Attributes are lines "name=value", each with an LF at its end; there is no NUL in them. A name is
 * made of letters, digits, "_" and "-"; a value is any other octets, also none, up to the LF. A
 * name may be repeated. The names, those of Postfix's policy protocol as far as it has them:
 *
 *	client_address client_name helo_name sender recipient queue_id   the envelope; recipient is
 *	                                                                repeated for each of them
 *	deadline       seconds that are left for this message, as "12.5"
 *	result         what a stage has found: one resinfo of RFC 8601, "spf=pass smtp.mailfrom=..."
 *	disposition    of dmarceval: none, quarantine, reject or defer
 *	reason         of dmarceval: why, in words
 *	status         the message could not be handled: "4.3.0 why". The frame has no message then.
 *
 * The message begins with what the own MTA has put on top, a Received field first of all: that is
 *the border beyond which strangers write (mail/authres_trust.h). Whoever has a message without that
 * field, as before Postfix's queue, puts one there for the stages and takes it out again. Of the 64
 * KiB the one who begins should leave half to the stages; of many recipients the first are enough.
 *
 * A stage takes one frame, passes it on with what it adds, and only then takes the next. It
 * reads a frame to its end before it writes the first octet of its own, so two programs that face
 * each other never wait for each other in a circle.
 *
 * To read one: frame_read(); then the message from frame_source(), all of it, or frame_skip().
 * To write one: frame_begin() with the length of the message; as many octets with writer_add();
 * frame_end().
 */
#ifndef ASSAY_MAIL_FRAME_H
#define ASSAY_MAIL_FRAME_H

#include "base/bytes.h"
#include "base/netstring.h"

#define FRAME_ATTRIBUTES_MAX 65536U            /* octets of all attributes; more is an error */
#define FRAME_MESSAGE_MAX    ((size_t)1 << 40) /* octets of a message; more is an error */

struct frame {
	struct buffer attributes; /* as they are written */
	size_t read_len;          /* octets of them that frame_read() has read */
	struct netstring message; /* of frame_read() */
};

void frame_init(struct frame *frame); /* without attributes */
void frame_free(struct frame *frame);

enum frame_outcome {
	FRAME_READ,   /* the attributes are there, the message can be read */
	FRAME_ABSENT, /* the stream has ended where a frame would begin */
	FRAME_BROKEN, /* see error: nothing more can be read from this stream */
};

/*
 * Reads the attributes, in place of those that frame had. The reader must live as long as the
 * frame; its deadline is the caller's. An attribute that is none makes the frame broken.
 */
enum frame_outcome frame_read(struct frame *frame, struct reader *reader, struct error *error);

/* The octets of the message (base/source.h); its end comes after the comma has been checked. */
struct source frame_source(struct frame *frame);

/* Reads what is left of the message for nobody. False with error if the frame is broken. */
bool frame_skip(struct frame *frame, struct error *error);

/* The value of the first attribute of that name; false and the empty slice if there is none. */
bool frame_get(const struct frame *frame, const char *name, struct slice *value);

/* How many attributes have that name. */
size_t frame_count(const struct frame *frame, const char *name);

/*
 * The next attribute. Start with *rest = buffer_slice(&frame->attributes); false at the end. The
 * slices are valid until an attribute is added or the frame read anew.
 */
bool frame_next(struct slice *rest, struct slice *name, struct slice *value);

/* Appends an attribute. False, and nothing is added: the value has an LF or NUL, or is too long. */
bool frame_add(struct frame *frame, const char *name, struct slice value);

/* Takes all attributes of that name away. */
void frame_remove(struct frame *frame, const char *name);

/*
 * Makes it the frame of a message that could not be handled: the attributes that were read, and
 * "status=STATUS TEXT". If they leave no room for it, queue_id is all that remains of them.
 */
void frame_fail(struct frame *frame, const struct error *error);

/* Writes all up to the message, which has len octets, and what comes after it. False with errno. */
bool frame_begin(const struct frame *frame, size_t len, struct writer *writer);
bool frame_end(struct writer *writer); /* flushes, too */

#endif
