/*
 * filter - what spfcheck, dkimverify, dmarceval and dkimsign do alike
 *
 * Message on standard input, message on standard output, exit status 0 for a
 * complete message and 75 for anything else. In check mode (-n) results on standard
 * output and 0, 1 or 75 for the verdict; 64 for a wrong command line.
 */
#ifndef ASSAY_TOOL_FILTER_H
#define ASSAY_TOOL_FILTER_H

#include "dns/dns.h"
#include "mail/message.h"
#include "mail/result.h"
#include "tool/options.h"
#include "tool/sandbox.h"

/* What a filter has at hand for one message. */
struct filter {
	const struct tool *tool;
	struct common_options options;
	struct pool *pool;
	struct trace trace;
	struct dns *dns;
	struct message *message;
};

/*
 * First thing in main(): standard descriptors, options. If it returns false, main()
 * ends with *status.
 */
bool filter_options(struct filter *filter, const struct tool *tool, struct pool *pool, int argc,
		    char **argv, int *status);

/* Opens what the options name: the zone file or the resolver. */
bool filter_open(struct filter *filter, struct error *error);

/*
 * Enters the sandbox, before anything is read that a stranger has written. With -z it has no
 * network. A kernel that does not offer all of it is no reason to stop: -v and a terminal are told.
 */
void filter_confine(struct filter *filter, struct sandbox sandbox);

/* The deadline and the number of queries of one message, from now on. */
struct dns_budget filter_budget(const struct filter *filter);

/* The message from standard input: first the header section, then the rest. */
bool filter_read_header(struct filter *filter, struct error *error);
bool filter_read_body(struct filter *filter, message_sink *sink, void *context,
		      struct error *error);

/* Writes the message; the exit status: 0 when all of it has been taken, else 75. */
int filter_deliver(struct filter *filter);

/* Writes one line in check mode; false with errno if that fails. */
bool filter_print(const char *line);

/* Says that a result could not be written, and why (errno); the exit status. */
int filter_unwritten(const struct filter *filter);

/* The exit status of check mode for a verdict. */
int filter_check_status(enum result result);

/* Says why on standard error; the exit status of an operational failure. */
int filter_fail(const struct filter *filter, const struct error *error);

/* The same for a wrong command line found after options_parse(). */
int filter_usage(const struct filter *filter, const struct error *error);

void filter_close(struct filter *filter);

#endif
