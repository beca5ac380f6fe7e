/*
 * failure - failing messages one by one; see report/failure.h
 *
 * RFC 9989 section 4.7 (fo), RFC 9991 section 4, RFC 6591 sections 3.1 and 3.2 (the fields).
 */
#include "report/failure.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/record_text.h"
#include "history/row.h"
#include "mail/domain.h"
#include "report/redaction.h"

#define RESULTS_MAX 10 /* signatures in the Authentication-Results of a report */
#define SPF_VERSION "v=spf1"

/* any_dkim_failed - whether aligned or not */
static bool any_dkim_failed(const struct dmarc_input *input)
{
	for (size_t i = 0; i < input->dkim_count; i++) {
		if (input->dkim[i].result != RESULT_PASS && input->dkim[i].result != RESULT_NONE)
			return true;
	}
	return false;
}

bool failure_is_wanted(const struct dmarc_input *input, const struct dmarc_result *result)
{
	const struct dmarc_record *record = result->record;
	bool any_failed = !result->spf_aligned || !result->dkim_aligned;

	if (record == NULL || record->ruf == NULL || record->psd == 'y' ||
	    (result->result != RESULT_FAIL && result->result != RESULT_PASS))
		return false;
	for (const char *option = record->fo; *option != '\0'; option++) {
		if ((*option == '0' && result->result == RESULT_FAIL) ||
		    (*option == '1' && any_failed) || (*option == 'd' && any_dkim_failed(input)) ||
		    (*option == 's' && input->spf != NULL && input->spf->result != RESULT_PASS &&
		     input->spf->result != RESULT_NONE))
			return true;
	}
	return false;
}

/* is_related - could this identifier have been aligned? */
static bool is_related(const struct dmarc_identifier *identifier, const struct dmarc_result *result)
{
	return identifier->domain != NULL && result->org_domain != NULL &&
	       domain_is_within(identifier->domain, result->org_domain);
}

/* add_results - Authentication-Results, in words of our own (RFC 8601) */
static void add_results(struct buffer *out, const struct failure_message *message,
			const struct dmarc_input *input, const struct dmarc_result *result)
{
	buffer_printf(out, "Authentication-Results: %s;\n dmarc=%s header.from=%s",
		      message->authserv_id, result_word(result->result), input->author_domain);
	if (input->spf != NULL && input->spf->domain != NULL)
		buffer_printf(out, ";\n spf=%s smtp.mailfrom=%s", result_word(input->spf->result),
			      input->spf->domain);
	for (size_t i = 0; i < input->dkim_count && i < RESULTS_MAX; i++) {
		if (input->dkim[i].domain != NULL)
			buffer_printf(out, ";\n dkim=%s header.d=%s",
				      result_word(input->dkim[i].result), input->dkim[i].domain);
	}
	buffer_add_byte(out, '\n');
}

/* add_dkim - of the first signature that could have been aligned, and failed */
static void add_dkim(struct pool *pool, struct buffer *out, const struct dmarc_input *input,
		     const struct dmarc_result *result)
{
	for (size_t i = 0; i < input->dkim_count; i++) {
		const struct dmarc_identifier *dkim = &input->dkim[i];
		const char *selector = NULL;

		if (dkim->result == RESULT_PASS || !is_related(dkim, result))
			continue;
		if (dkim->selector != NULL)
			selector = domain_canonical(pool, slice_of(dkim->selector));
		buffer_printf(out, "DKIM-Domain: %s\nDKIM-Identity: @%s\nDKIM-Selector: %s\n",
			      dkim->domain, dkim->domain, selector != NULL ? selector : "unknown");
		return;
	}
}

/* add_spf - the record that did not allow the client */
static void add_spf(struct pool *pool, struct buffer *out, const struct dmarc_input *input,
		    const struct dmarc_result *result, struct dns *dns, struct dns_budget *budget)
{
	const struct dmarc_identifier *spf = input->spf;
	const struct dns_answer *answer;

	if (spf == NULL || spf->result == RESULT_PASS || !is_related(spf, result))
		return;
	answer = dns_query(dns, spf->domain, DNS_TXT, budget);
	for (size_t i = 0; answer->status == DNS_FOUND && i < answer->count; i++) {
		struct slice text = answer->records[i].text;
		const char *copy;

		if (!slice_starts_nocase(text, SPF_VERSION))
			continue;
		copy = slice_copy(pool, text);
		for (const char *byte = copy; *byte != '\0'; byte++) {
			if (*byte < ' ' || *byte > '~' || *byte == '"')
				return;
		}
		buffer_printf(out, "SPF-DNS: txt : %s : \"%s\"\n", spf->domain, copy);
		return;
	}
}

/* alignment - the mechanisms that gave no aligned identity */
static const char *alignment(const struct dmarc_result *result)
{
	if (result->dkim_aligned)
		return result->spf_aligned ? "none" : "spf";
	return result->spf_aligned ? "dkim" : "dkim, spf";
}

/* delivery - what became of the message (RFC 6591 section 3.2.2) */
static const char *delivery(const struct dmarc_result *result)
{
	switch (result->disposition) {
	case DMARC_DISPOSITION_REJECT: return "reject";
	case DMARC_DISPOSITION_QUARANTINE: return "spam";
	default: return "delivered";
	}
}

/* details_of - the fields of a message/feedback-report but those that are known only at the end */
static const char *details_of(struct pool *pool, const struct failure_message *message,
			      const struct dmarc_input *input, const struct dmarc_result *result,
			      struct dns *dns, struct dns_budget *budget)
{
	struct buffer out;
	const char *copy;

	buffer_init(&out, INCIDENT_TEXT_MAX);
	buffer_printf(&out, "Auth-Failure: dmarc\nIdentity-Alignment: %s\n", alignment(result));
	add_results(&out, message, input, result);
	buffer_printf(&out, "Delivery-Result: %s\nReported-Domain: %s\n", delivery(result),
		      input->author_domain);
	if (message->sender != NULL && *message->sender != '\0' &&
	    strcmp(message->sender, "<>") != 0)
		buffer_printf(&out, "Original-Mail-From: <%s>\n",
			      redact_address(pool, message->key, message->sender));
	if (!result->dkim_aligned)
		add_dkim(pool, &out, input, result);
	if (!result->spf_aligned)
		add_spf(pool, &out, input, result, dns, budget);
	copy = out.overflow ? "Auth-Failure: dmarc\n" : slice_copy(pool, buffer_slice(&out));
	buffer_free(&out);
	return copy;
}

void failure_incident(struct pool *pool, const struct failure_message *message,
		      const struct dmarc_input *input, const struct dmarc_result *result,
		      struct dns *dns, struct dns_budget *budget, struct incident *incident)
{
	*incident = (struct incident){
	    .day = message->now / HISTORY_SECONDS_A_DAY,
	    .domain = result->policy_domain,
	    .source = message->client->text,
	    .record = dmarc_record_text(pool, result->record),
	    .organization = result->org_domain != NULL ? result->org_domain : result->policy_domain,
	    .arrival = message->now,
	    .details = details_of(pool, message, input, result, dns, budget),
	    .fields = redacted_fields(pool, message->key, message->message),
	    .count = 1,
	};
}
