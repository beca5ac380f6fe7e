/*
 * evaluate_message - dmarceval as a filter: one message, with -n one result, with --stream many
 * messages
 */
#ifndef ASSAY_DMARCEVAL_EVALUATE_H
#define ASSAY_DMARCEVAL_EVALUATE_H

#include "mail/ip_address.h"
#include "site_rules.h"
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
	struct site_options site;
	bool failure_reports;
};

/* All of them: const char *. */
option_setter evaluate_set_mark;    /* a whole header field */
option_setter evaluate_set_address; /* a mail address */
option_setter evaluate_set_at_most; /* one of the words that struct site_options has */
option_setter evaluate_set_no_author;
option_setter evaluate_set_on_temperror;
option_setter evaluate_set_reject;

/* Does every option have what it needs? Otherwise error says what is missing. */
bool evaluate_is_complete(const struct evaluate_options *options, struct error *error);

/* The whole work; the exit status. */
int evaluate_run(struct tool_context *context, const struct evaluate_options *options);

#endif
