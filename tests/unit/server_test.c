/*
 * server_test - the exchange with name servers: deadlines, retries, TCP, forged packets
 *
 * A child process plays two name servers on loopback addresses. The first label
 * of a name tells it how to misbehave; it counts what it was asked.
 */
#include "dns/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

#define SERVERS        2
#define LARGE          40000 /* octets of the TXT record that only TCP can carry */
#define PACKET_MAX     65535
#define MARGIN         2     /* seconds that a busy machine may add */
#define MOMENT         50000 /* microseconds, for the child to count what may be under way */
#define LIFETIME       60    /* seconds after which the child ends, whatever happens */
#define ANSWER_FLAGS   0x8180
#define TRUNCATED_FLAG 0x0200

/* What the child was asked, in memory that both processes share. */
struct counts {
	unsigned udp[SERVERS];
	unsigned tcp[SERVERS];
};

/* One of the servers. */
struct fake {
	struct sockaddr_in address;
	int udp;
	int tcp;
};

/* A query that has to be answered. */
struct query {
	unsigned server;
	unsigned char data[512];
	size_t len;
	struct sockaddr_in from; /* UDP */
};

static struct fake fakes[SERVERS];
static struct counts *counts;

static bool asks_for(const struct query *query, const char *label)
{
	return query->data[12] == strlen(label) &&
	       memcmp(query->data + 13, label, strlen(label)) == 0;
}

static bool has_edns(const struct query *query)
{
	return query->data[11] != 0;
}

static void add16(struct buffer *octets, unsigned value)
{
	buffer_add_byte(octets, (char)(value >> 8));
	buffer_add_byte(octets, (char)value);
}

/* begin - header and question of a response */
static void begin(struct buffer *reply, const struct query *query, unsigned flags, unsigned count)
{
	size_t len = 12;

	while (query->data[len] != 0)
		len += 1U + query->data[len];
	buffer_reset(reply);
	buffer_add(reply, query->data, 2);
	add16(reply, flags);
	add16(reply, 1);
	add16(reply, count);
	add16(reply, 0);
	add16(reply, 0);
	buffer_add(reply, query->data + 12, len + 5 - 12);
}

/* add_record - to the answer, for the name of the question */
static void add_record(struct buffer *reply, unsigned type, const void *data, size_t len)
{
	add16(reply, 0xc00c);
	add16(reply, type);
	add16(reply, ns_c_in);
	add16(reply, 0);
	add16(reply, 60);
	add16(reply, (unsigned)len);
	buffer_add(reply, data, len);
}

static void add_large(struct buffer *reply)
{
	struct buffer text;

	buffer_init(&text, LARGE + LARGE / 200);
	for (unsigned i = 0; i < LARGE / 200; i++) {
		buffer_add_byte(&text, (char)200);
		memset(buffer_reserve(&text, 200), 'x', 200);
		text.len += 200;
	}
	add_record(reply, ns_t_txt, text.data, text.len);
	buffer_free(&text);
}

static void send_reply(const struct query *query, const struct buffer *reply)
{
	sendto(fakes[query->server].udp, reply->data, reply->len, 0,
	       (const struct sockaddr *)&query->from, sizeof(query->from));
}

/* One way to behave over UDP; the flags are those of the header. */
typedef void behaviour(const struct query *query, struct buffer *reply, unsigned flags);

/* reply_found - TXT "yes" */
static void reply_found(const struct query *query, struct buffer *reply, unsigned flags)
{
	begin(reply, query, flags, 1);
	add_record(reply, ns_t_txt, "\3yes", 4);
	send_reply(query, reply);
}

/* reply_empty - no records */
static void reply_empty(const struct query *query, struct buffer *reply, unsigned flags)
{
	begin(reply, query, flags, 0);
	send_reply(query, reply);
}

/* reply_alias - a CNAME from alias to found, ping to pong or pong to ping, and nothing else */
static void reply_alias(const struct query *query, struct buffer *reply, unsigned flags)
{
	begin(reply, query, flags, 1);
	if (asks_for(query, "alias"))
		add_record(reply, ns_t_cname, "\5found\xc0\x12", 8);
	else
		add_record(reply, ns_t_cname,
			   asks_for(query, "ping") ? "\4pong\xc0\x11" : "\4ping\xc0\x11", 7);
	send_reply(query, reply);
}

