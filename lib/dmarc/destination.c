/*
 * destination - URIs of reports and their verification; see destination.h
 *
 * RFC 9989 section 4.7 (dmarc-urilist), RFC 3986, RFC 6068 (mailto), RFC 9990 section 4.
 */
#include "dmarc/destination.h"

#include <string.h>

#include "base/hex.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/taglist.h"

#define MAILTO       "mailto:"
#define REPORT_LABEL "_report._dmarc"
#define ADDRESS_MAX  254 /* RFC 5321 4.5.3.1.3: a path has 256 octets, with its brackets */

/* decode - percent-encoding undone; NULL if it is broken or hides a control character */
static const char *decode(struct pool *pool, struct slice text)
{
	char *copy = slice_copy(pool, text);
	char *out = copy;

	for (size_t i = 0; i < text.len; i++) {
		char octet = text.data[i];

		if (octet == '%') {
			if (!hex_octet(slice_skip(text, i + 1), &octet))
				return NULL;
			i += HEX_OCTET_LEN;
		}
		if ((unsigned char)octet <= ' ' || octet == '\x7f')
			return NULL;
		*out++ = octet;
	}
	*out = '\0';
	return copy;
}

/*
 * is_addr_spec - can it stand in the To field and in an envelope as it is?
 *
 * A stranger has written it, and "a>,b@example.org" would be two addresses in To.
 */
static bool is_addr_spec(const struct address *address)
{
	size_t at = slice_find_last(address->text, '@');
	struct slice local = slice_from(address->text.data, at);

	return address->text.len <= ADDRESS_MAX && domain_is_qualified(address->domain) &&
	       slice_is_ascii(local) &&
	       (skip_dot_atom(local) == at || skip_quoted_string(local) == at);
}

/* read_mailto - the mailbox, without the header fields that a mailto may have */
static void read_mailto(struct pool *pool, struct slice uri, struct dmarc_destination *destination)
{
	struct slice path = slice_skip(uri, strlen(MAILTO));
	struct address address;
	const char *decoded;
	size_t at;

	decoded = decode(pool, slice_from(path.data, slice_find(path, '?')));
	if (decoded == NULL || !address_parse_path(pool, slice_of(decoded), &address) ||
	    *address.local == '\0' || !is_addr_spec(&address)) {
		destination->blocked_reason = "is no mailto URI of an address";
		return;
	}
	/* The domain in one spelling, so that the same address is not taken for another. */
	at = slice_find_last(address.text, '@');
	destination->address = pool_printf(
	    pool, "%s@%s", slice_copy(pool, slice_from(address.text.data, at)), address.domain);
	destination->host = address.domain;
}

/* read_uri - one of the list */
static struct dmarc_destination read_uri(struct pool *pool, struct slice text)
{
	struct dmarc_destination destination = {.text = text};
	size_t size = dmarc_uri_size_len(text);
	struct slice uri = slice_from(text.data, text.len - size);

	destination.has_size = size > 0;
	destination.uri = text_printable(pool, uri);
	if (slice_starts_nocase(uri, MAILTO))
		read_mailto(pool, uri, &destination);
	else if (dmarc_uri_scheme_len(uri) > 0)
		destination.blocked_reason = "is of a scheme that no report goes to; use mailto:";
	else if (slice_find(uri, '@') < uri.len)
		destination.blocked_reason = "is no URI: \"mailto:\" is missing in front";
	else
		destination.blocked_reason = "is no URI";
	return destination;
}

void dmarc_destinations_parse(struct pool *pool, struct slice value,
			      struct dmarc_destinations *destinations)
{
	struct slice part;

	*destinations = (struct dmarc_destinations){.count = 0};
	while (slice_cut(&value, ',', &part)) {
		destinations->items = pool_grow(pool, destinations->items, destinations->count,
						sizeof(*destinations->items));
		destinations->items[destinations->count++] = read_uri(pool, slice_trim(part));
	}
}

/* find_rua - the value of the first rua tag, after the version */
static bool find_rua(struct slice record, struct slice *value)
{
	enum taglist_step step;
	struct tag tag;

	while ((step = taglist_next(&record, &tag)) != TAGLIST_END) {
		if (step != TAGLIST_TAG || !slice_is_nocase(tag.name, "rua"))
			continue;
		*value = tag.value;
		return true;
	}
	return false;
}

/* is_override - are all of them usable, and on the host that names them? */
static bool is_override(const struct dmarc_destinations *destinations, const char *host)
{
	for (size_t i = 0; i < destinations->count; i++) {
		const struct dmarc_destination *item = &destinations->items[i];

		if (item->blocked_reason != NULL || !domain_equal(item->host, host))
			return false;
	}
	return true;
}

/* read_answer - RFC 9990 section 4, steps 6 to 9 */
static enum dmarc_permission read_answer(struct pool *pool, const struct dns_answer *answer,
					 const char *host, struct dmarc_destinations *instead)
{
	enum dmarc_permission permission = DMARC_REFUSED;
	struct slice rua;

	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].text;

		if (!dmarc_record_is(text))
			continue;
		permission = DMARC_PERMITTED;
		if (instead->count != 0 || !find_rua(text, &rua))
			continue;
		dmarc_destinations_parse(pool, rua, instead);
		if (!is_override(instead, host)) {
			instead->count = 0;
			return DMARC_REFUSED;
		}
	}
	return permission;
}

/* same_organization - *known is false if DNS did not say */
static bool same_organization(struct dmarc_discovery *discovery, const char *a, const char *b,
			      bool *known)
{
	struct dmarc_unanswered unanswered;
	const char *of_a, *of_b;

	*known = true;
	if (domain_equal(a, b))
		return true;
	of_a = dmarc_discover_organizational_domain(discovery, a, &unanswered);
	of_b = dmarc_discover_organizational_domain(discovery, b, &unanswered);
	*known = of_a != NULL && of_b != NULL;
	return *known && domain_equal(of_a, of_b);
}

enum dmarc_permission dmarc_destination_verify(struct pool *pool, struct dmarc_discovery *discovery,
					       struct dns *dns, struct dns_budget *budget,
					       const char *policy_domain,
					       const struct dmarc_destination *destination,
					       struct dmarc_destinations *instead,
					       const char **name)
{
	const struct dns_answer *answer;
	bool known;

	*instead = (struct dmarc_destinations){.count = 0};
	*name = NULL;
	if (same_organization(discovery, policy_domain, destination->host, &known))
		return DMARC_INTERNAL;
	*name = pool_printf(pool, "%s." REPORT_LABEL ".%s", policy_domain, destination->host);
	if (!known)
		return DMARC_UNANSWERED;
	if (strlen(*name) > DOMAIN_TEXT_MAX)
		return DMARC_REFUSED;
	answer = dns_query(dns, *name, DNS_TXT, budget);
	if (answer->status == DNS_FOUND)
		return read_answer(pool, answer, destination->host, instead);
	return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN ? DMARC_REFUSED
									      : DMARC_UNANSWERED;
}
