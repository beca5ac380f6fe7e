/*
 * zone_file - reads the zone file of option -z, of every tool
 *
 * Master-file syntax (RFC 1035 section 5) as people write it and as dig prints
 * it:
 *
 *     owner [TTL] [IN] TYPE data     ; comment, also after "#"
 *
 * - Types with data are A, AAAA, CNAME, MX, PTR and TXT. Other types of the DNS
 *   only make their owner exist.
 * - SERVFAIL, TIMEOUT and NXDOMAIN stand in place of a type, without data: every
 *   question for that owner ends so, whatever else is listed for it.
 * - A name without a trailing dot is absolute, unless $ORIGIN was set; it must not end in a
 *   label such as _domainkey then, which lacks its domain. With $ORIGIN the
 *   origin is appended, and "@" stands for it. $TTL and TTLs are checked and
 *   otherwise without effect. $INCLUDE and $GENERATE are errors.
 * - Parentheses continue a record over line ends; a line that begins with white
 *   space is about the owner before it; "\DDD" is the octet of that decimal
 *   number and "\" makes any other character an ordinary one.
 * - TXT data are character-strings, quoted or words. One of more than 255 octets
 *   is an error, as it is for every name server.
 */
#ifndef ASSAY_DNS_ZONE_FILE_H
#define ASSAY_DNS_ZONE_FILE_H

#include "base/error.h"
#include "dns/zone.h"

/* Reads a file; NULL and error "FILE:LINE: what is wrong" if it cannot be used. */
struct dns_zone *dns_zone_read(struct pool *pool, const char *path, struct error *error);

#endif
