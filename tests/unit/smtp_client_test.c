/*
 * smtp_client: what goes over the wire to a server that answers as it is told, and what is no
 * success
 */
#include "postfix/smtp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "postfix/smtp_protocol.h"
#include "tap.h"

#define MANY 32000 /* words of a reply that is too long */

/* A server: what it says to a command that begins so; to others 250. */
struct server_script {
	const char *greeting;
	const char *hello;
	const char *command; /* or NULL */
	const char *answer;  /* "": it hangs up */
	const char *end;     /* after the message; NULL: 250 */
};

/* A delivery and what came of it. */
struct outcome {
	bool opened;
	bool taken;
	const char *reply;
	struct error error;
	char *wire; /* what the server has received */
};

static const struct server_script plain = {"220 mx ESMTP",
					   "250-mx\r\n250-8BITMIME\r\n250 SMTPUTF8"};

/* say_line - of the server */
static void say_line(FILE *out, const char *text)
{
	fprintf(out, "%s\r\n", text);
	fflush(out);
}

/* answer_to - a command */
static const char *answer_to(const struct server_script *script, const char *command)
{
	if (script->command != NULL &&
	    strncmp(command, script->command, strlen(script->command)) == 0)
		return script->answer;
	if (strncmp(command, "EHLO", 4) == 0)
		return script->hello;
	return strncmp(command, "DATA", 4) == 0 ? "354 go on" : "250 2.0.0 Ok";
}

/* serve - one connection, in a process of its own; what comes in is written to log */
static void serve(int listener, const struct server_script *script, int log)
{
	int fd = accept(listener, NULL, NULL);
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
	bool in_data = false;
	char line[8192];

	say_line(out, script->greeting);
	while (fgets(line, sizeof(line), in) != NULL) {
		const char *answer = answer_to(script, line);

		dprintf(log, "%s", line);
		if (in_data && strcmp(line, ".\r\n") != 0)
			continue;
		if (in_data)
			answer = script->end != NULL ? script->end : "250 2.0.0 queued as 1";
		in_data = !in_data && strncmp(line, "DATA", 4) == 0;
		if (*answer == '\0' || strncmp(line, "QUIT", 4) == 0)
			break;
		say_line(out, answer);
	}
	_exit(0);
}

/* listen_somewhere - a socket of 127.0.0.1 and ADDRESS:PORT */
static int listen_somewhere(char *server, size_t size)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		exit(1);
	snprintf(server, size, "127.0.0.1:%d", ntohs(address.sin_port));
	return fd;
}

/* file_with - a message in a file, at its start */
static int file_with(const char *text)
{
	int fd = memfd_create("message", 0);

	if (fd < 0 || !io_write(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) != 0)
		exit(1);
	return fd;
}

/* read_log - what the server has got */
static char *read_log(struct pool *pool, int log)
{
	off_t len = lseek(log, 0, SEEK_END);
	char *text = pool_alloc(pool, (size_t)len + 1);

	if (pread(log, text, (size_t)len, 0) != len)
		exit(1);
	return text;
}

/* deliver_to - that delivery to a server of that kind */
static struct outcome deliver_to(struct pool *pool, const struct server_script *script,
				 struct smtp_delivery delivery, const char *message)
{
	struct timespec deadline = deadline_after(10);
	struct outcome outcome = {.reply = NULL};
	int log = memfd_create("log", 0);
	char server[64];
	int listener = listen_somewhere(server, sizeof(server));
	struct smtp_session *session;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		serve(listener, script, log);
	close(listener);
	delivery.message = file_with(message);
	if (delivery.waiting == 0)
		delivery.waiting = getppid();
	session = smtp_open(pool, server, &deadline, &outcome.error);
	outcome.opened = session != NULL;
	if (session != NULL) {
		outcome.taken = smtp_deliver(session, &delivery, &outcome.reply, &outcome.error);
		smtp_close(session);
	}
	waitpid(child, NULL, 0);
	outcome.wire = read_log(pool, log);
	close(log);
	close(delivery.message);
	return outcome;
}

static char *one[] = {"bob@example.com"};
static char *two[] = {"bob@example.com", "carol@example.com"};

/* deliver_plain - from alice to bob */
static struct outcome deliver_plain(struct pool *pool, const struct server_script *script,
				    const char *message)
{
	return deliver_to(pool, script,
			  (struct smtp_delivery){.sender = "alice@example.org",
						 .recipients = one,
						 .recipient_count = 1},
			  message);
}

