/*
 * dmarceval - is this message from the domain that it says it is from?
 *
 * Reads a message that SPF and DKIM have been checked for, evaluates DMARC (RFC 9989) and
 * writes the message with the result on top.
 */
#include <string.h>
#include <sysexits.h>

#include "abnf.h"
#include "dmarc_input.h"
#include "ip_address.h"
#include "output.h"
#include "pool.h"

struct arguments {
	struct ip_address client;
	struct option_list trusted_ids;
	unsigned hops;
	const char *mark;
};

/* set_mark - --mark: a whole header field, on one line */
static bool set_mark(const char *argument, void *target, struct error *error)
{
	const char *colon = strchr(argument, ':');
	bool good = colon != NULL && colon != argument;

	for (const char *byte = argument; good && *byte != '\0'; byte++)
		good = is_vchar(*byte) || (*byte == ' ' && byte > colon);
	if (!good)
		return error_set(error, STATUS_CONFIG, "is no header field like \"X-Spam: yes\"");
	return option_text(argument, target, error);
}

/* judge - DMARC for the message that was read */
static const char *judge(struct filter *filter, const struct arguments *arguments,
			 struct dmarc_result *result)
{
	const struct dmarc_trust trust = {
	    .id = filter->options.authserv_id,
	    .trusted_ids = arguments->trusted_ids.items,
	    .trusted_count = arguments->trusted_ids.count,
	    .hops = arguments->hops,
	};
	struct dmarc_input input;
	struct dns_budget budget = filter_budget(filter);

	dmarc_input_gather(filter->pool, filter->message, &trust, &filter->trace, &input);
	dmarc_evaluate(filter->pool, &input, filter->dns, &budget, &filter->trace, result);
	return input.author_domain;
}

/* evaluate - the whole work; the exit status */
static int evaluate(struct filter *filter, const struct arguments *arguments)
{
	struct dmarc_result result;
	struct error error;
	const char *from;

	if (!filter_open(filter, &error) || !filter_read_header(filter, &error) ||
	    !filter_read_body(filter, NULL, NULL, &error))
		return filter_fail(filter, &error);
	if (arguments->client.family != 0)
		trace_print(&filter->trace, "message from %s", arguments->client.text);
	from = judge(filter, arguments, &result);
	if (!filter->options.check) {
		output_fields(filter, arguments->hops, arguments->mark, from, &result);
		return filter_deliver(filter);
	}
	return output_line(filter, from, &result) ? filter_check_status(result.result)
						  : EX_TEMPFAIL;
}

int main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct arguments arguments = {.trusted_ids = {.pool = pool}, .hops = 1};
	const struct option_spec options[] = {
	    {'i', "ip", "ADDRESS", "of the SMTP client", option_address, &arguments.client},
	    {OPTION_LONG, "trusted-ids", "LIST", "further authserv-ids to believe", option_id_list,
	     &arguments.trusted_ids},
	    {OPTION_LONG + 1, "trusted-hops", "N", "Received fields of own hosts (1)", option_count,
	     &arguments.hops},
	    {OPTION_LONG + 2, "mark", "FIELD", "add FIELD on quarantine and reject", set_mark,
	     &arguments.mark},
	};
	const struct tool tool = {
	    .name = "dmarceval",
	    .synopsis = "[options] < message",
	    .summary = "Evaluates DMARC and adds the result to the message.",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	};
	struct filter filter;
	int status;

	if (filter_options(&filter, &tool, pool, argc, argv, &status))
		status = evaluate(&filter, &arguments);
	filter_close(&filter);
	return status;
}
