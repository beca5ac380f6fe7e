/*
 * tool_context - what a program has at hand while it runs: options, DNS, where it explains itself
 *
 * Every program begins with tool_start() and ends with tool_end(). What handles messages has a
 * struct filter (tool/filter.h) for each of them on top of this.
 */
#ifndef ASSAY_TOOL_TOOL_CONTEXT_H
#define ASSAY_TOOL_TOOL_CONTEXT_H

#include "base/host_secret.h"
#include "dns/dns.h"
#include "mail/result.h"
#include "tool/options.h"
#include "tool/sandbox.h"

struct tool_context {
	const struct tool *tool;
	struct common_options options;
	struct pool *pool; /* lives as long as the program */
	struct trace trace;
	struct dns *dns;           /* NULL until tool_open_dns() */
	struct host_secret secret; /* known from tool_confine() on, if this host has one */
	time_t started;
};

/*
 * First thing in main(): standard descriptors, options. If it returns false, main()
 * ends with *status.
 */
bool tool_start(struct tool_context *context, const struct tool *tool, struct pool *pool, int argc,
		char **argv, int *status);

/* Opens what the options name: the zone file or the resolver. */
bool tool_open_dns(struct tool_context *context, struct error *error);

/*
 * Enters the sandbox, before anything is read that a stranger has written. With -z it has no
 * network. A kernel that does not offer all of it is no reason to stop: -v and a terminal are told.
 */
void tool_confine(struct tool_context *context, struct sandbox sandbox);

/* The time that counts: that of -t or of the clock, and it passes while the program runs. */
time_t tool_now(const struct tool_context *context);

/* The deadline and the number of queries of one piece of work, from now on. */
struct dns_budget tool_budget(const struct tool_context *context);

/* For what needs DNS and nothing else: opens it, enters the sandbox and begins a budget. */
bool tool_begin_dns(struct tool_context *context, struct dns_budget *budget, struct error *error);

/* Writes one line to standard output; false with errno if that fails. */
bool tool_print(const char *line);

/* Says that a result could not be written, and why (errno); the exit status. */
int tool_unwritten(const struct tool_context *context);

/* The exit status of check mode for a verdict. */
int tool_check_status(enum result result);

/* A sentence for a person at a terminal, who has not asked for silence. */
void tool_hint(const struct tool_context *context, const char *text);

/* Says why on standard error; the exit status of an operational failure. */
int tool_fail(const struct tool_context *context, const struct error *error);

/* The same for a wrong command line found after options_parse(). */
int tool_usage(const struct tool_context *context, const struct error *error);

void tool_end(struct tool_context *context);

#endif
