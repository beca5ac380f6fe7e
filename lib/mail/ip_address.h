/*
 * ip_address - IPv4 and IPv6 addresses and networks of SMTP clients
 */
#ifndef ASSAY_MAIL_IP_ADDRESS_H
#define ASSAY_MAIL_IP_ADDRESS_H

#include <netinet/in.h>

#include "base/bytes.h"

struct ip_address {
	int family; /* AF_INET or AF_INET6; 0: not known */
	union {
		struct in_addr a;
		struct in6_addr aaaa;
	};
	char text[INET6_ADDRSTRLEN]; /* for people and fields */
};

/* All addresses that begin with the same bits. */
struct ip_network {
	struct ip_address address;
	unsigned bits; /* 0 to 32 or 128 */
};

/*
 * Reads an address, with or without brackets or an "IPv6:" prefix, as MTAs write it; the zone
 * of an IPv6 address ("%eth0", RFC 4007 11) is passed over. An
 * IPv4-mapped IPv6 address is the IPv4 address (RFC 4291 2.5.5.2). False if it is none.
 */
bool ip_address_parse(struct slice text, struct ip_address *address);

/* Reads "address" or "address/bits"; what comes after the bits of the network is ignored. */
bool ip_network_parse(struct slice text, struct ip_network *network);

bool ip_network_contains(const struct ip_network *network, const struct ip_address *address);

#endif
