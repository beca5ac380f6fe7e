/*
 * server - asks name servers, with a deadline that holds (RFC 1035 section 4.2, RFC 7766)
 *
 * One question at a time: over UDP with EDNS0, over TCP where an answer is
 * truncated. A server that is silent for its share of the time, or has no
 * usable answer, is followed by the next; a late answer still counts. Which
 * server answered last is remembered, so that a dead one costs its share once.
 */
#ifndef ASSAY_DNS_SERVER_H
#define ASSAY_DNS_SERVER_H

#include <resolv.h>
#include <sys/socket.h>

#include "dns/packet.h"

#define DNS_SERVERS_MAX MAXNS /* resolv.conf(5): more are not used */

struct dns_server {
	struct sockaddr_storage address; /* with the port */
	socklen_t len;
};

struct dns_servers {
	struct dns_server items[DNS_SERVERS_MAX];
	unsigned count;
	unsigned first;    /* where to begin: the server that answered last */
	unsigned attempts; /* rounds over all servers; resolv.conf(5) */
	unsigned timeout;  /* milliseconds that one server has for one attempt at most */
};

/* The servers, attempts and timeout of /etc/resolv.conf, or of libresolv's defaults without it. */
void dns_servers_configure(struct dns_servers *servers);

/* Those at the given addresses, with the defaults of resolv.conf(5); count <= DNS_SERVERS_MAX. */
void dns_servers_set(struct dns_servers *servers, const struct sockaddr_storage *addresses,
		     unsigned count);

/*
 * Asks one question and follows CNAMEs that lead out of the answer; each
 * further name is taken from budget->queries. Ends at the deadline.
 */
struct dns_answer dns_servers_ask(struct dns_servers *servers, struct pool *pool,
				  const struct dns_question *question, struct dns_budget *budget);

#endif
