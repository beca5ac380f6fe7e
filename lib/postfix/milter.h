/*
 * milter - the filter's side of the milter protocol, as Postfix speaks it (MILTER_README)
 *
 * One connection is one SMTP session, with any number of messages; mail that comes by sendmail(1)
 * has a session of its own, which cleanup(8) makes up. Nothing is answered before the end of a
 * message: the verdict is on all recipients, and no recipient is ever refused.
 *
 * Version 6 is spoken, with what the other side offers of it. Without SMFIP_HDR_LEADSPC the one
 * space after the colon of a field is not known to be there, and is taken for granted.
 */
#ifndef ASSAY_POSTFIX_MILTER_H
#define ASSAY_POSTFIX_MILTER_H

#include "postfix/milter_message.h"
#include "postfix/milter_packet.h"

#define MILTER_REPLY_MAX 480 /* octets of a reply; RFC 5321 4.5.3.1.5 has 512 for its line */

/* Who sends. */
struct milter_client {
	struct pool *pool;   /* of the texts */
	const char *name;    /* "unknown" if it has none, as in Postfix' log */
	const char *address; /* as text; "" if it has none */
	const char *helo;
	bool is_local; /* no SMTP client: the message came by sendmail(1), through pickup(8) */
};

struct milter;

/* Reads from one descriptor and writes to another, or to the same one; both stay the caller's. */
struct milter *milter_new(int input, int output);
void milter_free(struct milter *milter); /* accepts NULL */

enum milter_event {
	MILTER_CONTENT, /* the content of a message begins to arrive */
	MILTER_MESSAGE, /* it is complete, and waits for milter_finish() */
	MILTER_IDLE,    /* a message has been answered or given up, or a session is over */
	MILTER_ENDED,   /* the connection is over */
	MILTER_BROKEN,  /* nothing more can be read: see error */
};

/* What comes next. */
enum milter_event milter_next(struct milter *milter, struct error *error);

const struct milter_client *milter_client(const struct milter *milter);
struct milter_message *milter_message(struct milter *milter);

/*
 * Changes of a complete message. A field that is removed is one of message->fields; the last of
 * them goes first, and what is added comes after that. A field that is added goes on top of all.
 */
bool milter_remove_field(struct milter *milter, const struct milter_message *message, size_t index);
bool milter_add_field(struct milter *milter, struct slice name, struct slice value);

/* Puts the message into the hold queue, for this reason; after all other changes. */
bool milter_hold(struct milter *milter, const char *reason);

/*
 * Answers a complete message: reply is NULL to take it, or what the client is told, "550 5.7.1
 * text". False with errno if the other side is gone.
 */
bool milter_finish(struct milter *milter, const char *reply);

#endif
