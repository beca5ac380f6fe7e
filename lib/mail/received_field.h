/*
 * received_field - the SMTP client out of a Received field (RFC 5321 4.4)
 *
 * For a check after the mail system, which knows the client only from the field that it
 * wrote. That has to be our own: everything in a field below it is hearsay. Read are
 * the forms that Postfix, Exim, Sendmail and qmail write; each puts who connected on
 * the first line, where no client can put a line end.
 */
#ifndef ASSAY_MAIL_RECEIVED_FIELD_H
#define ASSAY_MAIL_RECEIVED_FIELD_H

#include "base/error.h"
#include "mail/ip_address.h"
#include "mail/message.h"

struct received_client {
	struct ip_address address;
	const char *helo;   /* as the client said it */
	const char *sender; /* without angle brackets, "" is the null sender; NULL: not told */
};

/* Reads a field body. False with what is wrong with it. Texts are in pool. */
bool received_field_parse(struct pool *pool, struct slice value, struct received_client *client,
			  struct error *error);

/*
 * Reads the number-th Received field from the top, 1 being the topmost. The sender is
 * that of the field or, without one there, of a Return-Path above it.
 */
bool received_field_find(struct pool *pool, const struct message *message, unsigned number,
			 struct received_client *client, struct error *error);

#endif
