/*
 * site_rules - what this site has decided on its own: lists of hosts, lists and domains
 */
#ifndef ASSAY_DMARCEVAL_SITE_RULES_H
#define ASSAY_DMARCEVAL_SITE_RULES_H

#include "dmarc/judgement.h"
#include "dmarc/rejection.h"

#define SITE_DIRECTORY "/etc/assay"

/* Where they are told; NULL: not given. */
struct site_options {
	const char *directory; /* --config-dir, of the files that are read if they are there */
	const char *ignored;   /* files, in place of those of the directory */
	const char *forwarders;
	const char *sealers;
	const char *lists;
	const char *at_least;
	const char *at_most; /* words */
	const char *no_author;
	const char *on_temperror;
	const char *reject;
};

struct site_rules {
	const struct host_list *ignored; /* clients whose mail is not judged, or NULL */
	struct dmarc_local_rules exceptions;
	struct dmarc_demands demands;
	enum dmarc_reject reject;
};

/*
 * Reads all of them. Without --reject nothing is rejected, for a pipe after the queue would bounce
 * it to innocent people; a check, in which no message goes on, tells what is asked for.
 */
bool site_rules_read(struct pool *pool, const struct site_options *options, bool is_check,
		     struct site_rules *rules, struct error *error);

#endif
