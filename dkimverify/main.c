/*
 * dkimverify - who has signed this message, and is it still what they signed?
 *
 * Reads a message, verifies its DKIM signatures (RFC 6376) while the body arrives and
 * writes the message with one result field for each signature on top.
 */
#include "base/pool.h"
#include "dkim_output.h"
#include "dmarc/evaluation.h"
#include "mail/author.h"

/* Of the time of a message in a stream: the policy of the author is asked for after this. */
#define DKIM_SHARE 0.7

struct arguments {
	struct dkim_policy policy;
	unsigned hops;
	bool adsp;
};

/* practices - what the author domain says of its signatures */
static const struct adsp_result *practices(struct filter *filter, const struct verdicts *verdicts,
					   struct dns_budget *budget)
{
	struct adsp_result *result = pool_alloc(filter->pool, sizeof(*result));

	adsp_evaluate(filter->pool, verdicts->author_domain, verdicts->results, verdicts->count,
		      filter->context->dns, budget, &filter->context->trace, result);
	return result;
}

/* judge_signatures - while the message is read; false for trouble of our own */
static bool judge_signatures(struct filter *filter, const struct arguments *arguments,
			     struct verdicts *verdicts, struct error *error)
{
	struct dkim_policy policy = arguments->policy;
	struct author author;
	struct dkim_verifier *verifier;
	struct dns_budget budget;
	bool complete;

	policy.now = filter->now;
	author_read(filter->pool, filter->message, &author);
	verdicts->author_domain = author_domain(&author);
	verifier = dkim_verify_new(filter->pool, filter->message, &policy, &author,
				   &filter->context->trace);
	complete = filter_read_body(filter, dkim_verify_body, verifier, error);
	if (complete) {
		budget = filter_budget(filter, DKIM_SHARE);
		verdicts->results =
		    dkim_verify_finish(verifier, filter->context->dns, &budget, &verdicts->count);
	}
	dkim_verify_free(verifier);
	if (complete && arguments->adsp)
		verdicts->adsp = practices(filter, verdicts, &budget);
	return complete;
}

/* find_verdicts - the same, or why there are none: fields that are not in the index may be signed
 */
static bool find_verdicts(struct filter *filter, const struct arguments *arguments,
			  struct verdicts *verdicts, struct error *error)
{
	verdicts->unjudged = message_excess(filter->message);
	if (verdicts->unjudged == NULL)
		return judge_signatures(filter, arguments, verdicts, error);
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
	const struct arguments *arguments = filter->job->options;

	output_fields(filter, arguments->hops, filter->found);
}

/* verify_print - of a filter_job */
static bool verify_print(struct filter *filter)
{
	return output_lines(filter, filter->found);
}

/* verify - the whole work; the exit status */
static int verify(struct tool_context *context, const struct arguments *arguments)
{
	const struct sandbox sandbox = {.dns = true, .spool = !context->options.check};
	const struct filter_job job = {
	    .options = arguments,
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

int main(int argc, char **argv)
{
	struct arguments arguments = {
	    .policy = {.min_key_bits = DKIM_KEY_BITS_MIN, .max_signatures = DKIM_SIGNATURES_MAX},
	    .hops = 1,
	};
	const struct option_spec options[] = {
	    {LONG_ONLY, "min-key-bits", "N", "shorter RSA keys do not pass (1024)", option_count,
	     &arguments.policy.min_key_bits},
	    {LONG_ONLY, "max-signatures", "N", "that are verified (10)", option_count,
	     &arguments.policy.max_signatures},
	    {LONG_ONLY, "allow-length", NULL, "signatures may leave part of the body out",
	     option_flag, &arguments.policy.allow_length},
	    {LONG_ONLY, "adsp", NULL, "look up the author's signing practices (RFC 5617)",
	     option_flag, &arguments.adsp},
	    {LONG_ONLY, "trusted-hops", "N", "Received fields of own hosts (1)", option_count,
	     &arguments.hops},
	};
	const struct tool tool = {
	    .name = "dkimverify",
	    .synopsis = "[options] < message",
	    .summary = "Verifies DKIM signatures and adds the results to the message.",
	    .writes_results = true,
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	};
	struct tool_context context;
	int status;

	if (tool_start(&context, &tool, pool_new(), argc, argv, &status))
		status = verify(&context, &arguments);
	tool_end(&context);
	return status;
}
