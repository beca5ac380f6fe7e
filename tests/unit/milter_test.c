/*
 * milter: packets, messages and answers, over a pair of sockets
 */
#include "postfix/milter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/pool.h"
#include "mail/message.h"
#include "tap.h"

#define ALL_ACTIONS  0x1ffU
#define ALL_PROTOCOL 0x1fffffU
#define ROOM         (1U << 20)

static struct pool *pool;

/* The other side: what it has to say is all there before we read it. */
struct peer {
	int ends[2];
	struct milter *milter;
};

/* put - a packet, with NULs in the data */
static void put(const struct peer *peer, char command, const char *data, size_t len)
{
	const unsigned char head[] = {(unsigned char)((len + 1) >> 24),
				      (unsigned char)((len + 1) >> 16),
				      (unsigned char)((len + 1) >> 8), (unsigned char)(len + 1)};

	if (write(peer->ends[1], head, sizeof(head)) != (ssize_t)sizeof(head) ||
	    write(peer->ends[1], &command, 1) != 1 ||
	    write(peer->ends[1], data, len) != (ssize_t)len)
		abort();
}

#define PUT(peer, command, data) put(peer, command, data, sizeof(data) - 1)

/* put_numbers - an offer to negotiate */
static void put_offer(const struct peer *peer, uint32_t version, uint32_t actions,
		      uint32_t protocol)
{
	struct buffer data;

	buffer_init(&data, ROOM);
	milter_add_number(&data, version);
	milter_add_number(&data, actions);
	milter_add_number(&data, protocol);
	put(peer, 'O', data.data, data.len);
	buffer_free(&data);
}

static void open_peer(struct peer *peer)
{
	const int size = ROOM;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peer->ends) != 0)
		abort();
	setsockopt(peer->ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(peer->ends[1], F_SETFL, O_NONBLOCK);
	peer->milter = milter_new(peer->ends[0], peer->ends[0]);
}

static void close_peer(struct peer *peer)
{
	milter_free(peer->milter);
	close(peer->ends[0]);
	if (peer->ends[1] >= 0)
		close(peer->ends[1]);
}

/* said - what we have answered, with NUL as '.' and lengths as they are */
static const char *said(const struct peer *peer)
{
	char *text = pool_alloc(pool, ROOM);
	ssize_t got = read(peer->ends[1], text, ROOM - 1);

	for (ssize_t i = 0; i < got; i++) {
		if (text[i] < ' ')
			text[i] = text[i] == '\0' ? '.' : '?';
	}
	return text;
}

static enum milter_event next(const struct peer *peer)
{
	struct error error;

	return milter_next(peer->milter, &error);
}

/* begin - a session, with its first answers read */
static void begin(struct peer *peer)
{
	open_peer(peer);
	put_offer(peer, 6, ALL_ACTIONS, ALL_PROTOCOL);
	PUT(peer, 'D', "Cj\0mx\0");
	PUT(peer, 'C',
	    "mail.good.example\0004\x10\x92"
	    "192.0.2.10\0");
	PUT(peer, 'H', "helo\0");
}

static void test_negotiation(void)
{
	struct peer peer;

	begin(&peer);
	PUT(&peer, 'Q', "");
	is_number(next(&peer), MILTER_ENDED, "QUIT");
	ok(strstr(said(&peer), "O") != NULL, "an offer is answered");
	is_text(milter_client(peer.milter)->name, "mail.good.example", "the name of the client");
	is_text(milter_client(peer.milter)->address, "192.0.2.10", "its address");
	is_text(milter_client(peer.milter)->helo, "helo", "HELO");
	ok(!milter_client(peer.milter)->is_local, "a client");
	close_peer(&peer);
	open_peer(&peer);
	put_offer(&peer, 6, 0x1, ALL_PROTOCOL);
	is_number(next(&peer), MILTER_BROKEN, "one that cannot change fields");
	close_peer(&peer);
	open_peer(&peer);
	put_offer(&peer, 1, ALL_ACTIONS, ALL_PROTOCOL);
	is_number(next(&peer), MILTER_BROKEN, "a version of the last century");
	close_peer(&peer);
}

