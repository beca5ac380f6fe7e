/*
 * spf_flatten - a record with the addresses in place of the names that it asks DNS for
 *
 * It costs no lookups, and is wrong from the day on that one of the others changes an address. So
 * it is a way out for who has too many lookups, to be made anew each day, and never silently.
 *
 * What cannot be told without a message stays as it is: exists, ptr, and names with macros; so does
 * an include whose record has them, or has mechanisms before all that do not pass.
 */
#ifndef ASSAY_SPF_SPF_FLATTEN_H
#define ASSAY_SPF_SPF_FLATTEN_H

#include "base/error.h"
#include "dns/dns.h"

#define SPF_FLATTEN_OCTETS_MAX 450  /* RFC 7208 3.4: of one record */
#define SPF_FLATTEN_TERMS_MAX  2000 /* RFC 7208 names none: terms of all records together */
#define SPF_FLATTEN_DEPTH_MAX  10   /* RFC 7208 4.6.4 */

/* A record to publish. */
struct spf_flat_record {
	const char *owner;
	const char *text;
};

struct spf_flat {
	size_t count;
	struct spf_flat_record *records; /* the first is the domain's */
	size_t source_count;
	const char **sources; /* names whose addresses are in it */
	size_t kept_count;
	const char **kept; /* terms that stay as they are */
};

/* False, with the reason, if the domain has no record that can be evaluated, or DNS does not
 * answer. */
bool spf_flatten(struct pool *pool, const char *domain, struct dns *dns, struct dns_budget *budget,
		 struct spf_flat *flat, struct error *error);

#endif
