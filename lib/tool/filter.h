/*
 * filter - what spfcheck, dkimverify, dmarceval and dkimsign do alike with a message
 *
 * Message on standard input, message on standard output, exit status 0 for a
 * complete message and 75 for anything else. In check mode (-n) results on standard
 * output and 0, 1 or 75 for the verdict; 64 for a wrong command line. With --stream many messages,
 * see tool/stream.h.
 *
 * A tool describes its work on one message as a filter_job. It is the same work whether the
 * message is alone or one of many.
 */
#ifndef ASSAY_TOOL_FILTER_H
#define ASSAY_TOOL_FILTER_H

#include "mail/authres_trust.h"
#include "mail/frame.h"
#include "mail/ip_address.h"
#include "mail/message.h"
#include "tool/tool_context.h"

/* Who sends, from the command line or from the frame. */
struct envelope {
	struct ip_address client; /* family 0: not known */
	const char *client_name;  /* verified; NULL: not known */
	const char *helo;         /* NULL: not known */
	const char *sender;       /* "" or "<>": the null sender; NULL: not known */
};

/* The work on one message. */
struct filter {
	struct tool_context *context;
	const struct filter_job *job;
	struct pool *pool; /* lives as long as the message */
	struct source source;
	struct message *message;
	struct envelope envelope;
	time_t now;
	void *found;              /* of the job, in pool */
	enum result verdict;      /* set by the job: all in one word, for the exit status of -n */
	struct frame *frame;      /* in a stream; else NULL */
	bool overflow;            /* in a stream: an attribute had no room */
	bool is_first;            /* in a stream: no stage has worked on this message before */
	struct timespec deadline; /* in a stream: of all DNS work */
};

/* What a tool does with each message, in this order. */
struct filter_job {
	const void *options;      /* the tool's own */
	struct envelope envelope; /* of the command line */
	/* Reads the message and finds out; false with error if that cannot be done. */
	bool (*judge)(struct filter *filter, struct error *error);
	/* Not with -n: adds and removes fields, and calls filter_add_result(). */
	void (*add_fields)(struct filter *filter);
	/* With -n: writes lines to standard output; false with errno. */
	bool (*print)(struct filter *filter);
	/* At the end, whatever came of it, even before judge() was called; may be NULL. */
	void (*conclude)(struct filter *filter, bool delivered);
};

/* For judge(): the message, first the header section, then the rest. */
bool filter_read_header(struct filter *filter, struct error *error);
bool filter_read_body(struct filter *filter, message_sink *sink, void *context,
		      struct error *error);

/*
 * The deadline and the number of queries that this message has from now on. In a stream the time is
 * that of all stages; a stage before the last one takes only a share of what is left, so that what
 * a stranger has named in the envelope or in signatures leaves time for the author's policy.
 */
struct dns_budget filter_budget(const struct filter *filter, double share);

/*
 * For add_fields(): what the next stages of a stream get to know. result is one resinfo of RFC
 * 8601. One that has no room is left out, so that nobody's signatures keep a message waiting.
 */
void filter_add_result(struct filter *filter, const char *result);
/* Any other attribute. One that has no room keeps the message from being passed on. */
void filter_add_attribute(struct filter *filter, const char *name, const char *value);

/*
 * For judge() and add_fields(), before a field is added or removed: where results in the message
 * are believed, see authres_find_zone(). In a stream that is what earlier stages have left on top.
 */
struct authres_zone filter_find_zone(const struct filter *filter, unsigned hops, bool wants_smtpd);
/* How the tools of a run know what they have written. */
struct run_seal filter_run_seal(const struct filter *filter);
/* The last thing in add_fields(): seals the results if they have no border below. */
void filter_seal(struct filter *filter, const struct authres_zone *zone);

/* Releases what the message has needed. */
void filter_end(struct filter *filter);

#endif
