/*
 * changes - what the stages of a stream have made of a message: fields on top, and fields that are
 * gone
 *
 * That is all a filter may do (mail/message.h), so what comes out is compared with what went in,
 * octet by octet: a message of somebody else, a body that is cut or a field that has been altered
 * is an error, and nothing of it is used.
 *
 * A milter does not see the Received field that Postfix has put on top. The stages get one in its
 * place: it is the border below which fields of ours are forged (mail/authres_trust.h), and tells
 * here where what they have added ends.
 */
#ifndef ASSAY_POSTFIX_CHANGES_H
#define ASSAY_POSTFIX_CHANGES_H

#include "base/source.h"
#include "base/writer.h"
#include "postfix/milter.h"

/*
 * Fields that are removed of one message; Postfix reads the header section anew for each. No honest
 * message has results of ours that come from elsewhere.
 */
#define CHANGES_REMOVED_MAX 1000U

#define CHANGES_ADDED_MAX 1000U /* fields added to one message: signatures and results */

/* A field that has been added; slices of the text that changes_read() keeps. */
struct added_field {
	struct slice name;
	struct slice value; /* from the colon on, without the last line end; lines end in LF */
};

struct changes {
	struct pool *pool;
	struct added_field *added; /* from the top */
	size_t added_count;
	size_t *removed; /* numbers of fields of the message, from the top */
	size_t removed_count;
};

/* The message as the stages get it: how long it is, and what it is. False with errno. */
size_t changes_input_len(const struct milter_message *message, struct slice border);
bool changes_write(const struct milter_message *message, struct slice border,
		   struct writer *writer);

/* The field that takes the place of Postfix' own, in pool. */
struct slice changes_border(struct pool *pool, const struct milter_client *client,
			    const struct milter_message *message);

/* Reads len octets of what came out, in pool. False with error if they are not that message. */
bool changes_read(struct pool *pool, const struct milter_message *message, struct slice border,
		  const struct source *source, size_t len, struct changes *changes,
		  struct error *error);

#endif
