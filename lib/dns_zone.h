/*
 * dns_zone - a zone file that answers in place of the DNS: option -z of every tool
 *
 * Master-file syntax (RFC 1035 section 5) as people write it and as dig prints
 * it:
 *
 *     owner [TTL] [IN] TYPE data     ; comment, also behind "#"
 *
 * - Types with data are A, AAAA, CNAME, MX, PTR and TXT. Other types of the DNS
 *   only make their owner exist.
 * - SERVFAIL, TIMEOUT and NXDOMAIN stand in place of a type, without data: every
 *   question for that owner ends so, whatever else is listed for it.
 * - A name without a trailing dot is absolute, unless $ORIGIN was set; then the
 *   origin is appended, and "@" stands for it. $TTL and TTLs are checked and
 *   otherwise without effect. $INCLUDE and $GENERATE are errors.
 * - Parentheses continue a record over line ends; a line that begins with white
 *   space is about the owner before it; "\DDD" is the octet of that decimal
 *   number and "\" makes any other character an ordinary one.
 * - TXT data are character-strings, quoted or words. One of more than 255 octets
 *   is accepted, as if it were split.
 * - Wildcards and empty names above listed ones are those of RFC 4592.
 */
#ifndef ASSAY_DNS_ZONE_H
#define ASSAY_DNS_ZONE_H

#include "dns_packet.h"

#define DNS_ZONE_FILE_MAX (64U << 20) /* octets; larger files are an error */

struct dns_zone;

/* Reads a file; NULL and error "FILE:LINE: what is wrong" if it cannot be used. */
struct dns_zone *dns_zone_read(struct pool *pool, const char *path, struct error *error);

/* CNAMEs are followed; the records belong to the zone. */
struct dns_answer dns_zone_ask(const struct dns_zone *zone, const struct dns_question *question);

#endif
