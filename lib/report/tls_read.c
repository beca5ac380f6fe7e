/*
 * tls_read - from JSON to policies; see report/tls_read.h
 */
#include "report/tls_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "report/json_events.h"
#include "report/text_octets.h"

#define SESSIONS_MAX 1000000000000ULL /* RFC 8460 has no bound */
#define POLICY_DEPTH 3U               /* { "policies": [ { */

enum tls_key {
	TLS_OTHER,
	TLS_ORG,
	TLS_ID,
	TLS_CONTACT,
	TLS_START,
	TLS_END,
	TLS_POLICIES,
	TLS_TYPE,
	TLS_DOMAIN,
	TLS_GOOD,
	TLS_FAILED,
	TLS_DETAILS,
	TLS_RESULT,
	TLS_MX,
	TLS_SESSIONS,
};

/* A policy, and a failure in it, that are being read. */
struct tls_policy {
	const char *domain;
	const char *type;
	const char *result;
	const char *mx;
	unsigned long long good;
	unsigned long long failed;
	unsigned long long sessions;
	struct buffer failures;
};

struct tls_reader {
	const struct incoming_sink *sink;
	const bool *damaged;
	struct pool *pool;
	struct pool *policy_pool; /* of what is told and gone */
	struct incoming_head head;
	struct tls_policy policy;
	enum tls_key key; /* of the value that follows */
	unsigned depth;
	bool begun; /* the sink has heard of it */
	bool in_policies;
	bool in_details;
};

/* tls_key_of - by its name */
static enum tls_key tls_key_of(struct slice name)
{
	static const struct {
		const char *name;
		enum tls_key key;
	} keys[] = {
	    {"organization-name", TLS_ORG},
	    {"report-id", TLS_ID},
	    {"contact-info", TLS_CONTACT},
	    {"start-datetime", TLS_START},
	    {"end-datetime", TLS_END},
	    {"policies", TLS_POLICIES},
	    {"policy-type", TLS_TYPE},
	    {"policy-domain", TLS_DOMAIN},
	    {"total-successful-session-count", TLS_GOOD},
	    {"total-failure-session-count", TLS_FAILED},
	    {"failure-details", TLS_DETAILS},
	    {"result-type", TLS_RESULT},
	    {"receiving-mx-hostname", TLS_MX},
	    {"failed-session-count", TLS_SESSIONS},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (slice_is_nocase(name, keys[i].name))
			return keys[i].key;
	}
	return TLS_OTHER;
}

/* tls_key - for json_read() */
static bool tls_key(void *context, struct slice name)
{
	struct tls_reader *reader = context;

	reader->key = tls_key_of(name);
	return true;
}

/* tls_open - for json_read() */
static bool tls_open(void *context, bool is_array)
{
	struct tls_reader *reader = context;

	reader->depth++;
	if (reader->depth == POLICY_DEPTH - 1 && is_array && reader->key == TLS_POLICIES) {
		reader->in_policies = true;
		reader->begun =
		    reader->begun || reader->sink->begin(reader->sink->context, INCOMING_TLS);
		return reader->begun;
	}
	if (reader->in_policies && reader->key == TLS_DETAILS && is_array)
		reader->in_details = true;
	return true;
}

/* note_failure - one of the details is over */
static void note_failure(struct tls_policy *policy)
{
	size_t before = policy->failures.len;

	if (policy->result != NULL &&
	    !buffer_printf(&policy->failures, "%s\t%llu\t%s\n", policy->result, policy->sessions,
			   policy->mx != NULL ? policy->mx : ""))
		policy->failures.len = before;
	policy->result = NULL;
	policy->mx = NULL;
	policy->sessions = 0;
}

/* tell_policy - it is over */
static bool tell_policy(struct tls_reader *reader)
{
	struct tls_policy *policy = &reader->policy;
	const struct incoming_tls told = {
	    .domain = policy->domain != NULL ? policy->domain : "",
	    .type = policy->type != NULL ? policy->type : "",
	    .good = policy->good,
	    .failed = policy->failed,
	    .failures = slice_copy(reader->policy_pool, buffer_slice(&policy->failures)),
	};
	bool goes_on;

	if (reader->head.domain == NULL || *reader->head.domain == '\0')
		reader->head.domain = slice_copy(reader->pool, slice_of(told.domain));
	goes_on = reader->sink->tls(reader->sink->context, &told);
	buffer_free(&policy->failures);
	*policy = (struct tls_policy){.domain = NULL};
	buffer_init(&policy->failures, TLS_FAILURES_MAX);
	pool_free(reader->policy_pool);
	reader->policy_pool = pool_new();
	return goes_on;
}

/* tls_close - for json_read() */
static bool tls_close(void *context)
{
	struct tls_reader *reader = context;
	unsigned depth = reader->depth--;

	reader->key = TLS_OTHER;
	if (!reader->in_policies)
		return true;
	if (depth == POLICY_DEPTH + 2 && reader->in_details)
		note_failure(&reader->policy);
	else if (depth == POLICY_DEPTH + 1)
		reader->in_details = false;
	else if (depth == POLICY_DEPTH)
		return tell_policy(reader);
	else if (depth == POLICY_DEPTH - 1)
		reader->in_policies = false;
	return true;
}

