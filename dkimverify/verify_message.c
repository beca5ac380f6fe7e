/*
 * verify_message - dkimverify as a filter; see verify_message.h
 */
#include "verify_message.h"

#include "base/pool.h"
#include "dkim_output.h"
#include "mail/author.h"
#include "tool/filter_run.h"

/* Of the time of a message in a stream: the policy of the author is asked for after this. */
#define DKIM_SHARE 0.7

#define ARC_PART                                                                                   \
	3 /* of the time that is left: DMARC comes afterwards, and needs the most of it            \
	   */

/* practices - what the author domain says of its signatures */
static const struct adsp_result *practices(struct filter *filter, const struct verdicts *verdicts,
					   struct dns_budget *budget)
{
	struct adsp_result *result = pool_alloc(filter->pool, sizeof(*result));

	adsp_evaluate(filter->pool, verdicts->author_domain, verdicts->results, verdicts->count,
		      filter->context->dns, budget, &filter->context->trace, result);
	return result;
}

/* What reads the body: signatures and, with --arc, the chain. */
struct body_readers {
	struct dkim_verifier *signatures;
	struct arc_verifier *chain; /* or NULL */
};

/* take_body_to_verify - a message_sink; context is the readers */
static void take_body_to_verify(void *context, const char *data, size_t len)
{
	const struct body_readers *readers = context;

	dkim_verify_body(readers->signatures, data, len);
	if (readers->chain != NULL)
		arc_verify_body(readers->chain, data, len);
}

/* judge_chain - who has passed the message on; foreign names get a part of the time only */
static const struct arc_result *judge_chain(struct filter *filter, struct arc_verifier *chain,
					    struct dns_budget *budget)
{
	struct arc_result *result = pool_alloc(filter->pool, sizeof(*result));
	struct dns_budget part = dns_budget_part(budget, dns_budget_left(budget) / ARC_PART);

	arc_verify_finish(chain, filter->context->dns, &part, result);
	budget->queries = part.queries;
	return result;
}

/* finish_verdicts - when the body is complete */
static void finish_verdicts(struct filter *filter, const struct verify_options *options,
			    const struct body_readers *readers, struct verdicts *verdicts)
{
	struct dns_budget budget = filter_budget(filter, DKIM_SHARE);

	verdicts->results = dkim_verify_finish(readers->signatures, filter->context->dns, &budget,
					       &verdicts->count);
	if (options->adsp)
		verdicts->adsp = practices(filter, verdicts, &budget);
	if (readers->chain != NULL)
		verdicts->arc = judge_chain(filter, readers->chain, &budget);
}

/* judge_signatures - while the message is read; false for trouble of our own */
static bool judge_signatures(struct filter *filter, const struct verify_options *options,
			     struct verdicts *verdicts, struct error *error)
{
	const struct trace *trace = &filter->context->trace;
	struct dkim_policy policy = options->policy;
	const struct arc_policy arc_policy = {
	    .min_key_bits = policy.min_key_bits,
	    .now = filter->now,
	};
	struct body_readers readers = {.chain = NULL};
	struct author author;
	bool complete;

	policy.now = filter->now;
	author_read(filter->pool, filter->message, &author);
	verdicts->author_domain = author_domain(&author);
	readers.signatures =
	    dkim_verify_new(filter->pool, filter->message, &policy, &author, trace);
	if (options->arc)
		readers.chain = arc_verify_new(filter->pool, filter->message, &arc_policy, trace);
	complete = filter_read_body(filter, take_body_to_verify, &readers, error);
	if (complete)
		finish_verdicts(filter, options, &readers, verdicts);
	dkim_verify_free(readers.signatures);
	arc_verify_free(readers.chain);
	return complete;
}

/* find_verdicts - the same, or why there are none: fields that are not in the index may be signed
 */
static bool find_verdicts(struct filter *filter, const struct verify_options *options,
			  struct verdicts *verdicts, struct error *error)
{
	verdicts->unjudged = message_excess(filter->message);
	if (verdicts->unjudged == NULL)
		return judge_signatures(filter, options, verdicts, error);
	return filter_read_body(filter, NULL, NULL, error);
}

/* verify_judge - of a filter_job */
static bool verify_judge(struct filter *filter, struct error *error)
{
	struct verdicts *verdicts = pool_alloc(filter->pool, sizeof(*verdicts));

	filter->found = verdicts;
	if (!filter_read_header(filter, error) ||
	    !find_verdicts(filter, filter->job->options, verdicts, error))
		return false;
	filter->verdict = output_summary(verdicts);
	return true;
}

/* verify_add_fields - of a filter_job */
static void verify_add_fields(struct filter *filter)
{
	const struct verify_options *options = filter->job->options;

	output_fields(filter, options->hops, filter->found);
}

/* verify_print - of a filter_job */
static bool verify_print(struct filter *filter)
{
	return output_lines(filter, filter->found);
}

int verify_run(struct tool_context *context, const struct verify_options *options)
{
	const struct sandbox sandbox = {.dns = true, .spool = !context->options.check};
	const struct filter_job job = {
	    .options = options,
	    .judge = verify_judge,
	    .add_fields = verify_add_fields,
	    .print = verify_print,
	};
	struct error error;

	if (!tool_open_dns(context, &error))
		return tool_fail(context, &error);
	tool_confine(context, sandbox);
	return filter_run(context, &job);
}
