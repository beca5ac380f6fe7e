/*
 * dns - DNS questions with a deadline and a budget (RFC 1034, 1035, 6891)
 *
 * One interface, two sources behind it: the name servers of /etc/resolv.conf,
 * or a zone file for tests and for trying a record before it is published. What
 * an answer can be is told apart in full, because SPF, DKIM and DMARC each
 * treat "no such name", "no such record" and "no answer" differently.
 *
 * Configuration is read by libresolv and packets are taken apart by it. The
 * exchange is our own: libresolv's has no deadline over TCP and rounds UDP
 * timeouts up to seconds for each server.
 */
#ifndef ASSAY_DNS_H
#define ASSAY_DNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bytes.h"
#include "report.h"

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

struct dns;

/* A budget that ends in so many seconds from now. */
struct dns_budget dns_budget_for(double seconds, unsigned queries);
/* Seconds left, 0 if none. */
double dns_budget_left(const struct dns_budget *budget);

/* The servers of /etc/resolv.conf; read at the first query, or by dns_prepare(). */
struct dns *dns_open_resolver(const struct trace *trace);
/* A file, see dns_zone_read.h; NULL and error with its name and the line if it cannot be used. */
struct dns *dns_open_zone(const char *path, const struct trace *trace, struct error *error);
void dns_close(struct dns *dns); /* accepts NULL */

/* Reads /etc/resolv.conf now, while it can be read. */
void dns_prepare(struct dns *dns);

/*
 * Asks one question, CNAMEs followed. name is text, "a.example.com" with or
 * without a trailing dot, in any case; it is split at every dot, nothing is
 * escaped, so that it may contain any other octet. The answer belongs to dns and is
 * remembered there: the same question is asked only once until dns_forget(). Only
 * what came past the deadline or the budget is not remembered.
 */
const struct dns_answer *dns_query(struct dns *dns, const char *name, enum dns_type type,
				   struct dns_budget *budget);

/* Drops all remembered answers; a service calls it between two requests. */
void dns_forget(struct dns *dns);

const char *dns_status_word(enum dns_status status); /* "NXDOMAIN", "timeout", ... for messages */
const char *dns_type_word(enum dns_type type);

#endif
