/*
 * check_message - spfcheck as a filter; see check_message.h
 */
#include "check_message.h"

#include "mail/received_field.h"
#include "spf/evaluate.h"
#include "spf_output.h"

bool check_set_received(const char *argument, void *target, struct error *error)
{
	return option_count(argument != NULL ? argument : "1", target, error);
}

bool check_is_complete(const struct check_options *options, struct error *error)
{
	if (options->received != 0 && (options->client.family != 0 || options->helo != NULL))
		return error_set(error, STATUS_CONFIG, "option --received contradicts --%s",
				 options->client.family != 0 ? "ip" : "helo");
	if (options->received != 0)
		return true;
	if (options->client.family == 0)
		return error_set(error, STATUS_CONFIG, "option --ip is missing");
	if (options->helo == NULL)
		return error_set(error, STATUS_CONFIG, "option --helo is missing");
	if (options->sender == NULL)
		return error_set(error, STATUS_CONFIG, "option --sender is missing");
	return true;
}

/* read_message - as much of it as is needed */
static bool read_message(struct filter *filter, const struct check_options *options,
			 struct error *error)
{
	if (filter->context->options.check && options->received == 0)
		return true;
	return filter_read_header(filter, error) &&
	       (filter->context->options.check || filter_read_body(filter, NULL, NULL, error));
}

/* without_brackets - "<a@b>" is a@b, "<>" the null sender */
static const char *without_brackets(struct pool *pool, const char *sender)
{
	struct slice text = slice_of(sender);

	if (text.len < 2 || text.data[0] != '<' || text.data[text.len - 1] != '>')
		return sender;
	return slice_copy(pool, slice_from(text.data + 1, text.len - 2));
}

/* identify - who sends, from the options or from the message */
static bool identify(const struct filter *filter, const struct check_options *options,
		     struct spf_query *query, struct error *error)
{
	struct received_client client = {
	    .address = options->client,
	    .helo = options->helo,
	};

	if (options->received != 0 &&
	    !received_field_find(filter->pool, filter->message, options->received, &client, error))
		return false;
	query->client = client.address;
	query->helo = client.helo;
	query->sender = options->sender != NULL ? options->sender : client.sender;
	if (query->sender != NULL) {
		query->sender = without_brackets(filter->pool, query->sender);
		return true;
	}
	return error_set(error, STATUS_OTHER,
			 "Received field %u does not tell the sender, nor does a Return-Path above "
			 "it; use --sender",
			 options->received);
}

/* check_message - the whole work; the exit status */
static int check_message(struct filter *filter, const struct check_options *options,
			 const char *header)
{
	struct spf_query query = {
	    .receiver = filter->context->options.authserv_id,
	    .now = filter->context->options.now,
	};
	const struct sandbox sandbox = {.dns = true, .spool = !filter->context->options.check};
	struct spf_result result;
	struct dns_budget budget;
	struct error error;

	if (!tool_open_dns(filter->context, &error))
		return tool_fail(filter->context, &error);
	tool_confine(filter->context, sandbox);
	if (!read_message(filter, options, &error) || !identify(filter, options, &query, &error))
		return tool_fail(filter->context, &error);
	budget = tool_budget(filter->context);
	spf_check(filter->pool, &query, SPF_MAILFROM, filter->context->dns, &budget,
		  &filter->context->trace, &result);
	if (!filter->context->options.check) {
		output_fields(filter, header != NULL ? header : "both", &query, &result);
		return filter_deliver(filter);
	}
	return output_line(filter, &query, &result) ? tool_check_status(result.result)
						    : tool_unwritten(filter->context);
}

int check_run(struct tool_context *context, const struct check_options *options, const char *header)
{
	struct filter filter = {.context = context, .pool = context->pool};
	int status = check_message(&filter, options, header);

	filter_end(&filter);
	return status;
}
