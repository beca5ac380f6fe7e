/*
 * policy - spfcheck --policy: Postfix's access policy service; see policy.h
 *
 * SMTPD_POLICY_README, access(5) for the actions. Every recipient is a request of its own. The
 * decision about a message is remembered under everything it depends on: a refusal is repeated for
 * each recipient, a header field is given once.
 */
#include "policy.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "mail/domain.h"
#include "policy_log.h"
#include "policy_verdict.h"
#include "postfix/policy_request.h"

#define DUNNO   "DUNNO"
#define PREPEND "PREPEND "

#define REMEMBERED_MAX 16 /* messages; smtpd sends all requests about one before the next */
#define FIELDS_MAX     2  /* Received-SPF and Authentication-Results */
#define ACTION_MAX     2048
#define KEY_MAX        (4 * (POLICY_VALUE_MAX + 1))

/* What was decided about a message. */
struct decision {
	bool is_logged;
	bool is_repeated;  /* the first action, each time; otherwise one after the other, once */
	size_t count;      /* of actions */
	size_t given;      /* of them */
	struct buffer key; /* instance, client, HELO name and sender */
	struct buffer actions[FIELDS_MAX];
};

struct service {
	struct tool_context *context;
	struct policy_options *options;
	const char *header;
	struct policy_log log;
	time_t started;
	time_t refreshed; /* when the files were last looked at */
	struct decision decisions[REMEMBERED_MAX];
	size_t oldest; /* of the decisions */
};

/* One request while it is answered. */
struct question {
	struct service *service;
	struct pool *pool;
	const struct policy_request *request;
	struct ip_address client;
	bool may_prepend;
};

/* What is found out about a message. */
struct findings_of_message {
	struct spf_query query;
	struct spf_result helo; /* of no meaning if has_helo is false */
	struct spf_result mailfrom;
	bool is_bounce;
	bool has_helo;
	bool has_mailfrom;
};

/* The stages of SMTP at which there is a sender, and whether a field can still be added. */
static const struct {
	const char *name;
	bool may_prepend;
} states[] = {
    {"RCPT", true}, {"", true}, /* said by none but by testers */
    {"MAIL", true}, {"DATA", true}, {"BDAT", true}, {"END-OF-MESSAGE", false}, /* access(5) */
};

/* warn - about a request */
static void warn(const struct question *question, const char *what)
{
	policy_log_print(&question->service->log, LOG_WARNING, "warning: %s", what);
}

/* find_state - does the stage of SMTP allow for a decision? */
static bool find_state(struct question *question)
{
	const char *name = question->request->values[POLICY_PROTOCOL_STATE];

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(name, states[i].name) == 0) {
			question->may_prepend = states[i].may_prepend;
			return true;
		}
	}
	return false;
}

/* is_for_us - is there something to check? */
static bool is_for_us(struct question *question)
{
	const struct policy_request *request = question->request;

	if (request->reason != NULL) {
		warn(question, pool_printf(question->pool, "request with %s", request->reason));
		return false;
	}
	if (!slice_is(slice_of(request->values[POLICY_REQUEST]), "smtpd_access_policy")) {
		warn(question, "request is not for smtpd_access_policy");
		return false;
	}
	if (!find_state(question) || request->values[POLICY_SASL_USERNAME][0] != '\0')
		return false;
	if (!ip_address_parse(slice_of(request->values[POLICY_CLIENT_ADDRESS]),
			      &question->client)) {
		warn(question, "request without a client address");
		return false;
	}
	if (question->service->options->prospective.family != 0)
		question->client = question->service->options->prospective;
	return true;
}

/* policy_key_of - all that a decision depends on; no value has a line end in it */
static struct slice policy_key_of(const struct question *question)
{
	const char *const *values = question->request->values;

	return slice_of(pool_printf(question->pool, "%s\n%s\n%s\n%s", values[POLICY_INSTANCE],
				    values[POLICY_CLIENT_ADDRESS], values[POLICY_HELO_NAME],
				    values[POLICY_SENDER]));
}

/* recall - what was decided about the message, or NULL */
static struct decision *recall(const struct question *question, struct slice key)
{
	struct service *service = question->service;

