/*
 * evaluate_message - dmarceval as a filter: one message, with -n one result, with --stream many
 * messages
 */
#ifndef ASSAY_DMARCEVAL_EVALUATE_H
#define ASSAY_DMARCEVAL_EVALUATE_H

#include "mail/ip_address.h"
#include "tool/filter.h"

struct evaluate_options {
	struct ip_address client; /* -i; family 0: not given */
	const char *client_name;  /* as the MTA has verified it, or NULL */
	const char *sender;       /* -f; NULL: not given */
	struct option_list trusted_ids;
	unsigned hops;
	const char *mark;     /* a field for quarantine and reject */
	const char *database; /* the history */
	const char *report_address;
	const char *ignored; /* files of hosts and lists */
	const char *forwarders;
	const char *lists;
	const char *at_most; /* none or quarantine */
};

option_setter evaluate_set_mark;    /* const char *: a whole header field */
option_setter evaluate_set_at_most; /* const char *: a policy */
option_setter evaluate_set_address; /* const char *: a mail address */

/* Does every option have what it needs? Otherwise error says what is missing. */
bool evaluate_is_complete(const struct evaluate_options *options, struct error *error);

/* The whole work; the exit status. */
int evaluate_run(struct tool_context *context, const struct evaluate_options *options);

#endif
