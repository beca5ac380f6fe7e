/*
 * server - asks name servers, with a deadline that holds; see server.h
 *
 * RFC 1035 section 4.2 (UDP and TCP), RFC 5452 (what makes forging hard: a
 * random port and id for every question, and an answer that repeats it), RFC 6891
 * section 7 (servers without EDNS0), RFC 7766 (TCP).
 */
#include "dns/server.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"

#define MILLISECONDS 1000 /* in a second */

/* How far we are with one server. */
struct peer {
	bool without_edns; /* it rejected a query with EDNS0 */
	bool failed;       /* it gave no usable answer, or cannot be reached */
};

/* One question on its way. */
struct exchange {
	struct dns_servers *servers;
	struct pool *pool; /* for the answer */
	const struct dns_question *question;
	struct dns_reply *reply;
	struct timespec deadline;
	unsigned attempts_left; /* over all servers, with the current one: they share the time */
	uint16_t id;
	struct peer peers[DNS_SERVERS_MAX];
	struct pollfd sockets[DNS_SERVERS_MAX]; /* UDP; -1 is none */
};

/* is_transient - a call that failed for now only */
static bool is_transient(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* open_socket - to one server; a connected UDP socket gets a random port and only its packets */
static int open_socket(const struct dns_server *server, int type)
{
	int fd = socket(server->address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&server->address, server->len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static void close_peer(struct exchange *exchange, unsigned index)
{
	if (exchange->sockets[index].fd != -1)
		close(exchange->sockets[index].fd);
	exchange->sockets[index].fd = -1;
}

static void fail_peer(struct exchange *exchange, unsigned index)
{
	exchange->peers[index].failed = true;
	close_peer(exchange, index);
}

/* attempt_end - until when the next attempt may last: its share of the time left */
static struct timespec attempt_end(const struct exchange *exchange)
{
	double share = deadline_left(&exchange->deadline) / exchange->attempts_left;
	double most = (double)exchange->servers->timeout / MILLISECONDS;

	return deadline_after(share < most ? share : most);
}

/* send_query - the question to one server over UDP */
static void send_query(struct exchange *exchange, unsigned index)
{
	int *fd = &exchange->sockets[index].fd;
	unsigned char query[DNS_QUERY_SIZE];
	size_t len = dns_packet_write_query(query, exchange->question, exchange->id,
					    !exchange->peers[index].without_edns);

	if (*fd == -1)
		*fd = open_socket(&exchange->servers->items[index], SOCK_DGRAM);
	if (*fd == -1 || (send(*fd, query, len, MSG_NOSIGNAL) == -1 && !is_transient()))
		fail_peer(exchange, index);
}

/* tcp_receive - exactly len octets, or false */
static bool tcp_receive(int fd, unsigned char *data, size_t len, const struct timespec *end)
{
	while (len != 0) {
		ssize_t received = io_receive(fd, data, len, end);

		if (received <= 0)
			return false;
		data += received;
		len -= (size_t)received;
	}
	return true;
}

/* tcp_ask - one query and one response, each with its length before it (RFC 1035 4.2.2) */
static bool tcp_ask(struct exchange *exchange, unsigned index, int fd, const struct timespec *end)
{
	unsigned char query[NS_INT16SZ + DNS_QUERY_SIZE];
	unsigned char prefix[NS_INT16SZ];
	size_t len = dns_packet_write_query(query + NS_INT16SZ, exchange->question, exchange->id,
					    !exchange->peers[index].without_edns);
	struct pool *scratch;
	unsigned char *response;
	bool answered;

	ns_put16((unsigned)len, query);
	if (!io_send(fd, query, NS_INT16SZ + len, end) ||
	    !tcp_receive(fd, prefix, sizeof(prefix), end))
		return false;
	len = ns_get16(prefix);
	scratch = pool_new();
	response = pool_alloc(scratch, len);
	answered = tcp_receive(fd, response, len, end) &&
		   dns_packet_read(exchange->pool, slice_from((const char *)response, len),
				   exchange->question, exchange->id,
				   exchange->reply) == DNS_VERDICT_ANSWER;
	pool_free(scratch);
	return answered;
}

/* ask_over_tcp - the truncated answer of one server; silence is no failure */
static bool ask_over_tcp(struct exchange *exchange, unsigned index)
{
	const struct timespec end = attempt_end(exchange);
	int fd = open_socket(&exchange->servers->items[index], SOCK_STREAM);
	bool answered = fd != -1 && tcp_ask(exchange, index, fd, &end);

	if (fd != -1)
		close(fd);
	if (!answered && deadline_left(&end) > 0)
		fail_peer(exchange, index);
	return answered;
}

/* retry_without_edns - RFC 6891 section 7 */
static void retry_without_edns(struct exchange *exchange, unsigned index)
{
	if (exchange->peers[index].without_edns) {
		fail_peer(exchange, index);
		return;
	}
	exchange->peers[index].without_edns = true;
	send_query(exchange, index);
}

/* take_packet - receives and judges one packet; true if it ends the exchange */
static bool take_packet(struct exchange *exchange, unsigned index)
{
	char packet[DNS_UDP_PAYLOAD];
	ssize_t len = recv(exchange->sockets[index].fd, packet, sizeof(packet), 0);
	enum dns_verdict verdict;

	if (len == -1) {
		if (!is_transient())
			fail_peer(exchange, index);
		return false;
	}
	verdict = dns_packet_read(exchange->pool, slice_from(packet, (size_t)len),
				  exchange->question, exchange->id, exchange->reply);
	switch (verdict) {
	case DNS_VERDICT_FOREIGN: return false;
	case DNS_VERDICT_REJECTED: retry_without_edns(exchange, index); return false;
	case DNS_VERDICT_FAILURE: fail_peer(exchange, index); return false;
	case DNS_VERDICT_TRUNCATED: return ask_over_tcp(exchange, index);
	case DNS_VERDICT_ANSWER: return true;
	}
	return false;
}

/* await_answer - until it comes, the attempt is over or the server has failed */
static bool await_answer(struct exchange *exchange, unsigned index)
{
	unsigned count = exchange->servers->count;
	const struct timespec end = attempt_end(exchange);

	while (!exchange->peers[index].failed && io_wait_any(exchange->sockets, count, &end)) {
		for (unsigned i = 0; i < count; i++) {
			if (exchange->sockets[i].revents != 0 && take_packet(exchange, i)) {
				exchange->servers->first = i;
				return true;
			}
		}
	}
	return false;
}

/* run_attempts - each server in turn, round after round; true if one answered */
static bool run_attempts(struct exchange *exchange)
{
	const struct dns_servers *servers = exchange->servers;
	unsigned attempts = servers->count * servers->attempts;
	unsigned first = servers->first;

	for (unsigned i = 0; i < attempts && deadline_left(&exchange->deadline) > 0; i++) {
		unsigned index = (first + i) % servers->count;

		exchange->attempts_left = attempts - i;
		if (!exchange->peers[index].failed)
			send_query(exchange, index);
		if (!exchange->peers[index].failed && await_answer(exchange, index))
			return true;
	}
	return false;
}

/* status_without_answer - an error that was reported says more than silence */
static enum dns_status status_without_answer(const struct exchange *exchange)
{
	for (unsigned i = 0; i < exchange->servers->count; i++) {
		if (exchange->peers[i].failed)
			return DNS_SERVFAIL;
	}
	return exchange->servers->count == 0 ? DNS_SERVFAIL : DNS_TIMEOUT;
}

/* ask_once - one question, from the first packet to the last */
static void ask_once(struct dns_servers *servers, struct pool *pool,
		     const struct dns_question *question, struct timespec deadline,
		     struct dns_reply *reply)
{
	struct exchange exchange = {
	    .servers = servers,
	    .pool = pool,
	    .question = question,
	    .reply = reply,
	    .deadline = deadline,
	};
	bool answered;

	for (unsigned i = 0; i < servers->count; i++)
		exchange.sockets[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	answered = getrandom(&exchange.id, sizeof(exchange.id), 0) == sizeof(exchange.id) &&
		   run_attempts(&exchange);
	for (unsigned i = 0; i < servers->count; i++)
		close_peer(&exchange, i);
	if (answered)
		return;
	reply->answer = (struct dns_answer){.status = status_without_answer(&exchange)};
	reply->continues = false;
}

struct dns_answer dns_servers_ask(struct dns_servers *servers, struct pool *pool,
				  const struct dns_question *question, struct dns_budget *budget)
{
	struct dns_question current = *question;
	struct dns_reply reply = {.continues = true};

	ask_once(servers, pool, &current, budget->deadline, &reply);
	while (reply.continues) {
		if (budget->queries == 0)
			return (struct dns_answer){.status = DNS_EXHAUSTED};
		budget->queries--;
		current.name = reply.target;
		ask_once(servers, pool, &current, budget->deadline, &reply);
	}
	return reply.answer;
}

static void add_server(struct dns_servers *servers, const void *address, socklen_t len)
{
	struct dns_server *server = &servers->items[servers->count++];

	memcpy(&server->address, address, len);
	server->len = len;
}

/* at_least_one - libresolv takes "options timeout:0" literally */
static unsigned at_least_one(int number)
{
	return number > 0 ? (unsigned)number : 1;
}

void dns_servers_configure(struct dns_servers *servers)
{
	struct __res_state state = {0};

	*servers = (struct dns_servers){.attempts = RES_DFLRETRY};
	if (res_ninit(&state) != 0)
		return;
	for (int i = 0; i < state.nscount && i < DNS_SERVERS_MAX; i++) {
		const struct sockaddr_in6 *ipv6 = state._u._ext.nsaddrs[i];

		if (state.nsaddr_list[i].sin_family == AF_INET)
			add_server(servers, &state.nsaddr_list[i], sizeof(state.nsaddr_list[i]));
		else if (ipv6 != NULL)
			add_server(servers, ipv6, sizeof(*ipv6));
	}
	servers->attempts = at_least_one(state.retry);
	servers->timeout = at_least_one(state.retrans) * MILLISECONDS;
	res_nclose(&state);
}

void dns_servers_set(struct dns_servers *servers, const struct sockaddr_storage *addresses,
		     unsigned count)
{
	*servers =
	    (struct dns_servers){.attempts = RES_DFLRETRY, .timeout = RES_TIMEOUT * MILLISECONDS};
	for (unsigned i = 0; i < count; i++)
		add_server(servers, &addresses[i],
			   addresses[i].ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							      : sizeof(struct sockaddr_in));
}