	if (question->request->values[POLICY_INSTANCE][0] == '\0')
		return NULL;
	for (size_t i = 0; i < REMEMBERED_MAX; i++) {
		if (slice_equal(buffer_slice(&service->decisions[i].key), key))
			return &service->decisions[i];
	}
	return NULL;
}

/* forget_oldest - room for a new decision */
static struct decision *forget_oldest(struct service *service, struct slice key)
{
	struct decision *decision = &service->decisions[service->oldest];

	service->oldest = (service->oldest + 1) % REMEMBERED_MAX;
	decision->is_logged = false;
	decision->is_repeated = false;
	decision->count = 0;
	decision->given = 0;
	buffer_reset(&decision->key);
	buffer_add_slice(&decision->key, key);
	return decision;
}

static void add_action(struct decision *decision, const char *prefix, const char *text)
{
	struct buffer *action = &decision->actions[decision->count++];

	buffer_reset(action);
	buffer_add_text(action, prefix);
	buffer_add_text(action, text);
}

/* repeat - the action for each request about the message */
static void repeat(struct decision *decision, const char *action)
{
	decision->is_repeated = true;
	add_action(decision, "", action);
}

/* log_decision - what Postfix is told, in one word; the first word of a decision counts */
static void log_decision(const struct question *question, struct decision *decision,
			 const struct spf_result *result, const char *action, const char *reason)
{
	if (decision->is_logged)
		return;
	decision->is_logged = true;
	policy_log_decision(&question->service->log, question->request, result, action, reason);
}

/* let_pass - nothing is said to Postfix, and why to people */
static void let_pass(const struct question *question, const struct spf_result *result,
		     const char *reason, struct decision *decision)
{
	repeat(decision, DUNNO);
	log_decision(question, decision, result, "dunno", reason);
}

/* add_answer_field - NULL is left out */
static void add_answer_field(struct decision *decision, const char *field)
{
	if (field != NULL)
		add_action(decision, PREPEND, field);
}

/* add_fields - one PREPEND for each field that is wanted */
static void add_fields(const struct question *question, const struct spf_query *query,
		       const struct spf_result *result, struct decision *decision)
{
	struct slice header = slice_of(question->service->header);
	bool is_written =
	    question->service->options->prospective.family == 0 && !slice_is(header, "none");
	const struct run_seal seal = {
	    .secret = &question->service->context->secret,
	    .id = query->receiver,
	    .now = time(NULL),
	};

	if (is_written && !slice_is(header, "ar"))
		add_answer_field(decision,
				 policy_received_spf(question->pool, query, result, &seal));
	if (is_written && !slice_is(header, "spf"))
		add_answer_field(decision,
				 policy_authentication_results(question->pool, query, result));
	log_decision(question, decision, result, decision->count > 0 ? "prepend" : "dunno",
		     result->reason);
}

/*
 * check_budget - of one identity, from now on
 *
 * Each has its own: a client must not be able to use up the time for its MAIL FROM with a name in
 * HELO whose DNS is silent.
 */
static struct dns_budget check_budget(const struct service *service)
{
	struct dns_budget budget = tool_budget(service->context);

	return dns_budget_part(&budget, POLICY_SECONDS_MAX);
}

/* check_policy_request - one identity, with the time and the questions that one is allowed */
static void check_policy_request(const struct question *question, const struct spf_query *query,
				 enum spf_identity identity, struct spf_result *result)
{
	struct tool_context *context = question->service->context;
	struct dns_budget budget = check_budget(question->service);

	spf_check(question->pool, query, identity, context->dns, &budget, &context->trace, result);
}

