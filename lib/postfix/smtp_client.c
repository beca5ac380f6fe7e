/*
 * smtp_client - hands a message to an SMTP server; see postfix/smtp_client.h
 *
 * RFC 5321 (SMTP), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), Postfix XFORWARD_README.
 */
#include "postfix/smtp_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/ip_address.h"
#include "mail/message.h"

#define CODE_LEN    3    /* digits of a reply */
#define REPLY_CHUNK 1024 /* octets of a reply to make room for */
#define PORT_MAX    65535
#define XFORWARD    "XFORWARD"
#define STUFFED_MAX (2 * IO_CHUNK + 1) /* of a chunk of line ends, and a dot before it */

/* Octets, with the line end; Postfix XFORWARD_README */
#define XFORWARD_COMMAND_MAX 512
#define XFORWARD_VALUE_MAX   255

struct smtp_session {
	struct pool *pool;
	const char *server;
	struct timespec deadline;
	const struct smtp_delivery *delivery;
	struct error *error;
	int fd;
	struct buffer input; /* the reply to the last command */
	struct slice offers; /* the lines of the reply to EHLO */
	bool eight_bit;      /* there are octets above 127 in the message */
	bool utf8;           /* it came with SMTPUTF8 */
};

/* failed - with errno */
static bool failed(const struct smtp_session *session, const char *what)
{
	return error_set(session->error, STATUS_OTHER, "%s: %s", what, strerror(errno));
}

/* say - to the server, as it is */
static bool say(struct smtp_session *session, const char *data, size_t len)
{
	return io_send(session->fd, data, len, &session->deadline) ||
	       failed(session, "connection lost");
}

/* receive - more octets of a reply */
static bool receive(struct smtp_session *session, const char *command)
{
	char *room = buffer_reserve(&session->input, REPLY_CHUNK);
	ssize_t got;

	if (room == NULL)
		return error_set(session->error, STATUS_OTHER, "%s: the reply is too long",
				 command);
	got = io_receive(session->fd, room, REPLY_CHUNK, &session->deadline);
	if (got < 0)
		return failed(session, command);
	if (got == 0)
		return error_set(session->error, STATUS_OTHER, "%s: connection lost", command);
	session->input.len += (size_t)got;
	return true;
}

/* last_line - of a reply (RFC 5321 4.2.1); false if it has not arrived yet */
static bool last_line(const struct smtp_session *session, struct slice *line)
{
	struct slice rest = buffer_slice(&session->input);

	while (rest.len > 0 && slice_find(rest, '\n') < rest.len && slice_cut(&rest, '\n', line)) {
		if (line->len <= CODE_LEN || line->data[CODE_LEN] != '-')
			return true;
	}
	return false;
}

/* expect - the reply to a command, which has to be of the kind that is wanted */
static bool expect(struct smtp_session *session, const char *wanted, const char *command)
{
	struct slice line;

	while (!last_line(session, &line)) {
		if (!receive(session, command))
			return false;
	}
	if (slice_starts_nocase(line, wanted))
		return true;
	return error_set(session->error, STATUS_OTHER, "%s: %s", command,
			 text_printable(session->pool, slice_trim(line)));
}

/* ask - a command and its reply */
static bool ask(struct smtp_session *session, const char *wanted, const char *command)
{
	const char *line = pool_printf(session->pool, "%s\r\n", command);

	buffer_reset(&session->input);
	return say(session, line, strlen(line)) && expect(session, wanted, command);
}

/* offered - does the server have this extension? *parameters are what stands behind it */
static bool offered(const struct smtp_session *session, const char *extension,
		    struct slice *parameters)
{
	struct slice rest = session->offers;
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

/* has_word - is this one of the words between blanks? */
static bool has_word(struct slice words, struct slice wanted)
{
	struct slice word;

	while (words.data != NULL && slice_cut(&words, ' ', &word)) {
		if (slice_equal_nocase(word, wanted))
			return true;
	}
	return false;
}

/* An address of a socket. */
struct endpoint {
	struct sockaddr_storage address;
	socklen_t len;
};

/* read_server - ADDRESS:PORT */
static bool read_server(const struct smtp_session *session, struct endpoint *server)
{
	struct slice text = slice_of(session->server);
	size_t colon = slice_find_last(text, ':');
	struct sockaddr_in *ip4 = (struct sockaddr_in *)&server->address;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)&server->address;
	struct ip_address address;
	unsigned long long port;

