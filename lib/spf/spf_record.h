/*
 * spf_record - the grammar of SPF records (RFC 7208 sections 4.5, 4.6.1, 5, 6, 7.1, 12)
 *
 * A record is taken apart as a whole before anything in it is looked at, so an
 * error anywhere is found (RFC 7208 4.6). Nothing here asks DNS.
 */
#ifndef ASSAY_SPF_SPF_RECORD_H
#define ASSAY_SPF_SPF_RECORD_H

#include <netinet/in.h>

#include "base/bytes.h"
#include "mail/result.h"
#include "spf/macro.h"

#define SPF_VERSION "v=spf1" /* RFC 7208 4.5; after it come a space, or the end */

#define SPF_RECORD_OCTETS_MAX 450  /* RFC 7208 3.4: so that the answer fits in 512 octets */
#define SPF_TERMS_MAX         5000 /* RFC 7208 names none; 3.4 wants a record to fit in 450 octets */
#define SPF_ERRORS_MAX        100  /* RFC 7208 names none: syntax errors that are told apart */

enum spf_term_type {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT,
	SPF_TERM_EXP,
	SPF_TERM_UNKNOWN, /* a modifier that RFC 7208 does not define: ignored */
};

struct spf_term {
	enum spf_term_type type;
	enum result qualifier;    /* of a mechanism: what a match means */
	struct slice text;        /* as written */
	struct slice domain_spec; /* data NULL if there is none; the value of an unknown modifier */
	unsigned char prefix4;    /* bits of dual-cidr-length or of ip4; 32 if not written */
	unsigned char prefix6;    /* the same for IPv6; 128 if not written */
	union {
		struct in_addr network4;  /* ip4 */
		struct in6_addr network6; /* ip6 */
	};
};

struct spf_record {
	struct slice text;
	size_t count;
	struct spf_term *terms;          /* without those that have errors */
	const struct spf_term *redirect; /* or NULL */
	const struct spf_term *exp;      /* or NULL */
	size_t error_count;
	struct spf_syntax_error *errors; /* in the order of the text, one for a term */
};

/* Does a TXT record begin as an SPF record does (RFC 7208 4.5)? */
bool spf_record_is(struct slice text);

/*
 * Takes apart a text for which spf_record_is() holds. text and pool have to outlive
 * the record. True if there are no errors.
 */
bool spf_record_parse(struct pool *pool, struct slice text, struct spf_record *record);

/* Does the evaluation of a term ask DNS, so that it counts (RFC 7208 4.6.4)? */
bool spf_term_is_lookup(const struct spf_term *term);
/* Is it a mechanism (or a modifier)? */
bool spf_term_is_mechanism(const struct spf_term *term);

/* Is it the name of a mechanism? */
bool spf_is_mechanism_name(struct slice name);

#endif
