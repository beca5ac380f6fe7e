/*
 * aggregate_words - names and words; see report/aggregate_words.h
 */
#include "report/aggregate_words.h"

#include <string.h>

static const struct {
	const char *name;
	size_t len;
	enum element element;
} elements[] = {
#define ELEMENT(name, element)                                                                     \
	{                                                                                          \
		name, sizeof(name) - 1, element                                                    \
	}
    ELEMENT("record", ELEMENT_RECORD),
    ELEMENT("row", ELEMENT_ROW),
    ELEMENT("source_ip", ELEMENT_SOURCE_IP),
    ELEMENT("count", ELEMENT_COUNT),
    ELEMENT("policy_evaluated", ELEMENT_EVALUATED),
    ELEMENT("disposition", ELEMENT_DISPOSITION),
    ELEMENT("dkim", ELEMENT_DKIM),
    ELEMENT("spf", ELEMENT_SPF),
    ELEMENT("header_from", ELEMENT_HEADER_FROM),
    ELEMENT("auth_results", ELEMENT_AUTH),
    ELEMENT("domain", ELEMENT_DOMAIN),
    ELEMENT("selector", ELEMENT_SELECTOR),
    ELEMENT("result", ELEMENT_RESULT),
    ELEMENT("scope", ELEMENT_SCOPE),
    ELEMENT("envelope_from", ELEMENT_ENVELOPE_FROM),
    ELEMENT("envelope_to", ELEMENT_ENVELOPE_TO),
    ELEMENT("reason", ELEMENT_REASON),
    ELEMENT("type", ELEMENT_TYPE),
    ELEMENT("feedback", ELEMENT_FEEDBACK),
    ELEMENT("org_name", ELEMENT_ORG),
    ELEMENT("email", ELEMENT_EMAIL),
    ELEMENT("report_id", ELEMENT_REPORT_ID),
    ELEMENT("begin", ELEMENT_BEGIN),
    ELEMENT("end", ELEMENT_END),
    ELEMENT("error", ELEMENT_ERROR),
    ELEMENT("generator", ELEMENT_GENERATOR),
    ELEMENT("policy_published", ELEMENT_POLICY),
    ELEMENT("adkim", ELEMENT_ADKIM),
    ELEMENT("aspf", ELEMENT_ASPF),
    ELEMENT("p", ELEMENT_P),
    ELEMENT("sp", ELEMENT_SP),
    ELEMENT("np", ELEMENT_NP),
    ELEMENT("pct", ELEMENT_PCT),
    ELEMENT("fo", ELEMENT_FO),
    ELEMENT("testing", ELEMENT_TESTING),
    ELEMENT("discovery_method", ELEMENT_DISCOVERY),
    ELEMENT("html", ELEMENT_HTML),
#undef ELEMENT
};

enum element aggregate_element(struct slice name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (name.len == elements[i].len &&
		    slice_equal_nocase(name, slice_from(elements[i].name, elements[i].len)))
			return elements[i].element;
	}
	return ELEMENT_OTHER;
}

const char *aggregate_policy_tag(enum element element)
{
	static const char *const tags[] = {"adkim", "aspf", "p", "sp",       "np",
					   "pct",   "fo",   "t", "discovery"};

	if (element < ELEMENT_ADKIM || element > ELEMENT_DISCOVERY)
		return NULL;
	return tags[element - ELEMENT_ADKIM];
}

/* find_word - in a list that ends with NULL */
static const char *find_word(const char *const *words, const char *word)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words;
}

const char *aggregate_result_word(const char *word, bool *mapped)
{
	static const char *const words[] = {"pass",      "fail",    "none",
					    "softfail",  "neutral", "temperror",
					    "permerror", "policy",  NULL};
	static const char *const mistakes[][2] = {
	    {"hardfail", "fail"},      {"unknown", "permerror"},
	    {"invalid", "permerror"},  {"error", "temperror"},
	    {"failed", "fail"},        {"passed", "pass"},
	    {"soft_fail", "softfail"}, {"", "none"},
	};
	const char *known = find_word(words, word);

	if (known != NULL)
		return known;
	*mapped = true;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		if (strcmp(mistakes[i][0], word) == 0)
			return mistakes[i][1];
	}
	return "permerror";
}

const char *aggregate_reason_word(const char *word)
{
	static const char *const words[] = {"local_policy",
					    "mailing_list",
					    "trusted_forwarder",
					    "forwarded",
					    "sampled_out",
					    "policy_test_mode",
					    "other",
					    NULL};
	const char *known = find_word(words, word);

	if (known != NULL)
		return known;
	return *word == '\0' ? NULL : "other";
}

enum incoming_disposition aggregate_disposition(const char *word, bool *mapped)
{
	if (strcmp(word, "reject") == 0)
		return DISPOSITION_REJECT;
	if (strcmp(word, "quarantine") == 0)
		return DISPOSITION_QUARANTINE;
	*mapped = *mapped || (strcmp(word, "none") != 0 && strcmp(word, "pass") != 0);
	return DISPOSITION_NONE;
}
