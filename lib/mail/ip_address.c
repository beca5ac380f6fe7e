/*
 * ip_address - IPv4 and IPv6 addresses and networks; see mail/ip_address.h
 */
#include "mail/ip_address.h"

#include <arpa/inet.h>
#include <string.h>

#define IP6_PREFIX  "IPv6:" /* RFC 5321 4.1.3 */
#define IP4_BITS    32U
#define IP6_BITS    128U
#define OCTET_BITS  8U
#define MAPPED_BITS 96U /* RFC 4291 2.5.5.2: before the IPv4 address */

/* unmap - makes an IPv4-mapped address the IPv4 address */
static void unmap(struct ip_address *address)
{
	struct in_addr inner;

	if (!IN6_IS_ADDR_V4MAPPED(&address->aaaa))
		return;
	memcpy(&inner, address->aaaa.s6_addr + MAPPED_BITS / OCTET_BITS, sizeof(inner));
	address->family = AF_INET;
	address->a = inner;
}

/* without_brackets - RFC 5321 4.1.3 */
static struct slice without_brackets(struct slice text)
{
	if (text.len >= 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		return slice_from(text.data + 1, text.len - 2);
	return text;
}

/* without_zone - RFC 4007 11: "fe80::1%eth0"; it means something on one host only */
static struct slice without_zone(struct slice text)
{
	size_t percent = slice_find(text, '%');

	if (percent + 1 < text.len && slice_find(text, ':') < percent)
		return slice_from(text.data, percent);
	return text;
}

/* parse_text - with inet_pton(); IPv4 only without a prefix */
static bool parse_text(const char *text, bool prefixed, struct ip_address *address)
{
	if (!prefixed && inet_pton(AF_INET, text, &address->a) == 1) {
		address->family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &address->aaaa) == 1) {
		address->family = AF_INET6;
		unmap(address);
	}
	return address->family != 0;
}

bool ip_address_parse(struct slice text, struct ip_address *address)
{
	struct slice bare = without_brackets(text);
	bool prefixed = slice_starts_nocase(bare, IP6_PREFIX);
	char copy[INET6_ADDRSTRLEN] = "";

	*address = (struct ip_address){.family = 0};
	bare = without_zone(slice_skip(bare, prefixed ? strlen(IP6_PREFIX) : 0));
	if (bare.len == 0 || bare.len >= sizeof(copy) || slice_find(bare, '\0') != bare.len)
		return false;
	memcpy(copy, bare.data, bare.len);
	if (!parse_text(copy, prefixed, address))
		return false;
	return inet_ntop(address->family, &address->a, address->text, sizeof(address->text)) !=
	       NULL;
}

bool ip_network_parse(struct slice text, struct ip_network *network)
{
	size_t slash = slice_find(text, '/');
	bool written_as_ip6 = slice_find(text, ':') != text.len;
	unsigned long long bits = written_as_ip6 ? IP6_BITS : IP4_BITS;

	if (slice_find(text, '%') < text.len || /* a network is not one host's */
	    !ip_address_parse(slice_from(text.data, slash), &network->address))
		return false;
	if (slash < text.len && !slice_to_number(slice_skip(text, slash + 1), bits, &bits))
		return false;
	if (written_as_ip6 && network->address.family == AF_INET) {
		if (bits < MAPPED_BITS)
			return false; /* more than the mapped addresses */
		bits -= MAPPED_BITS;
	}
	network->bits = (unsigned)bits;
	return true;
}

bool ip_network_contains(const struct ip_network *network, const struct ip_address *address)
{
	const unsigned char *base = (const unsigned char *)&network->address.a;
	const unsigned char *other = (const unsigned char *)&address->a;
	unsigned whole = network->bits / OCTET_BITS;
	unsigned rest = network->bits % OCTET_BITS;

	if (network->address.family != address->family || memcmp(base, other, whole) != 0)
		return false;
	return rest == 0 || (base[whole] ^ other[whole]) >> (OCTET_BITS - rest) == 0;
}