/* reply_forged - wrong id, wrong question, nothing, half a header */
static void reply_forged(const struct query *query, struct buffer *reply, unsigned flags)
{
	begin(reply, query, flags, 1);
	add_record(reply, ns_t_txt, "\6forged", 7);
	reply->data[0] = (char)(reply->data[0] ^ 1);
	send_reply(query, reply);
	reply->data[0] = (char)(reply->data[0] ^ 1);
	reply->data[13] = (char)(reply->data[13] ^ 1);
	send_reply(query, reply);
	buffer_reset(reply);
	send_reply(query, reply);
	buffer_add(reply, query->data, 6);
	send_reply(query, reply);
}

/* reply_spoofed - the real answer after forged ones */
static void reply_spoofed(const struct query *query, struct buffer *reply, unsigned flags)
{
	reply_forged(query, reply, flags);
	reply_found(query, reply, flags);
}

/* reply_formerr - a server that never heard of EDNS0 and sends no question back */
static void reply_formerr(const struct query *query, struct buffer *reply, unsigned flags)
{
	if (!has_edns(query)) {
		reply_found(query, reply, flags);
		return;
	}
	begin(reply, query, flags | ns_r_formerr, 0);
	reply->data[5] = 0;
	reply->len = 12;
	send_reply(query, reply);
}

/* reply_broken - the header announces a record that is not there */
static void reply_broken(const struct query *query, struct buffer *reply, unsigned flags)
{
	begin(reply, query, flags, 1);
	send_reply(query, reply);
}

/* reply_refused0 - the first server refuses */
static void reply_refused0(const struct query *query, struct buffer *reply, unsigned flags)
{
	if (query->server == 0)
		reply_empty(query, reply, flags | ns_r_refused);
	else
		reply_found(query, reply, flags);
}

/* reply_silent0 - the first server is silent */
static void reply_silent0(const struct query *query, struct buffer *reply, unsigned flags)
{
	if (query->server != 0)
		reply_found(query, reply, flags);
}

/* reply_late - the first server answers only when the second was asked, which is silent */
static void reply_late(const struct query *query, struct buffer *reply, unsigned flags)
{
	static struct query pending;

	if (query->server == 0)
		pending = *query;
	else
		reply_found(&pending, reply, flags);
}

static const struct {
	const char *label;
	behaviour *reply;
	unsigned flags;
} behaviours[] = {
    {"found", reply_found, ANSWER_FLAGS},
    {"nodata", reply_empty, ANSWER_FLAGS},
    {"nxdomain", reply_empty, ANSWER_FLAGS | ns_r_nxdomain},
    {"servfail", reply_empty, ANSWER_FLAGS | ns_r_servfail},
    {"notimp", reply_empty, ANSWER_FLAGS | ns_r_notimpl},
    {"refused0", reply_refused0, ANSWER_FLAGS},
    {"silent0", reply_silent0, ANSWER_FLAGS},
    {"late", reply_late, ANSWER_FLAGS},
    {"formerr", reply_formerr, ANSWER_FLAGS},
    {"broken", reply_broken, ANSWER_FLAGS},
    {"forged", reply_forged, ANSWER_FLAGS},
    {"spoofed", reply_spoofed, ANSWER_FLAGS},
    {"alias", reply_alias, ANSWER_FLAGS},
    {"ping", reply_alias, ANSWER_FLAGS},
    {"pong", reply_alias, ANSWER_FLAGS},
    {"tc", reply_empty, ANSWER_FLAGS | TRUNCATED_FLAG},
    {"tchang", reply_empty, ANSWER_FLAGS | TRUNCATED_FLAG},
    {"tcstop", reply_empty, ANSWER_FLAGS | TRUNCATED_FLAG},
    {"tcclose", reply_empty, ANSWER_FLAGS | TRUNCATED_FLAG},
    {"tcforged", reply_empty, ANSWER_FLAGS | TRUNCATED_FLAG},
};

/* reply_udp - as the label wants it; any other label is met with silence */
static void reply_udp(const struct query *query, struct buffer *reply)
{
	for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
		if (asks_for(query, behaviours[i].label))
			behaviours[i].reply(query, reply, behaviours[i].flags);
	}
}

