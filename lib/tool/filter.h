/*
 * filter - what spfcheck, dkimverify, dmarceval and dkimsign do alike with a message
 *
 * Message on standard input, message on standard output, exit status 0 for a
 * complete message and 75 for anything else. In check mode (-n) results on standard
 * output and 0, 1 or 75 for the verdict; 64 for a wrong command line.
 */
#ifndef ASSAY_TOOL_FILTER_H
#define ASSAY_TOOL_FILTER_H

#include "mail/message.h"
#include "tool/tool_context.h"

/* The work on one message. */
struct filter {
	struct tool_context *context;
	struct pool *pool; /* lives as long as the message */
	struct message *message;
};

/* The message from standard input: first the header section, then the rest. */
bool filter_read_header(struct filter *filter, struct error *error);
bool filter_read_body(struct filter *filter, message_sink *sink, void *context,
		      struct error *error);

/* Writes the message; the exit status: 0 when all of it has been taken, else 75. */
int filter_deliver(struct filter *filter);

/* Releases the message. */
void filter_end(struct filter *filter);

#endif
