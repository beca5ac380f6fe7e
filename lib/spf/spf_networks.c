/*
 * spf_networks - addresses and networks as people write them; see spf/spf_networks.h
 *
 * RFC 7208 5.6 (ip4, ip6). RFC 6890 (addresses that are not those of hosts on the Internet).
 */
#include "spf/spf_networks.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"

#define IP4_BITS  32U
#define IP6_BITS  128U
#define IP4_WORLD 8U  /* a network of 16 million hosts is nobody's mail servers */
#define IP6_WORLD 16U /* registries give out /32 and less */

/* parse_ip4 - four numbers, leading zeros allowed; *count numbers were there */
static bool parse_ip4(struct slice text, uint32_t *address, unsigned *count)
{
	struct slice part;

	*address = 0;
	*count = 0;
	while (slice_cut(&text, '.', &part)) {
		unsigned long long number;

		if (*count == 4)
			return false;
		if (part.len == 0 && text.len == 0)
			break; /* "192.0.2." */
		if ((slice_is(part, "*") || slice_is_nocase(part, "x")) && *count > 0)
			break;
		if (!slice_to_number(part, 255, &number))
			return false;
		*address = *address << 8 | (uint32_t)number;
		(*count)++;
	}
	if (*count == 0)
		return false;
	*address <<= 8 * (4 - *count);
	return true;
}

/* term4 - "ip4:192.0.2.0/24" after a qualifier */
static const char *term4(struct pool *pool, const char *qualifier, uint32_t address, unsigned bits)
{
	struct in_addr network = {.s_addr = htonl(address)};
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &network, text, sizeof(text));
	if (bits == IP4_BITS)
		return pool_printf(pool, "%sip4:%s", qualifier, text);
	return pool_printf(pool, "%sip4:%s/%u", qualifier, text, bits);
}

/* mask_bits - of 255.255.255.0; 33 if it is none */
static unsigned mask_bits(uint32_t mask)
{
	unsigned bits = 0;

	while (bits < IP4_BITS && (mask & 1U << (IP4_BITS - 1 - bits)) != 0)
		bits++;
	return bits == IP4_BITS || mask << bits == 0 ? bits : IP4_BITS + 1;
}

/* range - all networks from one address to another; NULL if that takes too many */
static const char *range(struct pool *pool, const char *qualifier, uint32_t first, uint32_t last)
{
	const char *list = "";
	uint64_t at = first;

	for (unsigned count = 0; at <= last; count++) {
		unsigned bits = IP4_BITS;

		if (count == SPF_RANGE_MAX)
			return NULL;
		while (bits > 0 && at % (2ULL << (IP4_BITS - bits)) == 0 &&
		       at + (2ULL << (IP4_BITS - bits)) - 1 <= last)
			bits--;
		list = pool_printf(pool, "%s%s%s", list, list[0] != '\0' ? " " : "",
				   term4(pool, qualifier, (uint32_t)at, bits));
		at += 1ULL << (IP4_BITS - bits);
	}
	return list;
}

/* meant_range - "192.0.2.1-192.0.2.9", "192.0.2.1-9" */
static const char *meant_range(struct pool *pool, struct slice text, const char *qualifier)
{
	size_t dash = slice_find(text, '-');
	struct slice end = dash < text.len ? slice_skip(text, dash + 1) : slice_of(NULL);
	unsigned long long number;
	uint32_t first, last;
	unsigned count;

	if (!parse_ip4(slice_from(text.data, dash), &first, &count) || count != 4)
		return NULL;
	if (slice_to_number(end, 255, &number))
		last = (first & 0xffffff00U) | (uint32_t)number;
	else if (!parse_ip4(end, &last, &count) || count != 4)
		return NULL;
	return first <= last ? range(pool, qualifier, first, last) : NULL;
}

/* meant_bits - what is after the slash: a number, perhaps with zeros, or a netmask */
static bool meant_bits(struct slice text, unsigned *bits)
{
	unsigned long long number;
	uint32_t mask;
	unsigned count;

	if (text.len > 0 && text.data[0] == '/')
		text = slice_skip(text, 1);
	if (slice_to_number(text, IP4_BITS, &number)) {
		*bits = (unsigned)number;
		return true;
	}
	if (!parse_ip4(text, &mask, &count) || count != 4)
		return false;
	*bits = mask_bits(mask);
	return *bits <= IP4_BITS;
}

/* meant4 - an IPv4 address or network */
static const char *meant4(struct pool *pool, struct slice argument, const char *qualifier)
{
	size_t slash = slice_find(argument, '/');
	struct slice host = slice_from(argument.data, slash);
	unsigned bits = IP4_BITS;
	unsigned count;
	uint32_t address;

	if (slice_find(host, ':') < host.len && slash == argument.len)
		host.len = slice_find(host, ':'); /* a port */
	if (slice_find(argument, '-') < argument.len)
		return meant_range(pool, argument, qualifier);
	if (!parse_ip4(host, &address, &count))
		return NULL;
	if (count < 4)
		bits = 8 * count;
	if (count < 2 || (count < 4 && slash == argument.len && slice_find(host, '*') == host.len &&
			  slice_find(host, 'x') == host.len && count < 3))
		return NULL; /* not enough to tell */
	if (slash < argument.len && slash + 1 < argument.len &&
	    !meant_bits(slice_skip(argument, slash + 1), &bits))
		return NULL;
	if (bits == 0)
		return NULL;
	if (bits < IP4_BITS)
		address &= ~(uint32_t)0 << (IP4_BITS - bits);
	return term4(pool, qualifier, address, bits);
}

