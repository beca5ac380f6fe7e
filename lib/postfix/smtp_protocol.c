/*
 * smtp_protocol - commands and replies over a socket; see postfix/smtp_protocol.h
 */
#include "postfix/smtp_protocol.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/ip_address.h"

#define CODE_LEN    3    /* digits of a reply */
#define REPLY_CHUNK 1024 /* octets of a reply to make room for */
#define PORT_MAX    65535

bool smtp_failed(const struct smtp_connection *connection, const char *what)
{
	return error_set(connection->error, STATUS_OTHER, "%s: %s", what, strerror(errno));
}

bool smtp_send(struct smtp_connection *connection, const char *data, size_t len)
{
	return io_send(connection->fd, data, len, &connection->deadline) ||
	       smtp_failed(connection, "connection lost");
}

/* receive_reply - more octets of a reply */
static bool receive_reply(struct smtp_connection *connection, const char *command)
{
	char *room = buffer_reserve(&connection->input, REPLY_CHUNK);
	ssize_t got;

	if (room == NULL)
		return error_set(connection->error, STATUS_OTHER, "%s: the reply is too long",
				 command);
	got = io_receive(connection->fd, room, REPLY_CHUNK, &connection->deadline);
	if (got < 0)
		return smtp_failed(connection, command);
	if (got == 0)
		return error_set(connection->error, STATUS_OTHER, "%s: connection lost", command);
	connection->input.len += (size_t)got;
	return true;
}

/* last_line - of a reply (RFC 5321 4.2.1); false if it has not arrived yet */
static bool last_line(const struct smtp_connection *connection, struct slice *line)
{
	struct slice rest = buffer_slice(&connection->input);

	while (rest.len > 0 && slice_find(rest, '\n') < rest.len && slice_cut(&rest, '\n', line)) {
		if (line->len <= CODE_LEN || line->data[CODE_LEN] != '-')
			return true;
	}
	return false;
}

bool smtp_expect(struct smtp_connection *connection, const char *wanted, const char *command)
{
	struct slice line;

	while (!last_line(connection, &line)) {
		if (!receive_reply(connection, command))
			return false;
	}
	if (slice_starts_nocase(line, wanted))
		return true;
	return error_set(connection->error, STATUS_OTHER, "%s: %s", command,
			 text_printable(connection->pool, slice_trim(line)));
}

bool smtp_ask(struct smtp_connection *connection, const char *wanted, const char *command)
{
	const char *line = pool_printf(connection->pool, "%s\r\n", command);

	buffer_reset(&connection->input);
	return smtp_send(connection, line, strlen(line)) &&
	       smtp_expect(connection, wanted, command);
}

bool smtp_offers(const struct smtp_connection *connection, const char *extension,
		 struct slice *parameters)
{
	struct slice rest = connection->offers;
	struct slice line;

	while (rest.len > 0 && slice_cut(&rest, '\n', &line)) {
		struct slice words =
		    slice_trim(slice_skip(line, line.len > CODE_LEN ? CODE_LEN + 1 : line.len));
		struct slice word;

		slice_cut(&words, ' ', &word);
		if (slice_is_nocase(word, extension)) {
			*parameters = words;
			return true;
		}
	}
	return false;
}

/* An address of a socket. */
struct endpoint {
	struct sockaddr_storage address;
	socklen_t len;
};

/* read_server - ADDRESS:PORT */
static bool read_server(const struct smtp_connection *connection, struct endpoint *server)
{
	struct slice text = slice_of(connection->server);
	size_t colon = slice_find_last(text, ':');
	struct sockaddr_in *ip4 = (struct sockaddr_in *)&server->address;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)&server->address;
	struct ip_address address;
	unsigned long long port;

	*server = (struct endpoint){.len = 0};
	if (colon == text.len || !ip_address_parse(slice_from(text.data, colon), &address) ||
	    !slice_to_number(slice_skip(text, colon + 1), PORT_MAX, &port))
		return error_set(connection->error, STATUS_CONFIG, "%s is not ADDRESS:PORT",
				 connection->server);
	server->address.ss_family = (sa_family_t)address.family;
	if (address.family == AF_INET) {
		ip4->sin_addr = address.a;
		ip4->sin_port = htons((uint16_t)port);
		server->len = sizeof(*ip4);
	} else {
		ip6->sin6_addr = address.aaaa;
		ip6->sin6_port = htons((uint16_t)port);
		server->len = sizeof(*ip6);
	}
	return true;
}

/* connect_within - waits for it; false with errno */
static bool connect_within(const struct smtp_connection *connection, const struct endpoint *server)
{
	socklen_t size = sizeof(errno);
	int error_number;

	if (connection->fd < 0)
		return false;
	if (connect(connection->fd, (const struct sockaddr *)&server->address, server->len) == 0)
		return true;
	if (errno != EINPROGRESS || !io_wait(connection->fd, POLLOUT, &connection->deadline) ||
	    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0)
		return false;
	errno = error_number;
	return error_number == 0;
}

/* greet_server - connects and learns what the server offers */
static bool greet_server(struct smtp_connection *connection)
{
	struct endpoint server;

	if (!read_server(connection, &server))
		return false;
	connection->fd =
	    socket(server.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (!connect_within(connection, &server))
		return smtp_failed(connection, connection->server);
	if (!smtp_expect(connection, "220", "connect") ||
	    !smtp_ask(connection, "250", "EHLO localhost"))
		return false;
	connection->offers =
	    slice_of(slice_copy(connection->pool, buffer_slice(&connection->input)));
	return true;
}

bool smtp_connect(struct smtp_connection *connection, struct pool *pool, const char *server,
		  const struct timespec *deadline, struct error *error)
{
	*connection = (struct smtp_connection){
	    .pool = pool, .server = server, .deadline = *deadline, .error = error, .fd = -1};
	buffer_init(&connection->input, SMTP_REPLY_MAX);
	return greet_server(connection);
}

void smtp_disconnect(struct smtp_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	buffer_free(&connection->input);
}
