/*
 * check_message - spfcheck as a filter: one message, with -n one result, with --stream many
 * messages
 */
#ifndef ASSAY_SPFCHECK_CHECK_H
#define ASSAY_SPFCHECK_CHECK_H

#include "mail/ip_address.h"
#include "tool/filter.h"

/* Who sends. With received set it is what that Received field says. */
struct check_options {
	struct ip_address client;
	const char *helo;
	const char *sender; /* with or without angle brackets; comes before what the message says */
	unsigned received;  /* number of the field from the top, or 0 */
	const char *header; /* fields to add: spf, ar or both; NULL for both */
};

option_setter check_set_header;   /* const char *: spf, ar, both or none */
option_setter check_set_received; /* unsigned: a number; without one it is the topmost field */

/* Is the client told, once? Otherwise error says what is missing or contradicts. */
bool check_is_complete(const struct check_options *options, struct error *error);

/* The whole work; the exit status. */
int check_run(struct tool_context *context, const struct check_options *options);

#endif
