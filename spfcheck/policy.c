/*
 * policy - spfcheck --policy: Postfix's access policy service; see policy.h
 *
 * SMTPD_POLICY_README, access(5) for the actions; RFC 7208 8 (results), RFC 7372 3.2 (status
 * codes). Every recipient is a request of its own. The decision about a message is
 * remembered under everything it depends on: a refusal is repeated for each recipient, a
 * header field is given once.
 */
#include "policy.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "mail/authres_write.h"
#include "policy_log.h"
#include "postfix/policy_request.h"
#include "spf/evaluate.h"
#include "spf/spf_received.h"

#define DUNNO   "DUNNO"
#define PREPEND "PREPEND "

#define REMEMBERED_MAX 16  /* messages; smtpd sends all requests about one before the next */
#define FIELDS_MAX     2   /* Received-SPF and Authentication-Results */
#define FIELD_MAX      998 /* RFC 5322 2.1.1: octets of a line */
#define ACTION_MAX     2048
#define KEY_MAX        (4 * (POLICY_VALUE_MAX + 1))
#define REPLY_MAX      510 /* RFC 5321 4.5.3.1.5: 512 octets of a reply line with CRLF */
#define TEXT_MIN       64  /* octets of our text, even where a recipient leaves less */

/* What Postfix puts between the status code and our text, around the recipient. */
#define POSTFIX_TEXT "<>: Recipient address rejected: "

/* What was decided about a message. */
struct decision {
	bool is_refusal;   /* the first action, each time; otherwise one after the other, once */
	size_t count;      /* of actions */
	size_t given;      /* of them */
	struct buffer key; /* instance, client, HELO name and sender */
	struct buffer actions[FIELDS_MAX];
};