static void test_wire(struct pool *pool)
{
	struct outcome got = deliver_to(
	    pool, &plain,
	    (struct smtp_delivery){.sender = "", .recipients = two, .recipient_count = 2},
	    "Subject: x\n\n.\n..two\nlast");

	ok(got.taken, "a message is delivered");
	is_text(got.reply, "250 2.0.0 queued as 1", "... with the last reply of the server");
	is_text(got.wire,
		"EHLO localhost\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n"
		"RCPT TO:<carol@example.com>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n...two\r\nlast\r\n"
		".\r\nQUIT\r\n",
		"... to all recipients, line ends as SMTP has them, dots doubled (RFC 5321 4.5.2)");
}

static void test_needs(struct pool *pool)
{
	static const char with_utf8[] =
	    "Received: from a by b with UTF8SMTP id 1\nSubject: x\n\nx\n";
	static const struct server_script bare = {"220 mx", "250 mx"};
	struct outcome got = deliver_plain(pool, &plain, "Subject: x\n\n\xc3\xa4\n");

	ok(strstr(got.wire, "MAIL FROM:<alice@example.org> BODY=8BITMIME\r\n") != NULL,
	   "octets above 127 are announced (RFC 6152)");
	got = deliver_plain(pool, &bare, "Subject: x\n\n\xc3\xa4\n");
	ok(got.taken && strstr(got.wire, "MAIL FROM:<alice@example.org>\r\n") != NULL,
	   "... but not to a server that does not offer it");
	got = deliver_plain(pool, &plain, with_utf8);
	ok(got.taken && strstr(got.wire, " SMTPUTF8\r\n") != NULL,
	   "what came with SMTPUTF8 goes on with it (RFC 6531)");
	got = deliver_plain(pool, &bare, with_utf8);
	ok(!got.taken && strstr(got.error.text, "does not offer SMTPUTF8") != NULL,
	   "... and not at all to a server without it");
	got = deliver_to(pool, &plain,
			 (struct smtp_delivery){.sender = "\xc3\xa4@example.org",
						.recipients = one,
						.recipient_count = 1},
			 "Subject: x\n\nx\n");
	ok(strstr(got.wire, "@example.org> SMTPUTF8\r\n") != NULL, "an address may need it, too");
}

