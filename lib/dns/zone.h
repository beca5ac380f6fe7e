/*
 * zone - records that answer in place of the DNS: what option -z of every tool asks
 *
 * Wildcards and empty names above listed ones are those of RFC 4592. How such
 * records are written down is the matter of dns_zone_read.
 */
#ifndef ASSAY_DNS_ZONE_H
#define ASSAY_DNS_ZONE_H

#include "dns/packet.h"

/*
 * What stands in place of a type in a record: a type we know, or one of these,
 * which are no numbers of types.
 */
enum dns_zone_kind {
	DNS_ZONE_SERVFAIL = -3, /* these three: every question for the owner ends so */
	DNS_ZONE_TIMEOUT,
	DNS_ZONE_NXDOMAIN,
	DNS_ZONE_OTHER, /* any other type; only its owner matters */
};

struct dns_zone;

/* An empty zone, of the pool. */
struct dns_zone *dns_zone_new(struct pool *pool);

/* Adds a record; kind is its type or an enum dns_zone_kind. Its texts must live as long as the
 * pool. */
void dns_zone_add(struct dns_zone *zone, const struct dns_name *owner, int kind,
		  const struct dns_record *record);

/* Makes it ready for questions; nothing can be added any more. */
void dns_zone_complete(struct dns_zone *zone);

/* CNAMEs are followed; the records belong to the zone. */
struct dns_answer dns_zone_ask(const struct dns_zone *zone, const struct dns_question *question);

#endif
