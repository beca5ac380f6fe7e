/*
 * aggregate_words - the names of elements and the words in aggregate reports (RFC 9990,
 * RFC 7489 appendix C, the drafts before it), and the mistakes that are known
 */
#ifndef ASSAY_REPORT_AGGREGATE_WORDS_H
#define ASSAY_REPORT_AGGREGATE_WORDS_H

#include "report/incoming.h"

enum element {
	ELEMENT_OTHER,
	ELEMENT_HTML,
	ELEMENT_FEEDBACK,
	ELEMENT_ORG,
	ELEMENT_EMAIL,
	ELEMENT_REPORT_ID,
	ELEMENT_BEGIN,
	ELEMENT_END,
	ELEMENT_ERROR,
	ELEMENT_GENERATOR,
	ELEMENT_POLICY, /* policy_published */
	ELEMENT_DOMAIN,
	ELEMENT_ADKIM, /* the tags of a policy, to ELEMENT_DISCOVERY */
	ELEMENT_ASPF,
	ELEMENT_P,
	ELEMENT_SP,
	ELEMENT_NP,
	ELEMENT_PCT,
	ELEMENT_FO,
	ELEMENT_TESTING,
	ELEMENT_DISCOVERY,
	ELEMENT_RECORD,
	ELEMENT_ROW,
	ELEMENT_SOURCE_IP,
	ELEMENT_COUNT,
	ELEMENT_EVALUATED, /* policy_evaluated */
	ELEMENT_DISPOSITION,
	ELEMENT_DKIM,
	ELEMENT_SPF,
	ELEMENT_REASON,
	ELEMENT_TYPE,
	ELEMENT_HEADER_FROM,
	ELEMENT_ENVELOPE_FROM,
	ELEMENT_ENVELOPE_TO,
	ELEMENT_AUTH, /* auth_results */
	ELEMENT_SELECTOR,
	ELEMENT_SCOPE,
	ELEMENT_RESULT,
};

/* By its local name, in any case. */
enum element aggregate_element(struct slice name);

/* How a tag of policy_published is written in a record: "p"; NULL for other elements. */
const char *aggregate_policy_tag(enum element element);

/* The word of a DKIM or SPF result, one of RFC 8601; *mapped: it was another one. */
const char *aggregate_result_word(const char *word, bool *mapped);

/* The type of an override (RFC 9990 3.1.6) as a literal: "other" if it is unknown, NULL if empty.
 */
const char *aggregate_reason_word(const char *word);

enum incoming_disposition aggregate_disposition(const char *word, bool *mapped);

#endif