/* refuse_request - true if the result asks for it; unless somebody vouches for the client */
static bool refuse_request(const struct question *question, const struct findings_of_message *found,
			   const struct spf_result *result, struct decision *decision)
{
	const struct service *service = question->service;
	const char *const *values = question->request->values;
	const char *status = policy_refusal_status(service->options, result, found->is_bounce);
	const char *exception;
	const char *action;

	if (status == NULL)
		return false;
	exception = policy_exception(question->pool, service->options, &found->query,
				     values[POLICY_CLIENT_NAME], service->context->dns);
	if (exception != NULL) {
		let_pass(question, result, exception, decision);
		return true;
	}
	action = policy_refusal(question->pool, service->options, status, result,
				values[POLICY_RECIPIENT]);
	if (service->options->dry_run) {
		log_decision(question, decision, result, "dry-run", action);
		return false;
	}
	repeat(decision, action);
	log_decision(question, decision, result, status[0] == '5' ? "reject" : "defer_if_permit",
		     result->reason);
	return true;
}

/* restrict_pass - an action of the postmaster's own for what passes; true if there is one */
static bool restrict_pass(const struct question *question, const struct spf_result *result,
			  const char *action, struct decision *decision)
{
	if (action == NULL || result->result != RESULT_PASS || question->service->options->dry_run)
		return false;
	repeat(decision, action);
	log_decision(question, decision, result, "restriction", action);
	return true;
}

/* query_of - who sends */
static struct spf_query query_of(const struct question *question)
{
	const struct service *service = question->service;
	const char *const *values = question->request->values;
	bool is_null = slice_is(slice_of(values[POLICY_SENDER]), "<>");

	return (struct spf_query){
	    .client = question->client,
	    .helo = values[POLICY_HELO_NAME],
	    .sender = is_null ? "" : values[POLICY_SENDER],
	    .receiver = service->context->options.authserv_id,
	    .now = service->context->options.now + (time(NULL) - service->started),
	    .void_limit = service->options->void_limit,
	};
}

/*
 * judge_request - HELO first, then MAIL FROM (RFC 7208 2.3, 2.4); of a bounce there is only the
 * HELO name, so that what the options say about it holds
 */
static void judge_request(const struct question *question, struct findings_of_message *found,
			  struct decision *decision)
{
	const struct policy_options *options = question->service->options;

	found->has_helo = options->reject_helo != POLICY_NO_CHECK &&
			  (found->is_bounce || policy_helo_matters(options));
	if (found->has_helo) {
		check_policy_request(question, &found->query, SPF_HELO, &found->helo);
		if (refuse_request(question, found, &found->helo, decision))
			return;
	}
	found->has_mailfrom =
	    found->is_bounce ? found->has_helo : options->reject_mailfrom != POLICY_NO_CHECK;
	if (found->has_mailfrom)
		check_policy_request(question, &found->query, SPF_MAILFROM, &found->mailfrom);
	if (found->has_mailfrom && !found->is_bounce &&
	    restrict_pass(question, &found->mailfrom, options->mailfrom_pass, decision))
		return;
	if (found->has_helo && restrict_pass(question, &found->helo, options->helo_pass, decision))
		return;
	if (found->has_mailfrom && !found->is_bounce &&
	    refuse_request(question, found, &found->mailfrom, decision))
		return;
	if (found->has_mailfrom)
		add_fields(question, &found->query, &found->mailfrom, decision);
	else if (found->has_helo)
		add_fields(question, &found->query, &found->helo, decision);
	else
		let_pass(question, NULL, "neither identity is to be checked", decision);
}

/* decide_request - about a message that was not seen before */
static void decide_request(const struct question *question, struct decision *decision)
{
	const char *const *values = question->request->values;
	const struct policy_options *options = question->service->options;
	const char *name = domain_canonical(question->pool, slice_of(values[POLICY_CLIENT_NAME]));
	struct findings_of_message found = {.query = query_of(question)};

	found.is_bounce = found.query.sender[0] == '\0';
	if (policy_list_contains(&options->skip, &question->client, name))
		let_pass(question, NULL, "the client is in --skip-addresses", decision);
	else if (policy_list_contains(&options->allow_addresses, &question->client, name))
		let_pass(question, NULL, "the client is in --allow-addresses", decision);
	else if (found.is_bounce && found.query.helo[0] == '\0')
		let_pass(question, NULL, "there is neither a sender nor a HELO name", decision);
	else
		judge_request(question, &found, decision);
}

