/*
 * smtp_client - envelope and lines of a message; see postfix/smtp_client.h
 */
#include "postfix/smtp_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "postfix/smtp_protocol.h"
#include "postfix/smtp_survey.h"
#include "postfix/xforward.h"

#define STUFFED_MAX (2 * IO_CHUNK + 1) /* of a chunk of line ends, and a dot before it */

struct smtp_session {
	struct smtp_connection connection;
	const struct smtp_delivery *delivery;
	struct smtp_needs needs;
};

/* check_address - no line end may make two commands of one */
static bool check_address(struct smtp_session *session, const char *address)
{
	session->needs.utf8 = session->needs.utf8 || !slice_is_ascii(slice_of(address));
	if (address[strcspn(address, "\r\n")] == '\0')
		return true;
	return error_set(session->connection.error, STATUS_OTHER,
			 "there is a line end in the address <%s>",
			 text_printable(session->connection.pool, slice_of(address)));
}

/* check_addresses - of the sender and of all recipients */
static bool check_addresses(struct smtp_session *session)
{
	const struct smtp_delivery *delivery = session->delivery;

	if (!check_address(session, delivery->sender))
		return false;
	for (size_t i = 0; i < delivery->recipient_count; i++) {
		if (!check_address(session, delivery->recipients[i]))
			return false;
	}
	return true;
}

/* send_sender - MAIL, with what the message needs */
static bool send_sender(struct smtp_session *session)
{
	struct slice parameters;
	bool takes_eight_bit = smtp_offers(&session->connection, "8BITMIME", &parameters);

	if (session->needs.utf8 && !smtp_offers(&session->connection, "SMTPUTF8", &parameters))
		return error_set(session->connection.error, STATUS_OTHER,
				 "%s does not offer SMTPUTF8", session->connection.server);
	return smtp_ask(
	    &session->connection, "250",
	    pool_printf(session->connection.pool, "MAIL FROM:<%s>%s%s", session->delivery->sender,
			session->needs.eight_bit && takes_eight_bit ? " BODY=8BITMIME" : "",
			session->needs.utf8 ? " SMTPUTF8" : ""));
}

/* send_envelope - a recipient that is refused holds up the others */
static bool send_envelope(struct smtp_session *session)
{
	const struct smtp_delivery *delivery = session->delivery;

	if (!send_sender(session))
		return false;
	for (size_t i = 0; i < delivery->recipient_count; i++) {
		if (!smtp_ask(&session->connection, "250",
			      pool_printf(session->connection.pool, "RCPT TO:<%s>",
					  delivery->recipients[i])))
			return false;
	}
	return smtp_ask(&session->connection, "354", "DATA");
}

/*
 * put_line - a line, or a part of one, as it goes over the wire (RFC 5321 4.5.2); begins says
 * whether its begin is among it, the result whether the next one begins
 */
static bool put_line(struct buffer *wire, struct slice part, bool begins)
{
	bool ends = part.data[part.len - 1] == '\n';

	if (begins && part.data[0] == '.')
		buffer_add_byte(wire, '.');
	buffer_add(wire, part.data, part.len - (ends ? 1 : 0));
	if (ends)
		buffer_add_text(wire, "\r\n");
	return ends;
}

/* send_chunk - some octets of the message; *begins as above */
static bool send_chunk(struct smtp_session *session, struct buffer *wire, struct slice chunk,
		       bool *begins)
{
	buffer_reset(wire);
	while (chunk.len > 0) {
		size_t end = slice_find(chunk, '\n');
		size_t len = end < chunk.len ? end + 1 : end;

		*begins = put_line(wire, slice_from(chunk.data, len), *begins);
		chunk = slice_skip(chunk, len);
	}
	return smtp_send(&session->connection, wire->data, wire->len);
}

/* send_lines - the message; wire and chunk are room for work */
static bool send_lines(struct smtp_session *session, struct buffer *wire, char *chunk)
{
	bool begins = true;
	ssize_t got;

	while ((got = io_read(session->delivery->message, chunk, IO_CHUNK)) > 0) {
		if (!send_chunk(session, wire, slice_from(chunk, (size_t)got), &begins))
			return false;
	}
	if (got < 0)
		return smtp_failed(&session->connection, "cannot read the message");
	return begins || smtp_send(&session->connection, "\r\n", strlen("\r\n"));
}

/* send_message - all but its end */
static bool send_message(struct smtp_session *session)
{
	struct buffer wire;
	char *chunk = memory_buffer(IO_CHUNK);
	bool good;

	buffer_init(&wire, STUFFED_MAX);
	good = send_lines(session, &wire, chunk);
	buffer_free(&wire);
	free(chunk);
	return good;
}

/* end_message - the end of the message: from its reply on, the server has it */
static bool end_message(struct smtp_session *session)
{
	static const char quit[] = "QUIT\r\n";

	if (getppid() != session->delivery->waiting)
		return error_set(session->connection.error, STATUS_OTHER, "pipe(8) is gone");
	buffer_reset(&session->connection.input);
	if (!smtp_send(&session->connection, ".\r\n", strlen(".\r\n")) ||
	    !smtp_expect(&session->connection, "250", "end of DATA"))
		return false;
	send(session->connection.fd, quit, strlen(quit), MSG_NOSIGNAL); /* whatever comes of it */
	return true;
}

struct smtp_session *smtp_open(struct pool *pool, const char *server,
			       const struct timespec *deadline, struct error *error)
{
	struct smtp_session *session = pool_alloc(pool, sizeof(*session));

	if (smtp_connect(&session->connection, pool, server, deadline, error))
		return session;
	smtp_close(session);
	return NULL;
}

bool smtp_deliver(struct smtp_session *session, const struct smtp_delivery *delivery,
		  const char **reply, struct error *error)
{
	struct smtp_connection *connection = &session->connection;

	session->delivery = delivery;
	connection->error = error;
	if (!smtp_survey(connection->pool, delivery->message, &session->needs, error) ||
	    !check_addresses(session) ||
	    !xforward_send(connection, delivery->attributes, delivery->attribute_count) ||
	    !send_envelope(session) || !send_message(session) || !end_message(session))
		return false;
	*reply = text_printable(connection->pool, slice_trim(buffer_slice(&connection->input)));
	return true;
}

void smtp_close(struct smtp_session *session)
{
	smtp_disconnect(&session->connection);
}
