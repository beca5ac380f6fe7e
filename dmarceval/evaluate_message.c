/*
 * evaluate_message - dmarceval as a filter; see evaluate_message.h
 *
 * The message goes on before the history is written: whatever happens to the row, the message is
 * on its way. If we die in between, the message is not acknowledged and comes again.
 */
#include "evaluate_message.h"

#include <string.h>
#include <sysexits.h>

#include "base/pool.h"
#include "base/printable.h"
#include "dmarc/input.h"
#include "dmarc_output.h"
#include "history/dmarc_row.h"
#include "history/history.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

bool evaluate_set_mark(const char *argument, void *target, struct error *error)
{
	const char *colon = strchr(argument, ':');
	bool good = colon != NULL && colon != argument;

	for (const char *byte = argument; good && *byte != '\0'; byte++)
		good = is_vchar(*byte) || (*byte == ' ' && byte > colon);
	if (!good)
		return error_set(error, STATUS_CONFIG, "is no header field like \"X-Spam: yes\"");
	return option_text(argument, target, error);
}

bool evaluate_set_at_most(const char *argument, void *target, struct error *error)
{
	struct slice word = slice_of(argument);

	if (slice_is(word, "none") || slice_is(word, "quarantine"))
		return option_text(argument, target, error);
	return error_set(error, STATUS_CONFIG, "is none of none, quarantine");
}

bool evaluate_set_address(const char *argument, void *target, struct error *error)
{
	struct pool *pool = pool_new();
	struct address address;
	bool good =
	    address_parse_path(pool, slice_of(argument), &address) && *address.domain != '\0';

	pool_free(pool);
	if (!good)
		return error_set(error, STATUS_CONFIG, "is no mail address");
	return option_text(argument, target, error);
}

bool evaluate_is_complete(const struct evaluate_options *options, struct error *error)
{
	const struct {
		const char *name;
		const char *value;
	} needs[] = {
	    {"db", options->database},
	    {"ignore-hosts", options->ignored},
	    {"trusted-forwarders", options->forwarders},
	    {"client-name", options->client_name},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].value != NULL && options->client.family == 0)
			return error_set(error, STATUS_CONFIG, "option --%s needs --ip",
					 needs[i].name);
	}
	return true;
}

/* What the files that options name say. */
struct lists {
	const struct host_list *ignored;
	struct dmarc_local_rules rules;
};

/* read_list - NULL for no file */
static bool read_list(struct pool *pool, const char *path, const struct host_list **list,
		      struct error *error)
{
	*list = path != NULL ? host_list_read(pool, path, error) : NULL;
	return path == NULL || *list != NULL;
}

/* read_lists - all of them */
static bool read_lists(struct pool *pool, const struct evaluate_options *options,
		       struct lists *lists, struct error *error)
{
	*lists = (struct lists){.ignored = NULL};
	if (options->at_most != NULL)
		lists->rules.at_most = strcmp(options->at_most, "none") == 0
					   ? DMARC_POLICY_NONE
					   : DMARC_POLICY_QUARANTINE;
	return read_list(pool, options->ignored, &lists->ignored, error) &&
	       read_list(pool, options->forwarders, &lists->rules.forwarders, error) &&
	       read_list(pool, options->lists, &lists->rules.lists, error);
}

/* read_client - a name that is none must not keep mail waiting */
static struct dmarc_client read_client(struct filter *filter,
				       const struct evaluate_options *options)
{
	struct dmarc_client client = {.address = &options->client};

	if (options->client_name == NULL || *options->client_name == '\0')
		return client;
	client.name = domain_canonical(filter->pool, slice_of(options->client_name));
	if (client.name == NULL)
		trace_print(&filter->context->trace,
			    "option --client-name: \"%s\" is no host name; the client has none",
			    text_excerpt(filter->pool, slice_of(options->client_name)));
	return client;
}

/* is_ignored - --ignore-hosts */
static bool is_ignored(const struct host_list *ignored, struct dmarc_client client)
{
	return ignored != NULL && host_list_contains(ignored, client.address, client.name);
}

