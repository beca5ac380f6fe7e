/*
 * source_guess - whose host is it? Asks DNS for the SPF records of our own domains, and for the
 * names of hosts only if that is wanted
 *
 * What a report says of a host may be a lie; what our own SPF record says is not.
 */
#ifndef ASSAY_REPORT_SOURCE_GUESS_H
#define ASSAY_REPORT_SOURCE_GUESS_H

#include <time.h>

#include "base/trace.h"
#include "dns/dns.h"
#include "report/view_sources.h"

#define GUESS_SOURCES_MAX                                                                          \
	1000U                    /* our choice: sources that SPF is asked about, those with most   \
				    messages; for others the guess is by the reports alone */
#define GUESS_QUERIES_MAX 20000U /* our choice: DNS queries for one view */
#define GUESS_NAMES_MAX   200U   /* our choice: hosts whose name is asked for in one run */
#define GUESS_NAME_DAYS   30     /* that a name is remembered in the store */

struct source_guess {
	struct dns *dns;
	struct dns_budget budget;
	const struct trace *trace;
	const char *receiver; /* for macros of SPF */
	time_t now;
};

/* Sets the class of each source. DNS that does not answer leaves what the reports say. */
void guess_classes(struct source_guess *guess, struct source_list *list);

/* Sets the names of hosts, confirmed by their addresses, from DNS or from the store. */
bool guess_names(struct report_store *store, struct pool *pool, struct source_guess *guess,
		 struct source_list *list, struct error *error);

#endif