	*server = (struct endpoint){.len = 0};
	if (colon == text.len || !ip_address_parse(slice_from(text.data, colon), &address) ||
	    !slice_to_number(slice_skip(text, colon + 1), PORT_MAX, &port))
		return error_set(session->error, STATUS_CONFIG, "%s is not ADDRESS:PORT",
				 session->server);
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
static bool connect_within(const struct smtp_session *session, const struct endpoint *server)
{
	socklen_t size = sizeof(errno);
	int error_number;

	if (session->fd < 0)
		return false;
	if (connect(session->fd, (const struct sockaddr *)&server->address, server->len) == 0)
		return true;
	if (errno != EINPROGRESS || !io_wait(session->fd, POLLOUT, &session->deadline) ||
	    getsockopt(session->fd, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0)
		return false;
	errno = error_number;
	return error_number == 0;
}

/* greet - connects and learns what the server offers */
static bool greet(struct smtp_session *session)
{
	struct endpoint server;

	if (!read_server(session, &server))
		return false;
	session->fd =
	    socket(server.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (!connect_within(session, &server))
		return failed(session, session->server);
	if (!expect(session, "220", "connect") || !ask(session, "250", "EHLO localhost"))
		return false;
	session->offers = slice_of(slice_copy(session->pool, buffer_slice(&session->input)));
	return true;
}

/* put_xtext - the value of an attribute (RFC 3461 4) */
static void put_xtext(struct buffer *line, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value >= '!' && *value <= '~' && *value != '+' && *value != '=')
			buffer_add_byte(line, *value);
		else
			buffer_printf(line, "+%02X", (unsigned char)*value);
	}
}

/* put_attribute - " NAME=VALUE" */
static void put_attribute(struct buffer *words, struct slice name, const char *value)
{
	size_t start;

	buffer_add_byte(words, ' ');
	buffer_add_slice(words, name);
	buffer_add_byte(words, '=');
	start = words->len;
	if (strcmp(value, "unknown") != 0)
		put_xtext(words, value);
	if (!words->overflow && words->len - start > 0 && words->len - start <= XFORWARD_VALUE_MAX)
		return;
	/* A client may have said what is too long. */
	words->len = start;
	words->overflow = false;
	buffer_add_text(words, "[UNAVAILABLE]");
}

/*
 * forward_attributes - as many as one command takes, from *index on; what the server does not know
 * is left out, and if it refuses the others, that is no reason to keep the message
 */
static bool forward_attributes(struct smtp_session *session, struct slice known, size_t *index)
{
	const struct smtp_delivery *delivery = session->delivery;
	struct pool *pool = session->pool;
	const char *command = XFORWARD;
	struct buffer words;

	for (; *index < delivery->attribute_count; ++*index) {
		const char *attribute = delivery->attributes[*index];
		struct slice text = slice_of(attribute);
		struct slice name = slice_from(text.data, slice_find(text, '='));
		const char *longer;

		if (name.len == text.len)
			return error_set(session->error, STATUS_CONFIG, "%s is not NAME=VALUE",
					 attribute);
		if (!has_word(known, name))
			continue;
		buffer_init(&words, XFORWARD_COMMAND_MAX);
		put_attribute(&words, name, attribute + name.len + 1);
		longer = pool_printf(pool, "%s%s", command, slice_copy(pool, buffer_slice(&words)));
		buffer_free(&words);
		if (strlen(longer) + strlen("\r\n") > XFORWARD_COMMAND_MAX &&
		    strcmp(command, XFORWARD) != 0)
			break;
		command = longer;
	}
	return strcmp(command, XFORWARD) == 0 || ask(session, "", command);
}

/* forward_client - tells the server whom the message came from, so that its log names them */
static bool forward_client(struct smtp_session *session)
{
	struct slice known;
	size_t index = 0;

	if (!offered(session, XFORWARD, &known))
		return true;
	while (index < session->delivery->attribute_count) {
		if (!forward_attributes(session, known, &index))
			return false;
	}
	return true;
}

/* note_octets - message_sink: are there any above 127? */
static void note_octets(void *context, const char *data, size_t len)
{
	struct smtp_session *session = context;

	session->eight_bit = session->eight_bit || !slice_is_ascii(slice_from(data, len));
}

/* came_with_utf8 - as the topmost Received field has it; pipe(8) does not tell */
static bool came_with_utf8(struct pool *pool, const struct message *message)
{
	size_t index = message_find(message, "Received", 0);
	const char *last = "";
	char *rest;

	if (index == message_field_count(message))
		return false;
	rest = slice_copy(pool, message_field(message, index)->value);
	for (const char *word; (word = strtok_r(rest, " \t\r\n", &rest)) != NULL; last = word) {
		if (strcmp(last, "with") == 0 && strncmp(word, "UTF8", strlen("UTF8")) == 0)
			return true;
	}
	return false;
}

/* survey - reads the message for what the server has to be able to take */
static bool survey(struct smtp_session *session)
{
	const struct smtp_delivery *delivery = session->delivery;
	struct message *message = message_new();
	bool good;

	message_discard_body(message);
	good = message_read_header(message, source_of_fd(delivery->message), session->error);
	for (size_t i = 0; good && i < message_field_count(message); i++) {
		struct slice raw = message_field(message, i)->raw;

		note_octets(session, raw.data, raw.len);
	}
	good = good && message_read_body(message, source_of_fd(delivery->message), note_octets,
					 session, session->error);
	session->utf8 = good && came_with_utf8(session->pool, message);
	message_free(message);
	if (good && lseek(delivery->message, 0, SEEK_SET) != 0)
		return failed(session, "cannot read the message again");
	return good;
}

/* check_address - no line end may make two commands of one */
static bool check_address(struct smtp_session *session, const char *address)
{
	session->utf8 = session->utf8 || !slice_is_ascii(slice_of(address));
	if (address[strcspn(address, "\r\n")] == '\0')
		return true;
	return error_set(session->error, STATUS_OTHER, "there is a line end in the address <%s>",
			 text_printable(session->pool, slice_of(address)));
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
	bool takes_eight_bit = offered(session, "8BITMIME", &parameters);

	if (session->utf8 && !offered(session, "SMTPUTF8", &parameters))
		return error_set(session->error, STATUS_OTHER, "%s does not offer SMTPUTF8",
				 session->server);
	return ask(session, "250",
		   pool_printf(session->pool, "MAIL FROM:<%s>%s%s", session->delivery->sender,
			       session->eight_bit && takes_eight_bit ? " BODY=8BITMIME" : "",
			       session->utf8 ? " SMTPUTF8" : ""));
}

/* send_envelope - a recipient that is refused holds up the others */
static bool send_envelope(struct smtp_session *session)
{
	const struct smtp_delivery *delivery = session->delivery;

	if (!send_sender(session))
		return false;
	for (size_t i = 0; i < delivery->recipient_count; i++) {
		if (!ask(session, "250",
			 pool_printf(session->pool, "RCPT TO:<%s>", delivery->recipients[i])))
			return false;
	}
	return ask(session, "354", "DATA");
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
	return say(session, wire->data, wire->len);
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
		return failed(session, "cannot read the message");
	return begins || say(session, "\r\n", strlen("\r\n"));
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

/* finish - the end of the message: from its reply on, the server has it */
static bool finish(struct smtp_session *session)
{
	static const char quit[] = "QUIT\r\n";

	if (getppid() != session->delivery->waiting)
		return error_set(session->error, STATUS_OTHER, "pipe(8) is gone");
	buffer_reset(&session->input);
	if (!say(session, ".\r\n", strlen(".\r\n")) || !expect(session, "250", "end of DATA"))
		return false;
	send(session->fd, quit, strlen(quit), MSG_NOSIGNAL); /* whatever comes of it */
	return true;
}

struct smtp_session *smtp_open(struct pool *pool, const char *server,
			       const struct timespec *deadline, struct error *error)
{
	struct smtp_session *session = pool_alloc(pool, sizeof(*session));

	*session = (struct smtp_session){
	    .pool = pool, .server = server, .deadline = *deadline, .error = error, .fd = -1};
	buffer_init(&session->input, SMTP_REPLY_MAX);
	if (greet(session))
		return session;
	smtp_close(session);
	return NULL;
}

bool smtp_deliver(struct smtp_session *session, const struct smtp_delivery *delivery,
		  const char **reply, struct error *error)
{
	session->delivery = delivery;
	session->error = error;
	if (!survey(session) || !check_addresses(session) || !forward_client(session) ||
	    !send_envelope(session) || !send_message(session) || !finish(session))
		return false;
	*reply = text_printable(session->pool, slice_trim(buffer_slice(&session->input)));
	return true;
}

void smtp_close(struct smtp_session *session)
{
	if (session->fd >= 0)
		close(session->fd);
	buffer_free(&session->input);
}