/* reply_tcp - on a connection; true if it may be closed */
static bool reply_tcp(const struct query *query, int fd, struct buffer *reply)
{
	unsigned char prefix[2];

	if (asks_for(query, "tcclose"))
		return true;
	begin(reply, query, ANSWER_FLAGS, 1);
	add_large(reply);
	prefix[0] = (unsigned char)(reply->len >> 8);
	prefix[1] = (unsigned char)reply->len;
	if (send(fd, prefix, 1, 0) != 1 || usleep(20000) != 0 || send(fd, prefix + 1, 1, 0) != 1)
		return true;
	if (asks_for(query, "tcstop"))
		reply->len = 1000;
	if (asks_for(query, "tcforged"))
		reply->data[0] = (char)(reply->data[0] ^ 1);
	for (size_t sent = 0; sent < reply->len;) {
		ssize_t len = send(fd, reply->data + sent, reply->len - sent, 0);

		if (len <= 0)
			return true;
		sent += (size_t)len;
	}
	return !asks_for(query, "tcstop");
}

static void serve_udp(unsigned server, struct buffer *reply)
{
	struct query query = {.server = server};
	socklen_t size = sizeof(query.from);
	ssize_t len = recvfrom(fakes[server].udp, query.data, sizeof(query.data), 0,
			       (struct sockaddr *)&query.from, &size);

	counts->udp[server]++;
	query.len = len > 0 ? (size_t)len : 0;
	reply_udp(&query, reply);
}

/* serve_tcp - one connection; one that must hang stays open */
static void serve_tcp(unsigned server, struct buffer *reply)
{
	struct query query = {.server = server};
	int fd = accept(fakes[server].tcp, NULL, NULL);
	unsigned char prefix[2];

	counts->tcp[server]++;
	if (recv(fd, prefix, 2, MSG_WAITALL) != 2)
		return;
	query.len = (size_t)prefix[0] << 8 | prefix[1];
	if (query.len > sizeof(query.data) ||
	    recv(fd, query.data, query.len, MSG_WAITALL) != (ssize_t)query.len)
		return;
	if (!asks_for(&query, "tchang") && reply_tcp(&query, fd, reply))
		close(fd);
}

/* serve - the child */
static void serve(void)
{
	struct pollfd sockets[2 * SERVERS];
	struct buffer reply;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	alarm(LIFETIME);
	buffer_init(&reply, PACKET_MAX);
	for (unsigned i = 0; i < SERVERS; i++) {
		sockets[2 * i] = (struct pollfd){.fd = fakes[i].udp, .events = POLLIN};
		sockets[2 * i + 1] = (struct pollfd){.fd = fakes[i].tcp, .events = POLLIN};
	}
	for (;;) {
		poll(sockets, 2 * SERVERS, -1);
		for (unsigned i = 0; i < SERVERS; i++) {
			if (sockets[2 * i].revents != 0)
				serve_udp(i, &reply);
			if (sockets[2 * i + 1].revents != 0)
				serve_tcp(i, &reply);
		}
	}
}

/* open_fake - UDP and TCP on the same port */
static bool open_fake(struct fake *fake)
{
	socklen_t size = sizeof(fake->address);

	fake->address = (struct sockaddr_in){.sin_family = AF_INET};
	fake->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fake->udp = socket(AF_INET, SOCK_DGRAM, 0);
	fake->tcp = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fake->tcp, (struct sockaddr *)&fake->address, size) == 0 &&
	    getsockname(fake->tcp, (struct sockaddr *)&fake->address, &size) == 0 &&
	    bind(fake->udp, (struct sockaddr *)&fake->address, size) == 0 &&
	    listen(fake->tcp, 10) == 0)
		return true;
	close(fake->udp);
	close(fake->tcp);
	return false;
}

/* start_fakes - returns the child's process id */
static pid_t start_fakes(void)
{
	pid_t child;

	counts =
	    mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < SERVERS; i++) {
		unsigned tries = 0;

		while (!open_fake(&fakes[i]) && ++tries < 20)
			;
		if (tries == 20) {
			printf("Bail out! no free port on a loopback address\n");
			exit(1);
		}
	}
	fflush(stdout);
	child = fork();
	if (child == 0)
		serve();
	return child;
}