static void test_clients(void)
{
	static const struct {
		const char *data;
		size_t len;
		const char *address;
		bool is_local;
		const char *name;
	} cases[] = {
	    {"localhost\0"
	     "4\0\0"
	     "127.0.0.1\0",
	     24, "127.0.0.1", true, "sendmail(1)"},
	    {"localhost\0"
	     "4\0\1"
	     "127.0.0.1\0",
	     24, "127.0.0.1", false, "a client on this host"},
	    {"x\0"
	     "6\0\1"
	     "IPv6:2001:db8::1\0",
	     23, "2001:db8::1", false, "IPv6"},
	    {"x\0"
	     "6\0\1"
	     "2001:db8::1\0",
	     18, "2001:db8::1", false, "IPv6 without a prefix"},
	    {"[192.0.2.1]\0"
	     "U",
	     13, "", false, "unknown"},
	    {"x\0"
	     "L\0\0/run/x\0",
	     12, "", false, "a local socket"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer peer;

		open_peer(&peer);
		put_offer(&peer, 6, ALL_ACTIONS, ALL_PROTOCOL);
		put(&peer, 'C', cases[i].data, cases[i].len);
		PUT(&peer, 'Q', "");
		is_number(next(&peer), MILTER_ENDED, cases[i].name);
		is_text(milter_client(peer.milter)->address, cases[i].address, cases[i].name);
		is_number(milter_client(peer.milter)->is_local, cases[i].is_local, cases[i].name);
		close_peer(&peer);
	}
}

/* body_of - a message; it is in memory */
static const char *body_of(const struct milter_message *message)
{
	return pool_copy(pool, message->body.memory.data, message->body.memory.len);
}

static void test_message(void)
{
	const struct milter_message *message;
	struct peer peer;

	begin(&peer);
	PUT(&peer, 'M', "<alice@good.example>\0SIZE=1\0");
	PUT(&peer, 'R', "<bob@rcpt.test>\0");
	PUT(&peer, 'R', "<carol@rcpt.test>\0ORCPT=x\0");
	PUT(&peer, 'L', "From\0 alice\0");
	is_number(next(&peer), MILTER_CONTENT, "the content begins");
	PUT(&peer, 'L', "Subject\0\n\tfolded\0");
	PUT(&peer, 'N', "");
	PUT(&peer, 'B', "one\r\ntwo\r");
	PUT(&peer, 'B', "\nthree\r");
	PUT(&peer, 'B', "four\r\r\n");
	PUT(&peer, 'D', "Ei\0004F123\0");
	PUT(&peer, 'E', "five\r");
	is_number(next(&peer), MILTER_MESSAGE, "it is complete");
	message = milter_message(peer.milter);
	is_text(message->sender, "alice@good.example", "the sender");
	is_number((long long)message->recipient_count, 2, "the recipients");
	is_text(message->recipients[1], "carol@rcpt.test", "the second");
	is_text(message->queue_id, "4F123", "the queue ID");
	is_text(slice_copy(pool, buffer_slice(&message->header)),
		"From: alice\nSubject:\n\tfolded\n", "the header section");
	is_text(body_of(message), "one\ntwo\nthree\rfour\r\nfive\r", "the body");
	is_number((long long)message->body_len, 25, "its length");
	said(&peer);
	ok(milter_remove_field(peer.milter, message, 1) &&
	       milter_add_field(peer.milter, slice_of("X"), slice_of(" y")) &&
	       milter_finish(peer.milter, NULL),
	   "it is changed and taken");
	is_text(said(&peer), "...?m...?Subject.....?i....X. y....?c", "the answer");
	PUT(&peer, 'M', "<>\0");
	PUT(&peer, 'A', "");
	is_number(next(&peer), MILTER_IDLE, "a message that is given up");
	PUT(&peer, 'M', "<>\0");
	PUT(&peer, 'N', "");
	is_number(next(&peer), MILTER_CONTENT, "the next");
	PUT(&peer, 'E', "");
	is_number(next(&peer), MILTER_MESSAGE, "is complete");
	is_text(milter_message(peer.milter)->sender, "", "the null sender");
	is_text(milter_message(peer.milter)->queue_id, "NOQUEUE", "nothing is left of the last");
	said(&peer);
	milter_finish(peer.milter, "550 5.7.1 100% no");
	is_text(said(&peer), "...?y550 5.7.1 100%% no.", "a refusal; a percent sign is doubled");
	PUT(&peer, 'K', "");
	is_number(next(&peer), MILTER_IDLE, "the session is over");
	is_text(milter_client(peer.milter)->address, "", "and its client gone");
	close_peer(&peer);
}

static void is_slice(struct slice got, const char *wanted, const char *name)
{
	is_text(slice_copy(pool, got), wanted, name);
}

/* A header section has no greatest size: the tail is spooled with the body, for permerror. */
static void test_long(void)
{
	struct milter_message message;
	struct buffer value;
	size_t sent = 0;

	milter_message_init(&message);
	buffer_init(&value, ROOM);
	while (buffer_add_byte(&value, 'x'))
		continue;
	for (unsigned i = 0; i <= MILTER_HEADER_MAX / ROOM; i++) {
		milter_message_add_field(&message, slice_of("X"), buffer_slice(&value));
		sent += value.len + strlen("X:\n");
	}
	ok(!message.failed && message.has_tail, "a header section that is too large has a tail");
	milter_message_end(&message);
	ok(!message.failed && message.header.len + message.body_len == sent + strlen("\n"),
	   "nothing of it is lost, and its empty line is in the body");
	is_slice(milter_message_gap(&message), "", "which is not written twice");
	milter_message_reset(&message);
	is_slice(milter_message_gap(&message), "\n", "the next message has none");
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX + 3; i++)
		milter_message_add_field(&message, slice_of("X"), slice_of("y"));
	ok(!message.failed && message.field_count == MESSAGE_FIELDS_MAX + 1,
	   "fields beyond the limit are one");
	is_slice(milter_field_raw(&message, MESSAGE_FIELDS_MAX), "X:y\nX:y\nX:y\n",
		 "of all octets");
	is_slice(milter_field_name(&message, MESSAGE_FIELDS_MAX), "", "without a name");
	milter_message_add_field(&message, slice_of("Authentication-Results"), slice_of("y"));
	is_slice(milter_field_name(&message, MESSAGE_FIELDS_MAX + 1), "Authentication-Results",
		 "but results are apart: they may have to be removed");
	buffer_free(&value);
	milter_message_free(&message);
}

