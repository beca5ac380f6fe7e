/*
 * spfcheck - may this host send mail for this domain?
 *
 * Reads a message, checks the SMTP client against the SPF record of the sender (RFC 7208)
 * and writes the message with the result on top.
 */
#include <sysexits.h>

#include "output.h"
#include "pool.h"

struct arguments {
	struct ip_address client;
	const char *helo;
	const char *sender;
	const char *header; /* spf, ar or both */
};

/* set_sender - -f, with or without angle brackets */
static bool set_sender(const char *argument, void *target, struct error *error)
{
	(void)error;
	*(const char **)target = slice_is(slice_of(argument), "<>") ? "" : argument;
	return true;
}

/* set_header - --header */
static bool set_header(const char *argument, void *target, struct error *error)
{
	struct slice word = slice_of(argument);

	if (slice_is(word, "spf") || slice_is(word, "ar") || slice_is(word, "both"))
		return option_text(argument, target, error);
	return error_set(error, STATUS_CONFIG, "is none of spf, ar, both");
}

/* have_all - is the client known? */
static bool have_all(const struct arguments *arguments, struct error *error)
{
	if (arguments->client.family == 0)
		return error_set(error, STATUS_CONFIG, "option --ip is missing");
	if (arguments->helo == NULL)
		return error_set(error, STATUS_CONFIG, "option --helo is missing");
	if (arguments->sender == NULL)
		return error_set(error, STATUS_CONFIG, "option --sender is missing");
	return true;
}

/* check - the whole work; the exit status */
static int check(struct filter *filter, const struct arguments *arguments)
{
	struct spf_query query = {
	    .client = arguments->client,
	    .helo = arguments->helo,
	    .sender = arguments->sender,
	    .receiver = filter->options.authserv_id,
	    .now = filter->options.now,
	};
	struct spf_result result;
	struct dns_budget budget;
	struct error error;

	if (!filter_open(filter, &error))
		return filter_fail(filter, &error);
	if (!filter->options.check &&
	    (!filter_read_header(filter, &error) || !filter_read_body(filter, NULL, NULL, &error)))
		return filter_fail(filter, &error);
	budget = filter_budget(filter);
	spf_check(filter->pool, &query, SPF_MAILFROM, filter->dns, &budget, &filter->trace,
		  &result);
	if (!filter->options.check) {
		output_fields(filter, arguments->header, &query, &result);
		return filter_deliver(filter);
	}
	return output_line(filter, &query, &result) ? filter_check_status(result.result)
						    : EX_TEMPFAIL;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.header = "both"};
	const struct option_spec options[] = {
	    {'i', "ip", "ADDRESS", "of the SMTP client", option_address, &arguments.client},
	    {'H', "helo", "NAME", "the client's HELO or EHLO argument", option_text,
	     &arguments.helo},
	    {'f', "sender", "ADDRESS", "of the envelope; empty for bounces", set_sender,
	     &arguments.sender},
	    {OPTION_LONG, "header", "WHICH", "fields to add: spf, ar or both (both)", set_header,
	     &arguments.header},
	};
	const struct tool tool = {
	    .name = "spfcheck",
	    .synopsis = "-i ADDRESS -H NAME -f SENDER [options] < message",
	    .summary = "Checks the sender's SPF record and adds the result to the message.",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	};
	struct filter filter;
	struct error error;
	int status;

	if (filter_options(&filter, &tool, pool_new(), argc, argv, &status)) {
		if (have_all(&arguments, &error))
			status = check(&filter, &arguments);
		else
			status = filter_usage(&filter, &error);
	}
	filter_close(&filter);
	return status;
}
