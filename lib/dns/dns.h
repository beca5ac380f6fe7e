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
#ifndef ASSAY_DNS_DNS_H
#define ASSAY_DNS_DNS_H

#include "base/error.h"
#include "base/trace.h"
#include "dns/answer.h"

struct dns;

/* The servers of /etc/resolv.conf; read at the first query, or by dns_prepare(). */
struct dns *dns_open_resolver(const struct trace *trace);
/* A file, see dns/zone_file.h; NULL and error with its name and the line if it cannot be used. */
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

#endif