/* set_moment - of the date range */
static void set_moment(struct slice text, long long *field)
{
	bool mended;

	*field = incoming_time(slice_trim(text), &mended);
}

/* head_value - of the report */
static void head_value(struct tls_reader *reader, struct slice text)
{
	struct incoming_head *head = &reader->head;
	bool cut = false;

	if (reader->key == TLS_ORG)
		head->org = incoming_text(reader->pool, text, INCOMING_FIELD_MAX, &cut);
	else if (reader->key == TLS_ID)
		head->id = incoming_text(reader->pool, text, INCOMING_ID_MAX, &cut);
	else if (reader->key == TLS_CONTACT)
		head->email = incoming_text(reader->pool, text, INCOMING_FIELD_MAX, &cut);
	else if (reader->key == TLS_START)
		set_moment(text, &head->begin);
	else if (reader->key == TLS_END)
		set_moment(text, &head->end);
	if (cut)
		head->repairs.counts[REPAIR_LENGTH]++;
}

/* policy_text - of a policy or a failure */
static void policy_text(struct tls_reader *reader, struct slice text)
{
	struct tls_policy *policy = &reader->policy;
	const char *word = incoming_word(reader->policy_pool, text);

	if (reader->key == TLS_TYPE)
		policy->type = word;
	else if (reader->key == TLS_DOMAIN)
		policy->domain = word;
	else if (reader->key == TLS_RESULT)
		policy->result = word;
	else if (reader->key == TLS_MX)
		policy->mx = word;
}

/* policy_number - of a policy or a failure */
static void policy_number(struct tls_reader *reader, struct slice text)
{
	struct tls_policy *policy = &reader->policy;
	unsigned long long number;

	if (!slice_to_number(slice_from(text.data, slice_find(text, '.')), SESSIONS_MAX, &number)) {
		reader->head.repairs.counts[REPAIR_WORD]++;
		return;
	}
	if (reader->key == TLS_GOOD)
		policy->good = number;
	else if (reader->key == TLS_FAILED)
		policy->failed = number;
	else if (reader->key == TLS_SESSIONS)
		policy->sessions = number;
}

/* is_count - does the key say how many? */
static bool is_count(enum tls_key key)
{
	return key == TLS_GOOD || key == TLS_FAILED || key == TLS_SESSIONS;
}

/* tls_value - for json_read(); numbers may come as strings */
static bool tls_value(void *context, enum json_type type, struct slice text)
{
	struct tls_reader *reader = context;

	if (type != JSON_WORD && reader->in_policies && is_count(reader->key))
		policy_number(reader, slice_trim(text));
	else if (type == JSON_STRING && reader->in_policies)
		policy_text(reader, text);
	else if (type == JSON_STRING && reader->depth <= 2)
		head_value(reader, text);
	return true;
}

/* end_head - tells it; false as the sink answers */
static bool end_head(struct tls_reader *reader, bool complete)
{
	struct incoming_head *head = &reader->head;
	const char **const fields[] = {&head->org, &head->email, &head->id, &head->domain};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = *fields[i] != NULL ? *fields[i] : "";
	head->policy = head->generator = head->remark = "";
	head->incomplete = !complete;
	head->repairs.counts[REPAIR_CONTAINER] = *reader->damaged;
	head->missing =
	    (*head->org == '\0' ? MISSING_ORG : 0U) | (*head->id == '\0' ? MISSING_ID : 0U) |
	    (*head->domain == '\0' ? MISSING_DOMAIN : 0U) |
	    (head->begin == 0 ? MISSING_BEGIN : 0U) | (head->end == 0 ? MISSING_END : 0U);
	return reader->sink->end(reader->sink->context, head);
}

/* read_tls - with everything that is needed at hand */
static bool read_tls(struct tls_reader *reader, struct octets *text, const char **reason)
{
	const struct json_handler handler = {reader, tls_open, tls_close, tls_key, tls_value};
	enum json_outcome outcome = json_read(text, &handler, reason);

	if (outcome == JSON_REFUSED || outcome == JSON_STOPPED)
		return false;
	return !reader->begun || end_head(reader, outcome == JSON_COMPLETE);
}

bool tls_read(struct octets *octets, const bool *damaged, const struct incoming_sink *sink,
	      size_t *reports, const char **reason)
{
	struct text_octets *text = memory_buffer(sizeof(*text));
	struct tls_reader reader = {
	    .sink = sink,
	    .damaged = damaged,
	    .pool = pool_new(),
	    .policy_pool = pool_new(),
	    .head = {.kind = INCOMING_TLS},
	};
	bool good;

	buffer_init(&reader.policy.failures, TLS_FAILURES_MAX);
	text_octets_init(text, octets);
	*reason = NULL;
	good = read_tls(&reader, &text->octets, reason);
	*reports = reader.begun;
	buffer_free(&reader.policy.failures);
	pool_free(reader.pool);
	pool_free(reader.policy_pool);
	free(text);
	return good;
}
