/*
 * answer - what DNS can be asked, what it can answer, and what asking may cost (RFC 1034, 1035)
 */
#ifndef ASSAY_DNS_ANSWER_H
#define ASSAY_DNS_ANSWER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/bytes.h"

#define DNS_CNAME_MAX 16 /* links of a CNAME chain that are followed */
/*
 * Default budget of one message: SPF 7208 4.6.4 (10 terms x 10 names, p macro), DKIM keys and
 * DMARC 9989 4.10 (8 a walk) fit in it.
 */
#define DNS_QUERIES_MAX 500

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

enum dns_status {
	DNS_FOUND,    /* records holds at least one record of the type asked for */
	DNS_NODATA,   /* the name exists, without such records */
	DNS_NXDOMAIN, /* no such name; also for text that is no domain name */
	DNS_SERVFAIL, /* servers answered, but with an error or nonsense, or a CNAME loop; or none
			 can be reached */
	DNS_TIMEOUT,  /* no answer within the deadline, or the timeouts of /etc/resolv.conf */
	DNS_EXHAUSTED /* the budget of queries is used up; nothing was asked */
};

struct dns_record {
	enum dns_type type;
	union {
		struct in_addr a;
		struct in6_addr aaaa;
		const char *name; /* PTR, CNAME: canonical where possible, "" for the root */
		struct {
			uint16_t preference;
			const char *exchange; /* "" for the null MX "." (RFC 7505) */
		} mx;
		struct slice text; /* TXT: all character-strings joined (RFC 7208 3.3);
				      NUL-terminated too, but may contain NUL bytes */
	};
};

struct dns_answer {
	enum dns_status status;
	size_t count;
	const struct dns_record *records; /* of the type asked for, in the order of the answer */
};

/* What one piece of work may spend, over all its queries. */
struct dns_budget {
	struct timespec deadline; /* CLOCK_MONOTONIC */
	unsigned queries;         /* left; counted down also for answers from memory, and for each
				     CNAME target that has to be asked for separately */
};

/* A budget that ends in so many seconds from now. */
struct dns_budget dns_budget_for(double seconds, unsigned queries);
/*
 * A part of a budget that ends in so many seconds, or with the whole if that is earlier. It has the
 * queries of the whole; whoever takes a part writes what is left of them back.
 */
struct dns_budget dns_budget_part(const struct dns_budget *whole, double seconds);
/* Seconds left, 0 if none. */
double dns_budget_left(const struct dns_budget *budget);

const char *dns_status_word(enum dns_status status); /* "NXDOMAIN", "timeout", ... for messages */
const char *dns_type_word(enum dns_type type);

#endif