/* judge - DMARC for the message that was read, and what this site makes of it */
static void judge(struct filter *filter, const struct evaluate_options *options,
		  const struct lists *lists, struct dmarc_client client, struct verdict *verdict)
{
	const struct dmarc_trust trust = {
	    .id = filter->context->options.authserv_id,
	    .trusted_ids = options->trusted_ids.items,
	    .trusted_count = options->trusted_ids.count,
	    .hops = options->hops,
	    .sender = options->sender,
	};
	struct dns_budget budget = tool_budget(filter->context);

	dmarc_input_gather(filter->pool, filter->message, &trust, &filter->context->trace,
			   &verdict->input);
	dmarc_evaluate(filter->pool, &verdict->input, filter->context->dns, &budget,
		       &filter->context->trace, &verdict->result);
	dmarc_override(filter->pool, &lists->rules, filter->message, client, &verdict->input,
		       &verdict->result, &verdict->overrides);
}

/* ignore - no judgement on this message */
static void ignore(struct verdict *verdict)
{
	verdict->ignored = true;
	verdict->result = (struct dmarc_result){.result = RESULT_NONE,
						.reason = "the client is in --ignore-hosts",
						.disposition = DMARC_POLICY_NONE};
}

/* record - stores the row; nothing that happens here is the message's trouble */
static void record(struct filter *filter, const struct evaluate_options *options,
		   const struct verdict *verdict, struct system_log *log)
{
	const char *uncounted = dmarc_uncounted(filter->pool, filter->message, &verdict->input,
						&verdict->result, options->report_address);
	struct history_row row;
	struct error error;
	enum history_outcome outcome;

	if (uncounted != NULL) {
		trace_print(&filter->context->trace, "history: not counted: %s", uncounted);
		return;
	}
	dmarc_history_row(filter->pool, &verdict->input, &verdict->result, &verdict->overrides,
			  &options->client, filter->context->options.now, &row);
	outcome =
	    history_record(filter->pool, options->database, &row, &filter->context->trace, &error);
	if (outcome == HISTORY_STORED)
		trace_print(&filter->context->trace, "history: stored");
	else
		output_unrecorded(filter, log, outcome == HISTORY_LOST, &error);
}

/* confine - the history is opened later: what it finds there, a stranger may have written */
static void confine(struct filter *filter, const struct evaluate_options *options)
{
	struct sandbox sandbox = {
	    .pool = filter->pool, .dns = true, .spool = !filter->context->options.check};

	if (options->database != NULL) {
		sandbox_allow_database(&sandbox, options->database);
		sandbox.syslog = true;
	}
	tool_confine(filter->context, sandbox);
}

/* deliver - message or result line; the exit status, 0 for an acknowledged message */
static int deliver(struct filter *filter, const struct evaluate_options *options,
		   const struct verdict *verdict)
{
	if (filter->context->options.check)
		return output_line(filter, verdict) ? EX_OK : tool_unwritten(filter->context);
	output_fields(filter, options->hops, options->mark, verdict);
	return filter_deliver(filter);
}

/* evaluate - the whole work; log is open if there is a history */
static int evaluate(struct filter *filter, const struct evaluate_options *options,
		    struct system_log *log)
{
	struct verdict verdict = {.ignored = false};
	struct lists lists;
	struct dmarc_client client;
	struct error error;
	int status;

	if (!read_lists(filter->pool, options, &lists, &error) ||
	    !tool_open_dns(filter->context, &error))
		return tool_fail(filter->context, &error);
	confine(filter, options);
	if (!filter_read_header(filter, &error) || !filter_read_body(filter, NULL, NULL, &error))
		return tool_fail(filter->context, &error);
	if (options->client.family != 0)
		trace_print(&filter->context->trace, "message from %s", options->client.text);
	client = read_client(filter, options);
	if (is_ignored(lists.ignored, client))
		ignore(&verdict);
	else
		judge(filter, options, &lists, client, &verdict);
	status = deliver(filter, options, &verdict);
	if (status != EX_OK)
		return status;
	if (options->database != NULL && !verdict.ignored)
		record(filter, options, &verdict, log);
	return filter->context->options.check ? tool_check_status(verdict.result.result) : EX_OK;
}

int evaluate_run(struct tool_context *context, const struct evaluate_options *options)
{
	struct filter filter = {.context = context, .pool = context->pool};
	struct system_log log = {.fd = -1};
	int status;

	if (options->database != NULL)
		system_log_open(&log, context->tool->name);
	status = evaluate(&filter, options, &log);
	system_log_close(&log);
	filter_end(&filter);
	return status;
}
