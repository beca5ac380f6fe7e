/*
 * smtp_client - hands a message to an SMTP server, for all its recipients or for none
 *
 * The client of a content filter of Postfix: the server is a second smtpd of the same host. It
 * does not pipeline, and does not convert: the server has to take what the message needs (RFC
 * 6152, RFC 6531). Everything but the one success is a failure for now.
 */
#ifndef ASSAY_POSTFIX_SMTP_CLIENT_H
#define ASSAY_POSTFIX_SMTP_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/error.h"

struct pool;
struct smtp_session;

/*
 * Connects to ADDRESS:PORT, or [ADDRESS]:PORT for IPv6, and greets. All of the session has to be
 * done by the deadline. NULL with error; a session is to be closed.
 */
struct smtp_session *smtp_open(struct pool *pool, const char *server,
			       const struct timespec *deadline, struct error *error);

struct smtp_delivery {
	const char *sender; /* "" is the null sender */
	char **recipients;
	size_t recipient_count;
	char **attributes; /* NAME=VALUE of XFORWARD (Postfix XFORWARD_README) */
	size_t attribute_count;
	int message;   /* a file, from its start; lines end in LF */
	pid_t waiting; /* our parent: if it has died nobody would hear of a success */
};

/*
 * One message. True: the server has taken it for all recipients, and *reply is what it said last,
 * in pool. False: it has taken it for none, unless the connection was lost just before its last
 * reply.
 */
bool smtp_deliver(struct smtp_session *session, const struct smtp_delivery *delivery,
		  const char **reply, struct error *error);

void smtp_close(struct smtp_session *session);

#endif
