/*
 * report_sink - what has to hold for whatever a report tells (report/incoming.h)
 */
#ifndef ASSAY_REPORT_SINK_H
#define ASSAY_REPORT_SINK_H

#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"
#include "mail/ip_address.h"
#include "report/incoming.h"

/* How many of each there were. */
struct counted {
	size_t begun;
	size_t ended;
	bool is_open;
};

/* is_clean - no control character, well-formed, not longer than a field, no capitals in a word */
static inline bool is_clean(const char *text)
{
	return is_clean_text(slice_of(text));
}

static inline bool sink_begin(void *context, enum incoming_kind kind)
{
	struct counted *counted = context;

	fuzz_expect(kind < INCOMING_KINDS);
	fuzz_expect(!counted->is_open);
	counted->begun++;
	counted->is_open = true;
	return true;
}

static inline bool sink_row(void *context, const struct incoming_row *row)
{
	struct counted *counted = context;
	struct ip_address address;

	fuzz_expect(counted->is_open);
	fuzz_expect(ip_address_parse(slice_of(row->source), &address));
	fuzz_expect(fuzz_same_text(address.text, row->source));
	fuzz_expect(row->messages >= 1 && row->messages <= INCOMING_COUNT_MAX);
	fuzz_expect(is_clean(row->header_from) && is_clean(row->envelope_from));
	fuzz_expect(is_clean(row->envelope_to) && is_clean(row->reasons));
	fuzz_expect(strlen(row->header_from) <= INCOMING_FIELD_MAX);
	return true;
}

static inline bool sink_tls(void *context, const struct incoming_tls *policy)
{
	struct counted *counted = context;

	fuzz_expect(counted->is_open);
	fuzz_expect(is_clean(policy->domain) && is_clean(policy->type));
	return true;
}

static inline bool sink_failure(void *context, const struct incoming_failure *failure)
{
	struct counted *counted = context;

	fuzz_expect(counted->is_open);
	fuzz_expect(is_clean(failure->source) && is_clean(failure->cause));
	fuzz_expect(is_clean(failure->delivery));
	return true;
}

static inline bool sink_reject(void *context, const char *reason, const char *excerpt)
{
	struct counted *counted = context;

	fuzz_expect(counted->is_open);
	fuzz_expect(*reason != '\0' && is_clean(excerpt));
	return true;
}

static inline bool sink_end(void *context, const struct incoming_head *head)
{
	struct counted *counted = context;

	fuzz_expect(counted->is_open);
	fuzz_expect(is_clean(head->org) && is_clean(head->email) && is_clean(head->id));
	fuzz_expect(is_clean(head->domain) && is_clean(head->policy) && is_clean(head->remark));
	fuzz_expect(head->begin >= 0 && head->end >= 0);
	counted->ended++;
	counted->is_open = false;
	return true;
}

static inline struct incoming_sink sink_for(struct counted *counted)
{
	return (struct incoming_sink){counted,      sink_begin,  sink_row, sink_tls,
				      sink_failure, sink_reject, sink_end};
}

#endif
