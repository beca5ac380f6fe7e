/*
 * judge_message - everything that dmarceval finds out about a message, and nothing of writing it
 */
#ifndef ASSAY_DMARCEVAL_JUDGE_MESSAGE_H
#define ASSAY_DMARCEVAL_JUDGE_MESSAGE_H

#include "dmarc/input.h"
#include "history/history.h"
#include "site_rules.h"
#include "tool/tool_context.h"

/* What the caller knows of a message beside its text. */
struct judge_case {
	struct pool *pool; /* lives as long as the message */
	const struct message *message;
	struct dmarc_client client;
	struct dmarc_trust trust;
	struct history_writer *history; /* or NULL */
	time_t now;
	struct dns_budget budget;
};

/* All that has been found out about it. */
struct verdict {
	bool ignored; /* it was not judged, see --ignore-hosts */
	struct dmarc_input input;
	struct dmarc_result result;
	struct dmarc_overrides overrides;
};

/*
 * Judges. The verdict's disposition is final: after the rules of this site and --reject. The
 * history is read only if a message is to be rejected and --reject says known.
 */
void judge_message(struct tool_context *context, const struct site_rules *rules,
		   struct judge_case *judged, struct verdict *verdict);

#endif