struct service {
	struct tool_context *context;
	const struct policy_options *options;
	const char *header;
	struct trace log;
	time_t started;
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

/* The stages of SMTP at which there is a sender, and whether a field can still be added. */
static const struct {
	const char *name;
	bool may_prepend;
} states[] = {
    {"RCPT", true}, {"", true}, /* said by none but by testers */
    {"MAIL", true}, {"DATA", true}, {"BDAT", true}, {"END-OF-MESSAGE", false}, /* access(5) */
};

bool policy_set_level(const char *argument, void *target, struct error *error)
{
	static const char *const words[] = {
	    [POLICY_NEVER] = "never",
	    [POLICY_FAIL] = "fail",
	    [POLICY_SOFTFAIL] = "softfail",
	};
	struct slice word = slice_of(argument);

	for (int level = POLICY_NEVER; level <= POLICY_SOFTFAIL; level++) {
		if (slice_is(word, words[level])) {
			*(enum policy_level *)target = (enum policy_level)level;
			return true;
		}
	}
	return error_set(error, STATUS_CONFIG, "is none of never, fail, softfail");
}

bool policy_set_networks(const char *argument, void *target, struct error *error)
{
	struct policy_networks *networks = target;
	struct slice rest = slice_of(argument[0] != '\0' ? argument : NULL);
	struct slice part;
	struct ip_network network;

	networks->is_set = true;
	while (slice_cut(&rest, ',', &part)) {
		if (!ip_network_parse(slice_trim(part), &network))
			return error_set(error, STATUS_CONFIG,
					 "is no list of addresses and networks");
		networks->items =
		    pool_grow(networks->pool, networks->items, networks->count, sizeof(network));
		networks->items[networks->count++] = network;
	}
	return true;
}

/* warn - unless -q */
static void warn(const struct question *question, const char *what)
{
	if (!question->service->context->options.quiet)
		trace_print(&question->service->log, "warning: %s", what);
}

/* is_skipped - a client in the list of --skip-addresses */
static bool is_skipped(const struct question *question)
{
	const struct policy_networks *skip = &question->service->options->skip;

	for (size_t i = 0; i < skip->count; i++) {
		if (ip_network_contains(&skip->items[i], &question->client))
			return true;
	}
	return false;
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
	return !is_skipped(question);
}

/* key_of - all that a decision depends on; no value has a line end in it */
static struct slice key_of(const struct question *question)
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
	decision->is_refusal = false;
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

/* is_rejected - is that a result that the options want rejected? */
static bool is_rejected(enum policy_level level, enum result result)
{
	return level != POLICY_NEVER &&
	       (result == RESULT_FAIL || (result == RESULT_SOFTFAIL && level == POLICY_SOFTFAIL));
}

/* status_of - SMTP reply and status code of a result, or NULL if it is no reason to refuse */
static const char *status_of(const struct service *service, const struct spf_result *result)
{
	const struct policy_options *options = service->options;
	enum policy_level level =
	    result->identity == SPF_HELO ? options->reject_helo : options->reject_mailfrom;

	if (is_rejected(level, result->result))
		return "550 5.7.23"; /* RFC 7372 3.2 */
	if (result->result == RESULT_PERMERROR && options->reject_permerror)
		return "550 5.7.24"; /* RFC 7372 3.2 */
	if (result->result == RESULT_TEMPERROR && options->defer_temperror)
		return "451 4.4.3"; /* RFC 7208 8.6 */
	return NULL;
}

/* refusal - the reply, short enough for one line with what Postfix adds to it */
static const char *refusal(const struct question *question, const char *status,
			   const struct spf_result *result)
{
	const char *identity = result->identity == SPF_HELO ? "HELO" : "MAIL FROM";
	size_t taken = strlen(status) + 1 + strlen(POSTFIX_TEXT) +
		       strlen(question->request->values[POLICY_RECIPIENT]);
	size_t room = taken + TEXT_MIN < REPLY_MAX ? REPLY_MAX - taken : TEXT_MIN;
	const char *text;

	if (result->explanation != NULL)
		text = pool_printf(question->pool, "SPF %s of %s, %s explains: %s",
				   result_word(result->result), identity, result->domain,
				   result->explanation);
	else
		text = pool_printf(question->pool, "SPF %s of %s: %s", result_word(result->result),
				   identity, result->reason);
	return pool_printf(question->pool, "%s %.*s", status, (int)room, text);
}

/* unfold - a field on one line */
static const char *unfold(struct pool *pool, const char *field)
{
	char *text = pool_copy(pool, field, strlen(field));
	char *end = text;

	for (; *field != '\0'; field++) {
		if (*field != '\n')
			*end++ = *field == '\t' ? ' ' : *field;
	}
	*end = '\0';
	return text;
}

/*
 * received_spf - the field, or NULL if it does not fit a line. A sender and a HELO name
 * together may be too much; then the field says no more than who was checked.
 */
static const char *received_spf(struct pool *pool, const struct spf_query *query,
				const struct spf_result *result)
{
	struct spf_query less = *query;
	struct spf_result core = *result;
	const char *field = unfold(pool, spf_received_field(pool, query, result));

	if (strlen(field) <= FIELD_MAX)
		return field;
	less.helo = "";
	core.mechanism = NULL;
	core.reason = "";
	field = unfold(pool, spf_received_field(pool, &less, &core));
	return strlen(field) <= FIELD_MAX ? field : NULL;
}

/* authentication_results - the field, or NULL if it does not fit a line */
static const char *authentication_results(struct pool *pool, const struct spf_query *query,
					  const struct spf_result *result)
{
	struct authres_writer writer;
	const char *field;

	authres_begin(&writer, query->receiver, "spf", result->result);
	authres_add(&writer, "smtp", "mailfrom", result->sender);
	field = unfold(pool, authres_end(&writer, pool));
	return strlen(field) <= FIELD_MAX ? field : NULL;
}

/* add_field - NULL is left out */
static void add_field(struct decision *decision, const char *field)
{
	if (field != NULL)
		add_action(decision, PREPEND, field);
}

/* add_fields - one PREPEND for each field that is wanted */
static void add_fields(const struct question *question, const struct spf_query *query,
		       const struct spf_result *result, struct decision *decision)
{
	struct slice header = slice_of(question->service->header);

	if (!slice_is(header, "ar"))
		add_field(decision, received_spf(question->pool, query, result));
	if (!slice_is(header, "spf"))
		add_field(decision, authentication_results(question->pool, query, result));
}

/* helo_matters - could the result of a HELO check change the answer? */
static bool helo_matters(const struct policy_options *options)
{
	return options->reject_helo != POLICY_NEVER || options->reject_permerror ||
	       options->defer_temperror;
}

/* check - checks one identity; true if the message is refused for it */
static bool check(const struct question *question, const struct spf_query *query,
		  enum spf_identity identity, struct dns_budget *budget, struct spf_result *result,
		  struct decision *decision)
{
	struct tool_context *context = question->service->context;
	const char *status;