/* meant6 - an IPv6 address or network */
static const char *meant6(struct pool *pool, struct slice argument, const char *qualifier)
{
	struct slice host = slice_from(argument.data, slice_find(argument, '/'));
	unsigned long long bits = IP6_BITS;
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr address;

	if (host.len == 0 || host.len >= sizeof(text))
		return NULL;
	memcpy(text, host.data, host.len);
	if (inet_pton(AF_INET6, text, &address) != 1)
		return NULL;
	if (host.len + 1 < argument.len &&
	    !slice_to_number(slice_skip(argument, host.len + 1), IP6_BITS, &bits))
		return NULL;
	if (bits == 0)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&address) && bits == IP6_BITS)
		return pool_printf(pool, "%sip4:%u.%u.%u.%u", qualifier, address.s6_addr[12],
				   address.s6_addr[13], address.s6_addr[14], address.s6_addr[15]);
	if (bits == IP6_BITS)
		return pool_printf(pool, "%sip6:%s", qualifier, text);
	return pool_printf(pool, "%sip6:%s/%llu", qualifier, text, bits);
}

const char *spf_networks_meant(struct pool *pool, struct slice argument, const char *qualifier)
{
	const char *terms = NULL;

	while (argument.len > 0 && is_any_of(argument.data[0], ":= "))
		argument = slice_skip(argument, 1);
	if (argument.len == 0)
		return NULL;
	if (is_digit(argument.data[0]))
		terms = meant4(pool, argument, qualifier);
	return terms != NULL ? terms : meant6(pool, argument, qualifier);
}

/* Networks whose hosts are not on the Internet, RFC 6890; the documentation's own are left out. */
static const struct {
	const char *network;
	unsigned bits;
	const char *what;
} dangers[] = {
    {"0.0.0.0", 8, "no address of a host (RFC 6890)"},
    {"10.0.0.0", 8, "a private network (RFC 1918)"},
    {"100.64.0.0", 10, "addresses behind a provider's NAT (RFC 6598)"},
    {"127.0.0.0", 8, "a loopback address"},
    {"169.254.0.0", 16, "a link-local address"},
    {"172.16.0.0", 12, "a private network (RFC 1918)"},
    {"192.168.0.0", 16, "a private network (RFC 1918)"},
    {"224.0.0.0", 4, "a multicast address"},
    {"240.0.0.0", 4, "no address of a host (RFC 6890)"},
    {"::", 127, "a loopback address, or none"},
    {"::ffff:0:0", 96, "an IPv4 address in IPv6: such clients are judged by ip4"},
    {"fc00::", 7, "a private network (RFC 4193)"},
    {"fe80::", 10, "a link-local address"},
    {"fec0::", 10, "a private network (RFC 3879)"},
    {"ff00::", 8, "a multicast address"},
};

/* has_prefix - do the first bits of two addresses agree? */
static bool has_prefix(const void *a, const void *b, unsigned bits)
{
	const unsigned char *left = a;
	const unsigned char *right = b;
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	return memcmp(left, right, whole) == 0 &&
	       (rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0);
}

const char *spf_network_danger(const struct spf_term *term)
{
	unsigned bits = term->type == SPF_TERM_IP4 ? term->prefix4 : term->prefix6;
	int family = term->type == SPF_TERM_IP4 ? AF_INET : AF_INET6;

	for (size_t i = 0; i < sizeof(dangers) / sizeof(dangers[0]); i++) {
		struct in6_addr network = {0};

		if (inet_pton(family, dangers[i].network, &network) == 1 &&
		    bits >= dangers[i].bits &&
		    has_prefix(&term->network4, &network, dangers[i].bits))
			return dangers[i].what;
	}
	return NULL;
}

bool spf_network_is_world(const struct spf_term *term)
{
	if (term->type == SPF_TERM_IP4)
		return term->prefix4 < IP4_WORLD;
	if (term->type == SPF_TERM_IP6)
		return term->prefix6 < IP6_WORLD;
	return (term->type == SPF_TERM_A || term->type == SPF_TERM_MX) &&
	       (term->prefix4 < IP4_WORLD || term->prefix6 < IP6_WORLD);
}

const char *spf_network_clean(struct pool *pool, const struct spf_term *term)
{
	bool is_ip4 = term->type == SPF_TERM_IP4;
	unsigned bits = is_ip4 ? term->prefix4 : term->prefix6;
	size_t size = is_ip4 ? sizeof(term->network4) : sizeof(term->network6);
	unsigned char octets[sizeof(term->network6)];
	char text[INET6_ADDRSTRLEN];
	size_t head = term->text.len > 0 && is_any_of(term->text.data[0], "+-~?");

	memcpy(octets, &term->network4, size);
	for (size_t bit = bits; bit < 8 * size; bit++)
		octets[bit / 8] &= (unsigned char)~(0x80U >> bit % 8);
	if (memcmp(octets, &term->network4, size) == 0)
		return NULL;
	inet_ntop(is_ip4 ? AF_INET : AF_INET6, octets, text, sizeof(text));
	return pool_printf(pool, "%.*s%s:%s/%u", (int)head, term->text.data, is_ip4 ? "ip4" : "ip6",
			   text, bits);
}
