/*
 * milter_message - a message as it arrives by the milter protocol, with its envelope
 *
 * Postfix hands over header fields one by one and the body in chunks, with lines that end in CR LF.
 * Here the message is what Postfix has in its queue file and would give to pipe(8): lines end in
 * LF, all other octets stay. The body is spooled (base/spool.h).
 *
 * A header section of any size goes to the stages, which pass on what is beyond their limits
 * (mail/message.h). Here, too, only so much of it is indexed: what comes after is the tail, which
 * is spooled with the empty line and the body, as no stage may change any of it.
 *
 * A message that finds no room on the disk is read to its end and kept as failed.
 */
#ifndef ASSAY_POSTFIX_MILTER_MESSAGE_H
#define ASSAY_POSTFIX_MILTER_MESSAGE_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/spool.h"
#include "mail/message.h"

/*
 * Octets of fields that can be removed. Stages see 8 MiB, and further when one of them has removed
 * fields before the next.
 */
#define MILTER_HEADER_MAX (MESSAGE_HEADER_MAX + (1U << 20))

/*
 * One header field, as a part of milter_message.header. After MESSAGE_FIELDS_MAX fields those that
 * no stage looks at are one, with name_len 0, until a field of results comes.
 */
struct milter_field {
	size_t start;
	size_t len; /* with its line end */
	size_t name_len;
};

struct milter_message {
	struct pool *pool;  /* of the texts */
	const char *sender; /* "" is the null sender */
	const char **recipients;
	size_t recipient_count;
	const char *queue_id; /* "NOQUEUE" as long as there is none, as in Postfix' log */
	struct buffer header; /* the fields, without the empty line */
	struct milter_field *fields;
	size_t field_count;
	bool has_tail;       /* more fields come before the empty line, in body */
	bool in_body;        /* no more fields come */
	struct spool body;   /* without the empty line, unless there is a tail */
	struct buffer lines; /* a chunk of it, with LF at the ends of lines */
	size_t body_len;
	bool ends_in_cr; /* a CR that may be the first half of a line end has been held back */
	bool failed;     /* see error */
	struct error error;
};

void milter_message_init(struct milter_message *message);
void milter_message_free(struct milter_message *message);

/* Begins anew, with nothing. */
void milter_message_reset(struct milter_message *message);

void milter_message_add_recipient(struct milter_message *message, struct slice address);

/* value begins after the colon; it may have line ends, as LF. */
void milter_message_add_field(struct milter_message *message, struct slice name,
			      struct slice value);

void milter_message_add_body(struct milter_message *message, struct slice chunk);

/* To be called after the last chunk. */
void milter_message_end(struct milter_message *message);

/* Marks it as one that cannot be judged; the first error is kept. */
void milter_message_fail(struct milter_message *message, const struct error *error);

/* What is between header and body: the empty line, unless that is in the body with the tail. */
struct slice milter_message_gap(const struct milter_message *message);

struct slice milter_field_raw(const struct milter_message *message, size_t index);
struct slice milter_field_name(const struct milter_message *message, size_t index);

#endif