/* action_of - the answer to a request */
static const char *action_of(struct question *question)
{
	struct decision *decision;
	struct slice key;
	size_t number;

	if (!is_for_us(question))
		return DUNNO;
	key = policy_key_of(question);
	decision = recall(question, key);
	if (decision == NULL) {
		decision = forget_oldest(question->service, key);
		decide_request(question, decision);
	}
	if (!decision->is_repeated &&
	    (!question->may_prepend || decision->given == decision->count))
		return DUNNO;
	number = decision->is_repeated ? 0 : decision->given++;
	return slice_copy(question->pool, buffer_slice(&decision->actions[number]));
}

/* refresh - files that have changed are read again; no more than once a second */
static void refresh(struct service *service)
{
	time_t now = time(NULL);
	struct policy_list *list;
	struct error error;

	if (now == service->refreshed)
		return;
	service->refreshed = now;
	for (size_t i = 0; (list = policy_options_list(service->options, i)) != NULL; i++) {
		if (!policy_list_refresh(list, &error))
			policy_log_print(&service->log, LOG_ERR,
					 "error: %s; what it said before stays in force",
					 error.text);
	}
}

/* answer - one request; false if the answer cannot be written */
static bool answer(struct service *service, struct pool *pool, const struct policy_request *request)
{
	struct question question = {.service = service, .pool = pool, .request = request};
	const char *action;
	const char *text;

	refresh(service);
	action = action_of(&question);
	text = pool_printf(pool, "action=%s\n\n", action);

	trace_print(&service->context->trace, "action=%s", action);
	return io_write(STDOUT_FILENO, text, strlen(text));
}

/* serve - request by request, each with memory of its own; the exit status */
static int serve(struct service *service)
{
	struct policy_reader *reader = policy_reader_new(STDIN_FILENO);
	struct policy_request request;
	struct pool *pool = pool_new();
	bool good = true;

	while (good && policy_read(reader, pool, &request)) {
		good = answer(service, pool, &request);
		dns_forget(service->context->dns);
		pool_free(pool);
		pool = pool_new();
	}
	pool_free(pool);
	policy_reader_free(reader);
	return good ? EX_OK : EX_TEMPFAIL;
}

static void init_decision(struct decision *decision)
{
	buffer_init(&decision->key, KEY_MAX);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		buffer_init(&decision->actions[i], ACTION_MAX);
}

static void free_decision(struct decision *decision)
{
	buffer_free(&decision->key);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		buffer_free(&decision->actions[i]);
}

/* start_policy - what is to be open before the process confines itself */
static bool start_policy(struct service *service, struct error *error)
{
	struct tool_context *context = service->context;
	struct sandbox sandbox = {.pool = context->pool, .dns = true};
	struct policy_list *list;

	if (context->options.verbose)
		context->trace.file = service->log.trace.file;
	if (!policy_options_complete(service->options, error) || !tool_open_dns(context, error))
		return false;
	for (size_t i = 0; (list = policy_options_list(service->options, i)) != NULL; i++)
		policy_list_allow(list, &sandbox);
	sandbox.syslog = service->log.to_system;
	tool_confine(context, sandbox);
	return true;
}

/* fail_policy - to where people look; the client hears from Postfix that it may try again */
static int fail_policy(struct service *service, const struct error *error)
{
	if (!service->log.to_system)
		return tool_fail(service->context, error);
	policy_log_print(&service->log, LOG_ERR, "%s error: %s", error->status, error->text);
	return EX_TEMPFAIL;
}

int policy_run(struct tool_context *context, struct policy_options *options, const char *header)
{
	struct service service = {
	    .context = context,
	    .options = options,
	    .header = header != NULL ? header : "spf",
	    .started = time(NULL),
	};
	struct error error;
	int status;

	policy_log_open(&service.log, context->tool->name, context->options.quiet);
	if (!start_policy(&service, &error))
		return fail_policy(&service, &error);
	for (size_t i = 0; i < REMEMBERED_MAX; i++)
		init_decision(&service.decisions[i]);
	status = serve(&service);
	for (size_t i = 0; i < REMEMBERED_MAX; i++)
		free_decision(&service.decisions[i]);
	policy_options_close(options);
	return status;
}