	spf_check(question->pool, query, identity, context->dns, budget, &context->trace, result);
	status = status_of(question->service, result);
	if (status == NULL)
		return false;
	decision->is_refusal = true;
	add_action(decision, "", refusal(question, status, result));
	return true;
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

/* decide - HELO first, then MAIL FROM (RFC 7208 2.3, 2.4) */
static void decide(const struct question *question, struct decision *decision)
{
	struct service *service = question->service;
	const char *const *values = question->request->values;
	struct dns_budget helo_budget, sender_budget;
	struct spf_query query = {
	    .client = question->client,
	    .helo = values[POLICY_HELO_NAME],
	    .sender = slice_is(slice_of(values[POLICY_SENDER]), "<>") ? "" : values[POLICY_SENDER],
	    .receiver = service->context->options.authserv_id,
	    .now = service->context->options.now + (time(NULL) - service->started),
	};
	struct spf_result result;

	helo_budget = check_budget(service);
	if (helo_matters(service->options) &&
	    check(question, &query, SPF_HELO, &helo_budget, &result, decision))
		return;
	sender_budget = check_budget(service);
	if (!check(question, &query, SPF_MAILFROM, &sender_budget, &result, decision))
		add_fields(question, &query, &result, decision);
}

/* action_of - the answer to a request */
static const char *action_of(struct question *question)
{
	struct decision *decision;
	struct slice key;
	size_t number;

	if (!is_for_us(question))
		return DUNNO;
	key = key_of(question);
	decision = recall(question, key);
	if (decision == NULL) {
		decision = forget_oldest(question->service, key);
		decide(question, decision);
	}
	if (!decision->is_refusal && (!question->may_prepend || decision->given == decision->count))
		return DUNNO;
	number = decision->is_refusal ? 0 : decision->given++;
	return slice_copy(question->pool, buffer_slice(&decision->actions[number]));
}

/* answer - one request; false if the answer cannot be written */
static bool answer(struct service *service, struct pool *pool, const struct policy_request *request)
{
	struct question question = {.service = service, .pool = pool, .request = request};
	const char *action = action_of(&question);
	const char *text = pool_printf(pool, "action=%s\n\n", action);

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

int policy_run(struct tool_context *context, const struct policy_options *options,
	       const char *header)
{
	struct policy_options complete = *options;
	struct service service = {
	    .context = context,
	    .options = &complete,
	    .header = header != NULL ? header : "spf",
	    .log = {.file = policy_log_open(context->pool, context->tool->name),
		    .tool = context->tool->name},
	    .started = time(NULL),
	};
	struct error error;
	int status;

	if (!options->skip.is_set)
		policy_set_networks("127.0.0.0/8,::1", &complete.skip, &error);
	if (context->options.verbose)
		context->trace.file = service.log.file;
	if (!tool_open_dns(context, &error)) {
		if (service.log.file != stderr)
			trace_print(&service.log, "%s", error.text);
		return tool_fail(context, &error);
	}
	tool_confine(context, (struct sandbox){.dns = true, .syslog = service.log.file != stderr});
	for (size_t i = 0; i < REMEMBERED_MAX; i++)
		init_decision(&service.decisions[i]);
	status = serve(&service);
	for (size_t i = 0; i < REMEMBERED_MAX; i++)
		free_decision(&service.decisions[i]);
	return status;
}
