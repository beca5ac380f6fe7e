/*
 * smtp_protocol - a connection to an SMTP server: commands, replies, and what the server offers
 *
 * RFC 5321. It does not pipeline. Every function that may fail sets the error of the connection.
 */
#ifndef ASSAY_POSTFIX_SMTP_PROTOCOL_H
#define ASSAY_POSTFIX_SMTP_PROTOCOL_H

#include <time.h>

#include "base/bytes.h"
#include "base/error.h"

#define SMTP_REPLY_MAX 65536 /* octets of a reply; more is an error */

struct smtp_connection {
	struct pool *pool;
	const char *server;
	struct timespec deadline;
	struct error *error; /* where the next failure is told */
	int fd;
	struct buffer input; /* the reply to the last command */
	struct slice offers; /* the lines of the reply to EHLO */
};

/* Connects to ADDRESS:PORT and greets. The connection is to be closed in any case. */
bool smtp_connect(struct smtp_connection *connection, struct pool *pool, const char *server,
		  const struct timespec *deadline, struct error *error);
void smtp_disconnect(struct smtp_connection *connection);

/* Sets the error to what and errno; returns false. */
bool smtp_failed(const struct smtp_connection *connection, const char *what);

/* Sends octets as they are. */
bool smtp_send(struct smtp_connection *connection, const char *data, size_t len);

/*
 * Waits for the reply to what was sent, which has to begin as wanted; "" takes any. command says
 * what it was, for the error.
 */
bool smtp_expect(struct smtp_connection *connection, const char *wanted, const char *command);

/* A command, without its line end, and its reply. */
bool smtp_ask(struct smtp_connection *connection, const char *wanted, const char *command);

/* Does the server have this extension? *parameters is what follows its name. */
bool smtp_offers(const struct smtp_connection *connection, const char *extension,
		 struct slice *parameters);

#endif