/* The outcome of one question. */
struct outcome {
	struct dns_answer answer;
	double seconds;
	unsigned queries; /* taken from the budget on top of the first */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ask - the TXT records of "LABEL.test"; what was asked is counted anew */
static struct outcome ask(struct dns_servers *servers, struct pool *pool, const char *label,
			  double seconds)
{
	struct dns_question question = {.type = DNS_TXT};
	struct dns_budget budget = dns_budget_for(seconds, DNS_QUERIES_MAX);
	struct outcome outcome;
	double start = now();

	memset(counts, 0, sizeof(*counts));
	dns_name_of_text(&question.name, pool_printf(pool, "%s.test", label));
	outcome.answer = dns_servers_ask(servers, pool, &question, &budget);
	outcome.seconds = now() - start;
	outcome.queries = DNS_QUERIES_MAX - budget.queries;
	return outcome;
}

/* both - the two fake servers, the first one first */
static struct dns_servers both(void)
{
	struct sockaddr_storage addresses[SERVERS] = {0};
	struct dns_servers servers;

	for (unsigned i = 0; i < SERVERS; i++)
		memcpy(&addresses[i], &fakes[i].address, sizeof(fakes[i].address));
	dns_servers_set(&servers, addresses, SERVERS);
	return servers;
}

/* ask_both - a question that both servers may answer */
static struct outcome ask_both(struct pool *pool, const char *label, double seconds)
{
	struct dns_servers servers = both();