static void test_broken(void)
{
	static const struct {
		const char *octets;
		size_t len;
		const char *name;
	} cases[] = {
	    {"\0\0\0\0", 4, "a packet of no octets"},
	    {"\0\0\0\1", 4, "the end in the middle of a packet"},
	    {"\0\0\0\5H", 5, "the end in the middle of its data"},
	    {"\0\0\0\1Z", 5, "an unknown command"},
	    {"\0\0\0\1O", 5, "an offer of nothing"},
	    {"\0\0\0\2Hx", 6, "a text without an end"},
	    {"\0\0\0\1C", 5, "no client"},
	    {"\0\0\0\4Cx\0004", 8, "a client without a port"},
	    {"\0\0\0\1M", 5, "no sender"},
	    {"\0\0\0\1R", 5, "no recipient"},
	    {"\0\0\0\3Lx\0", 7, "a field without a value"},
	    {"\xff\xff\xff\xffHx", 6, "4 GiB of HELO"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer peer;

		open_peer(&peer);
		ok(write(peer.ends[1], cases[i].octets, cases[i].len) == (ssize_t)cases[i].len,
		   "%s", cases[i].name);
		shutdown(peer.ends[1], SHUT_WR);
		is_number(next(&peer), MILTER_BROKEN, "the connection is broken off");
		close_peer(&peer);
	}
}

int main(void)
{
	pool = pool_new();
	test_negotiation();
	test_clients();
	test_message();
	test_long();
	test_broken();
	pool_free(pool);
	return done();
}
