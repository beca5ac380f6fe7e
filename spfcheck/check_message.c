/*
 * check_message - spfcheck as a filter; see check_message.h
 */
#include "check_message.h"

#include "base/pool.h"
#include "mail/received_field.h"
#include "spf/evaluate.h"
#include "spf_output.h"
#include "tool/filter_run.h"

/* Of the time of a message in a stream: MAIL FROM may be any domain. */
#define SPF_SHARE 0.4

bool check_set_header(const char *argument, void *target, struct error *error)
{
	static const char *const words[] = {"spf", "ar", "both", "none"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_is(slice_of(argument), words[i]))
			return option_text(argument, target, error);
	}
	return error_set(error, STATUS_CONFIG, "is none of spf, ar, both, none");
}

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

/* sender_missing - neither the envelope nor the message tells it */
static bool sender_missing(const struct check_options *options, struct error *error)
{
	if (options->received == 0)
		return error_set(error, STATUS_OTHER, "the frame does not tell the sender");
	return error_set(error, STATUS_OTHER,
			 "Received field %u does not tell the sender, nor does a Return-Path above "
			 "it; use --sender",
			 options->received);
}

/* identify - who sends, from the envelope or from the message */
static bool identify(const struct filter *filter, const struct check_options *options,
		     struct spf_query *query, struct error *error)
{
	const struct envelope *envelope = &filter->envelope;
	struct received_client client = {.address = envelope->client, .helo = envelope->helo};

	if (options->received != 0 &&
	    !received_field_find(filter->pool, filter->message, options->received, &client, error))
		return false;
	if (client.address.family == 0)
		return error_set(error, STATUS_OTHER, "the frame does not tell the client_address");
	query->client = client.address;
	query->helo = client.helo != NULL ? client.helo : "";
	query->sender = envelope->sender != NULL ? envelope->sender : client.sender;
	if (query->sender == NULL)
		return sender_missing(options, error);
	query->sender = without_brackets(filter->pool, query->sender);
	return true;
}

/* What has been asked and found out about a message. */
struct check {
	struct spf_query query;
	struct spf_result result;
};

/* check_judge - of a filter_job */
static bool check_judge(struct filter *filter, struct error *error)
{
	const struct check_options *options = filter->job->options;
	struct check *check = pool_alloc(filter->pool, sizeof(*check));
	struct dns_budget budget;

	filter->found = check;
	check->query.receiver = filter->context->options.authserv_id;
	check->query.now = filter->now;
	if (!read_message(filter, options, error) ||
	    !identify(filter, options, &check->query, error))
		return false;
	budget = filter_budget(filter, SPF_SHARE);
	spf_check(filter->pool, &check->query, SPF_MAILFROM, filter->context->dns, &budget,
		  &filter->context->trace, &check->result);
	filter->verdict = check->result.result;
	return true;
}

/* check_add_fields - of a filter_job */
static void check_add_fields(struct filter *filter)
{
	const struct check_options *options = filter->job->options;
	const struct check *check = filter->found;

	output_fields(filter, options->header != NULL ? options->header : "both", &check->query,
		      &check->result);
}

/* check_print - of a filter_job */
static bool check_print(struct filter *filter)
{
	const struct check *check = filter->found;

	return output_line(filter, &check->query, &check->result);
}

int check_run(struct tool_context *context, const struct check_options *options)
{
	const struct sandbox sandbox = {.dns = true, .spool = !context->options.check};
	const struct filter_job job = {
	    .options = options,
	    .envelope = {.client = options->client,
			 .helo = options->helo,
			 .sender = options->sender},
	    .judge = check_judge,
	    .add_fields = check_add_fields,
	    .print = check_print,
	};
	struct error error;

	if (!tool_open_dns(context, &error))
		return tool_fail(context, &error);
	tool_confine(context, sandbox);
	return filter_run(context, &job);
}