	return ask(&servers, pool, label, seconds);
}

static bool is_yes(struct outcome outcome)
{
	return outcome.answer.count == 1 && slice_is(outcome.answer.records[0].text, "yes");
}

/* is_status - an outcome ends so */
static void is_status(struct outcome outcome, enum dns_status status, const char *claim)
{
	is_text(dns_status_word(outcome.answer.status), dns_status_word(status), claim);
}

static void test_answers(struct pool *pool)
{
	struct outcome outcome = ask_both(pool, "found", 10);

	ok(is_yes(outcome), "an answer");
	ok(counts->udp[0] == 1 && counts->udp[1] == 0, "one packet to the first server gets it");
	is_status(ask_both(pool, "nxdomain", 10), DNS_NXDOMAIN, "NXDOMAIN");
	is_status(ask_both(pool, "nodata", 10), DNS_NODATA, "NODATA");
	ok(is_yes(ask_both(pool, "spoofed", 10)),
	   "forged packets are ignored, the real one counts");
}

static void test_failures(struct pool *pool)
{
	is_status(ask_both(pool, "servfail", 10), DNS_SERVFAIL, "SERVFAIL");
	ok(counts->udp[0] == 1 && counts->udp[1] == 1, "after each server was asked once");
	is_status(ask_both(pool, "broken", 10), DNS_SERVFAIL, "a packet that lacks its record");
	ok(is_yes(ask_both(pool, "refused0", 10)), "REFUSED leads to the next server");
	ok(is_yes(ask_both(pool, "formerr", 10)), "FORMERR leads to a query without EDNS0");
	ok(counts->udp[0] == 2 && counts->udp[1] == 0, "to the same server");
	is_status(ask_both(pool, "notimp", 10), DNS_SERVFAIL, "NOTIMP without EDNS0 is a failure");
	ok(counts->udp[0] == 2 && counts->udp[1] == 2, "of each server");
}

static void test_deadline(struct pool *pool)
{
	struct outcome outcome = ask_both(pool, "silent", 0.5);

	is_status(outcome, DNS_TIMEOUT, "silent servers");
	ok(outcome.seconds > 0.45 && outcome.seconds < 0.5 + MARGIN, "end at the deadline: %.3f s",
	   outcome.seconds);
	ok(counts->udp[0] == 2 && counts->udp[1] == 2, "after two attempts each");
	outcome = ask_both(pool, "forged", 0.5);
	is_status(outcome, DNS_TIMEOUT, "forged packets only");
	ok(outcome.seconds > 0.45 && outcome.seconds < 0.5 + MARGIN, "end at the deadline, too");
	outcome = ask_both(pool, "found", 0);
	is_status(outcome, DNS_TIMEOUT, "a deadline that is past");
	usleep(MOMENT);
	ok(counts->udp[0] == 0 && counts->udp[1] == 0, "lets nothing be sent");
}

static void test_timeout(struct pool *pool)
{
	struct dns_servers servers = both();
	struct outcome outcome;

	servers.timeout = 100;
	servers.attempts = 1;
	outcome = ask(&servers, pool, "silent", 10);
	is_status(outcome, DNS_TIMEOUT, "the timeout of resolv.conf");
	ok(outcome.seconds > 0.15 && outcome.seconds < MARGIN, "may end it before the deadline");
}

static void test_next_server(struct pool *pool)
{
	struct dns_servers servers = both();
	struct outcome outcome = ask(&servers, pool, "silent0", 1);

	ok(is_yes(outcome), "a silent server leads to the next one");
	ok(outcome.seconds > 0.2 && outcome.seconds < 1, "after its share of the time");
	is_number(servers.first, 1, "which is remembered");
	ask(&servers, pool, "found", 1);
	ok(counts->udp[0] == 0 && counts->udp[1] == 1, "and asked first from then on");
	ok(is_yes(ask_both(pool, "late", 1)), "an answer that comes late still counts");
	usleep(MOMENT);
	ok(counts->udp[0] == 1 && counts->udp[1] == 1, "from the server before");
}

static void test_unreachable(struct pool *pool)
{
	struct sockaddr_storage addresses[SERVERS] = {0};
	struct dns_servers servers;
	struct outcome outcome;

	memcpy(&addresses[0], &fakes[0].address, sizeof(fakes[0].address));
	((struct sockaddr_in *)&addresses[0])->sin_port = htons(1);
	memcpy(&addresses[1], &fakes[1].address, sizeof(fakes[1].address));
	dns_servers_set(&servers, addresses, SERVERS);
	outcome = ask(&servers, pool, "found", 10);
	ok(is_yes(outcome) && outcome.seconds < 0.5 + MARGIN,
	   "a closed port leads to the next server at once");
	dns_servers_set(&servers, addresses, 1);
	outcome = ask(&servers, pool, "found", 10);
	is_status(outcome, DNS_SERVFAIL, "a closed port alone is a failure");
	dns_servers_set(&servers, addresses, 0);
	is_status(ask(&servers, pool, "found", 10), DNS_SERVFAIL, "no server is a failure, too");
}

static void test_tcp(struct pool *pool)
{
	struct outcome outcome = ask_both(pool, "tc", 10);

	ok(outcome.answer.count == 1 && outcome.answer.records[0].text.len == LARGE,
	   "a truncated answer is taken over TCP, whole");
	ok(counts->udp[0] == 1 && counts->tcp[0] == 1 && counts->tcp[1] == 0,
	   "from the same server");
	outcome = ask_both(pool, "tchang", 0.5);
	is_status(outcome, DNS_TIMEOUT, "a server that never answers over TCP");
	ok(outcome.seconds > 0.45 && outcome.seconds < 0.5 + MARGIN, "ends at the deadline: %.3f s",
	   outcome.seconds);
	outcome = ask_both(pool, "tcstop", 0.5);
	is_status(outcome, DNS_TIMEOUT, "one that stops in the middle");
	ok(outcome.seconds > 0.45 && outcome.seconds < 0.5 + MARGIN, "ends there, too");
	is_status(ask_both(pool, "tcclose", 10), DNS_SERVFAIL, "one that closes is a failure");
	is_status(ask_both(pool, "tcforged", 10), DNS_SERVFAIL, "so is a wrong id over TCP");
}

static void test_aliases(struct pool *pool)
{
	struct dns_servers servers = both();
	struct dns_question question = {.type = DNS_TXT};
	struct dns_budget budget = dns_budget_for(10, 0);
	struct outcome outcome = ask_both(pool, "alias", 10);

	ok(is_yes(outcome), "a CNAME without its target is followed by another question");
	is_number(outcome.queries, 1, "which is taken from the budget");
	outcome = ask_both(pool, "ping", 10);
	is_status(outcome, DNS_SERVFAIL, "a loop over several answers");
	is_number(outcome.queries, DNS_CNAME_MAX, "ends at the limit of links");
	dns_name_of_text(&question.name, "alias.test");
	is_number(dns_servers_ask(&servers, pool, &question, &budget).status, DNS_EXHAUSTED,
		  "a chain does not go beyond the budget");
}

int main(void)
{
	pid_t child = start_fakes();
	struct pool *pool = pool_new();

	test_answers(pool);
	test_failures(pool);
	test_deadline(pool);
	test_timeout(pool);
	test_next_server(pool);
	test_unreachable(pool);
	test_tcp(pool);
	test_aliases(pool);
	pool_free(pool);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return done();
}
