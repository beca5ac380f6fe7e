/*
 * destination - where reports are to go, and whether they may (RFC 9990 sections 3.5 and 4)
 */
#ifndef ASSAY_DMARC_DESTINATION_H
#define ASSAY_DMARC_DESTINATION_H

#include "dmarc/discovery.h"

/* One URI of a rua or ruf tag. */
struct dmarc_destination {
	struct slice text;          /* as written, without white space around it */
	const char *uri;            /* without the size that RFC 7489 allowed after it */
	const char *address;        /* of a mailto: ASCII, the domain canonical; NULL otherwise */
	const char *host;           /* its domain, canonical; NULL otherwise */
	bool has_size;              /* "!10m" was there: ignored */
	const char *blocked_reason; /* why it cannot be used; NULL if it can */
};

struct dmarc_destinations {
	size_t count;
	struct dmarc_destination *items;
};

/* The URIs of a tag's value, in order. */
void dmarc_destinations_parse(struct pool *pool, struct slice value,
			      struct dmarc_destinations *destinations);

enum dmarc_permission {
	DMARC_INTERNAL, /* of the same organization: needs none */
	DMARC_PERMITTED,
	DMARC_REFUSED,
	DMARC_UNANSWERED, /* DNS did not answer */
};

/*
 * May reports on a policy domain go to this destination, which has no trouble? A destination may
 * name others on the same host instead of itself: then *instead has them, otherwise its count is
 * 0. *name is what DNS was asked for; NULL for an internal one.
 */
enum dmarc_permission dmarc_destination_verify(struct pool *pool, struct dmarc_discovery *discovery,
					       struct dns *dns, struct dns_budget *budget,
					       const char *policy_domain,
					       const struct dmarc_destination *destination,
					       struct dmarc_destinations *instead,
					       const char **name);

#endif
