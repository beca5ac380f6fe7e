/*
 * judge_message - everything that dmarceval finds out about a message; see judge_message.h
 */
#include "judge_message.h"

#include "base/pool.h"
#include "history/reputation.h"

/* is_ignored - --ignore-hosts */
static bool is_ignored(const struct host_list *ignored, struct dmarc_client client)
{
	return ignored != NULL && host_list_contains(ignored, client.address, client.name);
}

/* ignore - no judgement on this message */
static void ignore(struct verdict *verdict)
{
	verdict->ignored = true;
	verdict->result = (struct dmarc_result){.result = RESULT_NONE,
						.reason = "the client is in the list of hosts that "
							  "are ignored"};
}

/* acquaintance_of - how well the domain is known here */
static void acquaintance_of(struct tool_context *context, const struct judge_case *judged,
			    const struct dmarc_result *result,
			    struct dmarc_acquaintance *acquaintance)
{
	const long long today = judged->now / HISTORY_SECONDS_A_DAY;
	const struct history_passes_query query = {
	    .policy_domain = result->policy_domain,
	    .author_domain = result->author_domain,
	    .first = today - KNOWN_PERIOD + 1,
	    .last = today,
	};
	struct history_passes passes;
	struct error error;

	*acquaintance = (struct dmarc_acquaintance){.is_known = false};
	if (!history_passes_ask(judged->history, judged->pool, &query, &passes, &error)) {
		trace_print(&context->trace, "history: not read: %s", error.text);
		return;
	}
	*acquaintance = (struct dmarc_acquaintance){
	    .is_known = true, .messages = passes.messages, .days = passes.days};
}

/* settle_rejection - with what is known, if it matters */
static void settle_rejection(struct tool_context *context, const struct site_rules *rules,
			     const struct judge_case *judged, struct verdict *verdict)
{
	struct dmarc_result *result = &verdict->result;
	struct dmarc_acquaintance acquaintance;
	const struct dmarc_acquaintance *known = NULL;
	const char *sign;

	if (result->disposition != DMARC_DISPOSITION_REJECT)
		return;
	sign = dmarc_indirect_sign(judged->pool, &rules->exceptions, judged->message,
				   &verdict->input, judged->trust.sender);
	if (judged->history != NULL && dmarc_rejection_needs_history(rules->reject, result, sign)) {
		acquaintance_of(context, judged, result, &acquaintance);
		known = &acquaintance;
	}
	dmarc_settle_rejection(judged->pool, rules->reject, known, sign, result,
			       &verdict->overrides);
}

void judge_message(struct tool_context *context, const struct site_rules *rules,
		   struct judge_case *judged, struct verdict *verdict)
{
	*verdict = (struct verdict){.ignored = false};
	if (is_ignored(rules->ignored, judged->client)) {
		ignore(verdict);
		return;
	}
	dmarc_input_gather(judged->pool, judged->message, &judged->trust, &context->trace,
			   &verdict->input);
	if (judged->trust.frame == NULL && verdict->input.spf == NULL &&
	    verdict->input.dkim_count == 0)
		tool_hint(context, "the message has no results of spfcheck and dkimverify, which "
				   "come before: spfcheck ... <message | dkimverify | dmarceval");
	dmarc_judge(judged->pool, &verdict->input, &rules->demands, context->dns, &judged->budget,
		    &context->trace, &verdict->result);
	dmarc_except(judged->pool, &rules->exceptions, judged->message, judged->client,
		     &verdict->input, &verdict->result, &verdict->overrides);
	settle_rejection(context, rules, judged, verdict);
	trace_print(&context->trace, "disposition: %s%s%s",
		    dmarc_disposition_word(verdict->result.disposition),
		    verdict->result.note != NULL ? ": " : "",
		    verdict->result.note != NULL ? verdict->result.note : "");
}