static void test_refusals(struct pool *pool)
{
	static const struct {
		struct server_script script;
		const char *error;
		const char *name;
	} cases[] = {
	    {{"554 go away", "250 mx"}, "connect: 554 go away", "the greeting"},
	    {{"220 mx", "502 no"}, "EHLO localhost: 502 no", "EHLO"},
	    {{"220 mx", "250 mx", "MAIL", "550 no"},
	     "MAIL FROM:<alice@example.org>: 550 no",
	     "the sender"},
	    {{"220 mx", "250 mx", "RCPT", "450 later"},
	     "RCPT TO:<bob@example.com>: 450 later",
	     "a recipient"},
	    {{"220 mx", "250 mx", "DATA", "250 what?"}, "DATA: 250 what?", "DATA"},
	    {{"220 mx", "250 mx", .end = "452 full"}, "end of DATA: 452 full", "the message"},
	    {{"220 mx", "250 mx", .end = "250\x1b[2J"}, NULL, "nothing"},
	    {{"220 mx", "250 mx", "MAIL", ""},
	     "MAIL FROM:<alice@example.org>: connection lost",
	     "a connection that ends"},
	    {{"220 mx", "250 mx", .end = ""}, "end of DATA: connection lost", "... at the end"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome got = deliver_plain(pool, &cases[i].script, "Subject: x\n\nx\n");

		if (cases[i].error == NULL)
			is_text(got.reply, "250?[2J", "a reply cannot write on a terminal");
		else if (ok(!got.taken, "no success: %s", cases[i].name))
			is_text(got.error.text, cases[i].error, "... as the server says");
	}
}

static void test_long_reply(struct pool *pool)
{
	char *reply = pool_alloc(pool, 2 * SMTP_REPLY_MAX);
	struct server_script script = {"220 mx", reply};
	struct outcome got;

	memset(reply, 'x', SMTP_REPLY_MAX + MANY);
	memcpy(reply, "250-", 4);
	got = deliver_plain(pool, &script, "Subject: x\n\nx\n");
	ok(!got.opened && strstr(got.error.text, "the reply is too long") != NULL,
	   "a reply without end is cut off");
}

static void test_addresses(struct pool *pool)
{
	static char *split[] = {"bob@example.com>\r\nRCPT TO:<eve@example.com"};
	struct outcome got = deliver_to(
	    pool, &plain,
	    (struct smtp_delivery){.sender = "", .recipients = split, .recipient_count = 1},
	    "Subject: x\n\nx\n");

	ok(!got.taken && strstr(got.error.text, "line end in the address") != NULL,
	   "an address that is two commands is refused");
	is_text(got.wire, "EHLO localhost\r\n", "... before anything of it is said");
}

static void test_parent(struct pool *pool)
{
	struct outcome got = deliver_to(
	    pool, &plain,
	    (struct smtp_delivery){
		.sender = "", .recipients = one, .recipient_count = 1, .waiting = 1 + getppid()},
	    "Subject: x\n\nx\n");

	ok(!got.taken && strstr(got.wire, "\r\n.\r\n") == NULL,
	   "nothing is delivered for a parent that is gone: Postfix would do it again");
}

/* xforward - what the server is told with these attributes */
static struct outcome xforward(struct pool *pool, const char *known, char **attributes,
			       size_t count)
{
	struct server_script script = {"220 mx", known, "XFORWARD", "550 not from you"};

	return deliver_to(pool, &script,
			  (struct smtp_delivery){.sender = "",
						 .recipients = one,
						 .recipient_count = 1,
						 .attributes = attributes,
						 .attribute_count = count},
			  "Subject: x\n\nx\n");
}

static void test_xforward(struct pool *pool)
{
	static const char some[] = "250-mx\r\n250 XFORWARD NAME ADDR HELO";
	char longest[300] = "HELO=";
	char *attributes[] = {"NAME=mail.example.org", "ADDR=192.0.2.1", "PORT=1",
			      "HELO=a b+c\r\n"};
	char *odd[] = {"NAME=unknown", "ADDR=", longest};
	char *none[] = {"NAME"};
	struct outcome got = xforward(pool, some, attributes, 4);

	ok(strstr(got.wire,
		  "XFORWARD NAME=mail.example.org ADDR=192.0.2.1 HELO=a+20b+2Bc+0D+0A\r\n") != NULL,
	   "attributes that the server knows, in xtext (RFC 3461 4)");
	ok(got.taken, "... and if it refuses them, the message is delivered all the same");
	got = xforward(pool, "250 mx", attributes, 4);
	ok(got.taken && strstr(got.wire, "XFORWARD") == NULL,
	   "... nothing to one without XFORWARD");
	memset(longest + 5, 'x', sizeof(longest) - 6);
	got = xforward(pool, some, odd, 3);
	ok(strstr(got.wire,
		  "XFORWARD NAME=[UNAVAILABLE] ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE]\r\n") != NULL,
	   "what is not known or too long is unavailable");
	got = xforward(pool, some, none, 1);
	ok(!got.taken && strstr(got.error.text, "NAME is not NAME=VALUE") != NULL,
	   "what is no attribute is an error");
}

static void test_long_xforward(struct pool *pool)
{
	char name[256] = "NAME=", helo[256] = "HELO=", addr[64] = "ADDR=192.0.2.1";
	char *attributes[] = {name, helo, addr};
	struct outcome got;

	memset(name + 5, 'n', 250);
	memset(helo + 5, 'h', 250);
	got = xforward(pool, "250 XFORWARD NAME ADDR HELO", attributes, 3);
	ok(got.taken && strstr(got.wire, "\r\nXFORWARD HELO=") != NULL,
	   "attributes go into a second command where one would be longer than 512 octets");
}

static void test_servers(struct pool *pool)
{
	static const char *const bad[] = {"mx.example.org:25", "127.0.0.1", "127.0.0.1:70000",
					  "127.0.0.1:",        ":25",       ""};
	struct timespec deadline = deadline_after(1);
	struct error error;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(smtp_open(pool, bad[i], &deadline, &error) == NULL &&
		       strcmp(error.status, STATUS_CONFIG) == 0,
		   "\"%s\" is not ADDRESS:PORT", bad[i]);
}

static void test_silence(struct pool *pool)
{
	struct timespec deadline = deadline_after(0.2), start = deadline_after(0);
	char server[64];
	int listener = listen_somewhere(server, sizeof(server));
	struct error error;

	ok(smtp_open(pool, server, &deadline, &error) == NULL && deadline_passed(&start) < 5,
	   "a server that says nothing is waited for until the deadline");
	close(listener);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_wire(pool);
	test_needs(pool);
	test_refusals(pool);
	test_long_reply(pool);
	test_addresses(pool);
	test_parent(pool);
	test_xforward(pool);
	test_long_xforward(pool);
	test_servers(pool);
	test_silence(pool);
	pool_free(pool);
	return done();
}
