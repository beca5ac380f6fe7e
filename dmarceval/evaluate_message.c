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
#include "dmarc/counting.h"
#include "dmarc_output.h"
#include "history/dmarc_row.h"
#include "history/history.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "note_failure.h"
#include "tool/filter_run.h"

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

/* take_word - one of some words, which are also what the error says */
static bool take_word(const char *argument, const char *words, void *target, struct error *error)
{
	struct slice rest = slice_of(words);
	struct slice word;

	while (slice_cut(&rest, ' ', &word)) {
		if (slice_is(word, argument))
			return option_text(argument, target, error);
	}
	return error_set(error, STATUS_CONFIG, "is none of: %s", words);
}

bool evaluate_set_at_most(const char *argument, void *target, struct error *error)
{
	return take_word(argument, "none quarantine", target, error);
}

bool evaluate_set_no_author(const char *argument, void *target, struct error *error)
{
	return take_word(argument, "none quarantine reject", target, error);
}

bool evaluate_set_on_temperror(const char *argument, void *target, struct error *error)
{
	return take_word(argument, "none defer quarantine", target, error);
}

bool evaluate_set_reject(const char *argument, void *target, struct error *error)
{
	return take_word(argument, "never known always", target, error);
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

/* needs_client - an option that has no meaning without the client, or NULL */
static const char *needs_client(const struct evaluate_options *options)
{
	const struct {
		const char *name;
		const char *value;
	} needs[] = {
	    {"db", options->database},
	    {"ignore-hosts", options->site.ignored},
	    {"trusted-forwarders", options->site.forwarders},
	    {"client-name", options->client_name},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (needs[i].value != NULL)
			return needs[i].name;
	}
	return NULL;
}

bool evaluate_is_complete(const struct evaluate_options *options, struct error *error)
{
	const char *name = needs_client(options);

	if (options->client.family == 0 && name != NULL)
		return error_set(error, STATUS_CONFIG, "option --%s needs --ip", name);
	if (options->database == NULL && options->site.reject != NULL &&
	    strcmp(options->site.reject, "known") == 0)
		return error_set(error, STATUS_CONFIG, "option --reject known needs --db");
	return true;
}

/* What dmarceval has beside its options. */
struct evaluation {
	const struct evaluate_options *options;
	struct site_rules rules;
	struct history_writer *history; /* NULL: none is kept */
	struct system_log *log;         /* open if a history is kept */
};

/* read_client - a name that is none must not keep mail waiting */
static struct dmarc_client read_client(const struct filter *filter)
{
	const struct envelope *envelope = &filter->envelope;
	struct dmarc_client client = {.address = &envelope->client};

	if (envelope->client_name == NULL || *envelope->client_name == '\0')
		return client;
	client.name = domain_canonical(filter->pool, slice_of(envelope->client_name));
	if (client.name == NULL)
		trace_print(&filter->context->trace,
			    "option --client-name: \"%s\" is no host name; the client has none",
			    text_excerpt(filter->pool, slice_of(envelope->client_name)));
	return client;
}

/* judge_for_dmarc - the message that was read */
static void judge_for_dmarc(struct filter *filter, const struct evaluation *evaluation,
			    struct verdict *verdict)
{
	const struct evaluate_options *options = evaluation->options;
	const struct run_seal seal = filter_run_seal(filter);
	struct judge_case judged = {
	    .pool = filter->pool,
	    .message = filter->message,
	    .client = read_client(filter),
	    .trust = {.id = filter->context->options.authserv_id,
		      .trusted_ids = options->trusted_ids.items,
		      .trusted_count = options->trusted_ids.count,
		      .hops = options->hops,
		      .sender = filter->envelope.sender,
		      .seal = &seal,
		      .client = &filter->envelope.client,
		      .frame = filter->frame},
	    .history = evaluation->history,
	    .now = filter->now,
	    .budget = filter_budget(filter, 1),
	};

	if (filter->envelope.client.family != 0)
		trace_print(&filter->context->trace, "message from %s",
			    filter->envelope.client.text);
	judge_message(filter->context, &evaluation->rules, &judged, verdict);
}

/* evaluate_judge - of a filter_job */
static bool evaluate_judge(struct filter *filter, struct error *error)
{
	const struct evaluation *evaluation = filter->job->options;
	struct verdict *verdict = pool_alloc(filter->pool, sizeof(*verdict));

	filter->found = verdict;
	if (filter->envelope.client.family == 0 && needs_client(evaluation->options) != NULL)
		return error_set(error, STATUS_OTHER,
				 "the frame does not tell the client_address, which --%s needs",
				 needs_client(evaluation->options));
	if (!filter_read_header(filter, error) || !filter_read_body(filter, NULL, NULL, error))
		return false;
	judge_for_dmarc(filter, evaluation, verdict);
	filter->verdict = verdict->result.result;
	return true;
}

/* evaluate_add_fields - of a filter_job */
static void evaluate_add_fields(struct filter *filter)
{
	const struct evaluation *evaluation = filter->job->options;

	output_fields(filter, evaluation->options->hops, evaluation->options->mark, filter->found);
}

/* evaluate_print - of a filter_job */
static bool evaluate_print(struct filter *filter)
{
	return output_line(filter, filter->found);
}

/* evaluate_conclude - of a filter_job: stores the row; whatever happens, the message is gone */
static void evaluate_conclude(struct filter *filter, bool delivered)
{
	const struct evaluation *evaluation = filter->job->options;
	const struct verdict *verdict = filter->found;
	const char *uncounted;
	struct history_row row;
	struct error error;
	enum history_outcome outcome;

	if (!delivered || evaluation->history == NULL || verdict->ignored)
		return;
	uncounted = dmarc_uncounted(filter->pool, filter->message, &verdict->input,
				    &verdict->result, evaluation->options->report_address);
	if (uncounted != NULL) {
		trace_print(&filter->context->trace, "history: not counted: %s", uncounted);
		return;
	}
	dmarc_history_row(filter->pool, &verdict->input, &verdict->result, &verdict->overrides,
			  &filter->envelope.client, filter->now, &row);
	outcome = history_record(evaluation->history, filter->pool, &row, &error);
	if (outcome == HISTORY_STORED)
		trace_print(&filter->context->trace, "history: stored");
	else
		output_unrecorded(filter, evaluation->log, outcome == HISTORY_LOST, &error);
	if (evaluation->options->failure_reports)
		note_failure(filter, evaluation->history, &verdict->input, &verdict->result);
}

/* confine_evaluation - the history is opened later: what it finds there, a stranger may have
 * written */
static void confine_evaluation(struct tool_context *context, const struct evaluate_options *options)
{
	struct sandbox sandbox = {
	    .pool = context->pool, .dns = true, .spool = !context->options.check};

	if (options->database != NULL) {
		sandbox_allow_database(&sandbox, options->database);
		sandbox.syslog = true;
	}
	tool_confine(context, sandbox);
}

/* evaluate_author - with what is open if there is a history; the exit status */
static int evaluate_author(struct tool_context *context, struct evaluation *evaluation)
{
	const struct evaluate_options *options = evaluation->options;
	const struct filter_job job = {
	    .options = evaluation,
	    .envelope = {.client = options->client,
			 .client_name = options->client_name,
			 .sender = options->sender},
	    .judge = evaluate_judge,
	    .add_fields = evaluate_add_fields,
	    .print = evaluate_print,
	    .conclude = evaluate_conclude,
	};
	struct error error;

	if (!site_rules_read(context->pool, &options->site, context->options.check,
			     &evaluation->rules, &error) ||
	    !tool_open_dns(context, &error))
		return tool_fail(context, &error);
	confine_evaluation(context, options);
	return filter_run(context, &job);
}

int evaluate_run(struct tool_context *context, const struct evaluate_options *options)
{
	struct system_log log = {.fd = -1};
	struct evaluation evaluation = {.options = options, .log = &log};
	int status;

	if (options->database != NULL) {
		system_log_open(&log, context->tool->name);
		evaluation.history = history_writer_new(options->database, &context->trace);
	}
	status = evaluate_author(context, &evaluation);
	history_writer_free(evaluation.history);
	system_log_close(&log);
	return status;
}
