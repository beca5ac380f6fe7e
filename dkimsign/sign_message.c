/*
 * dkimsign, signing a message
 *
 * Tables are read before the message. A signature is made before anything is written, as that can
 * fail.
 */
#include "dkimsign.h"

#include "base/json.h"
#include "base/pool.h"
#include "dkim/key_tables.h"
#include "dkim/sign_lint.h"
#include "mail/authres_write.h"
#include "sign_keys.h"
#include "sign_origin.h"
#include "tool/filter_run.h"

/* What is read before the first message. */
struct sources {
	const struct arguments *arguments;
	const struct host_list *hosts; /* of --internal-hosts, or NULL */
	struct dkim_tables *tables;    /* or NULL */
};

/* read_files - they are read even if nothing will be signed: errors in them must show */
static bool read_files(struct pool *pool, struct sources *sources, struct error *error)
{
	const struct arguments *arguments = sources->arguments;

	if (arguments->internal_hosts != NULL) {
		sources->hosts = host_list_read(pool, arguments->internal_hosts, error);
		if (sources->hosts == NULL)
			return false;
	}
	if (arguments->key_table == NULL)
		return true;
	sources->tables =
	    dkim_tables_read(pool, arguments->key_table, arguments->signing_table, error);
	return sources->tables != NULL;
}

/* confine_signer - which keys are wanted is known only when a part of the message has been read */
static void confine_signer(struct tool_context *context, const struct sources *sources)
{
	const struct option_list *key_files = &sources->arguments->key_files;
	struct sandbox sandbox = {.pool = context->pool, .spool = !context->options.check};

	if (sources->tables != NULL)
		key_allow_table(&sandbox, sources->tables);
	for (size_t i = 0; i < key_files->count; i++)
		sandbox_allow_read(&sandbox, key_files->items[i]);
	if (context->options.stream)
		key_allow_successors(&sandbox, sources->tables, key_files);
	tool_confine(context, sandbox);
}

/* take_body_to_sign - one piece of the body, for those who want it */
static void take_body_to_sign(void *context, const char *data, size_t len)
{
	struct signing *signing = context;

	dkim_sign_body(signing->signer, data, len);
	dkim_lint_body(&signing->lint, data, len);
}

/* lint - what will break the signature; false with --require-clean */
static bool lint(struct signing *signing, struct error *error)
{
	dkim_lint_finish(&signing->lint);
	for (enum dkim_lint_finding finding = 0; finding < DKIM_LINT_FINDINGS; finding++) {
		if (!signing->lint.found[finding])
			continue;
		if (signing->arguments->require_clean)
			return error_set(error, STATUS_OTHER, "not signed, the message has %s",
					 dkim_lint_text(finding));
		signing_warn(signing, "the signature may not survive: the message has %s",
			     dkim_lint_text(finding));
	}
	return true;
}

/* add_signatures - the first key's comes out on top */
static bool add_signatures(struct signing *signing, struct error *error)
{
	const char *field;

	for (size_t i = signing->key_count; i-- > 0;) {
		field = dkim_sign_field(signing->signer, &signing->keys[i], error);
		if (field == NULL)
			return false;
		message_add_field(signing->filter->message, field);
		trace_print(&signing->filter->context->trace, "signed: d=%s s=%s",
			    signing->keys[i].domain, signing->keys[i].selector);
	}
	return true;
}

/* sign_body - reads the rest of the message and signs all of it */
static bool sign_body(struct signing *signing, struct error *error)
{
	struct filter *filter = signing->filter;

	signing->signer = dkim_sign_new(filter->pool, filter->message, &signing->policy);
	dkim_lint_header(&signing->lint, filter->message);
	return filter_read_body(filter, take_body_to_sign, signing, error) &&
	       lint(signing, error) && add_signatures(signing, error);
}

/* leave_unsigned - a message that we have no key for */
static bool leave_unsigned(struct signing *signing, struct error *error)
{
	if (!signing->foreign && signing->arguments->require)
		return error_set(error, STATUS_CONFIG, "not signed: %s", signing->unsigned_reason);
	if (signing->foreign)
		trace_print(&signing->filter->context->trace, "not signed: %s",
			    signing->unsigned_reason);
	else
		signing_warn(signing, "not signed: %s", signing->unsigned_reason);
	return filter_read_body(signing->filter, NULL, NULL, error);
}

/* sign - the whole work up to the result */
static bool sign(struct signing *signing, struct error *error)
{
	if (!filter_read_header(signing->filter, error))
		return false;
	sign_find_origin(signing);
	if (!sign_choose_keys(signing, error))
		return false;
	return signing->key_count > 0 ? sign_body(signing, error) : leave_unsigned(signing, error);
}

static const char *algorithm(const struct dkim_sign_key *key)
{
	return key->key.type == DKIM_KEY_RSA ? "rsa-sha256" : "ed25519-sha256";
}

/* signing_resinfo - one line of check mode and of a frame; key is NULL for an unsigned message */
static const char *signing_resinfo(const struct signing *signing, const struct dkim_sign_key *key)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dkim", key != NULL ? RESULT_PASS : RESULT_NONE);
	if (key == NULL) {
		authres_reason(&writer, signing->unsigned_reason);
	} else {
		authres_add(&writer, "header", "d", key->domain);
		authres_add(&writer, "header", "s", key->selector);
		authres_add(&writer, "header", "a", algorithm(key));
	}
	return authres_end(&writer, signing->filter->pool);
}

/* write_resinfo - one line of check mode */
static bool write_resinfo(const struct signing *signing, const struct dkim_sign_key *key)
{
	return tool_print(signing_resinfo(signing, key));
}

/* write_signing_json - one line of check mode with -j */
static bool write_signing_json(const struct signing *signing, const struct dkim_sign_key *key)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "method", "dkim");
	json_string(&json, "result", result_word(key != NULL ? RESULT_PASS : RESULT_NONE));
	json_string(&json, "reason", key != NULL ? NULL : signing->unsigned_reason);
	json_string(&json, "d", key != NULL ? key->domain : NULL);
	json_string(&json, "s", key != NULL ? key->selector : NULL);
	json_string(&json, "i", key != NULL ? key->identity : NULL);
	json_string(&json, "a", key != NULL ? algorithm(key) : NULL);
	return json_end(&json);
}

/* set_times - t= and x= */
static void set_times(struct signing *signing)
{
	const struct arguments *arguments = signing->arguments;
	unsigned long long now = (unsigned long long)signing->filter->now;
	bool expires = arguments->lifetime > 0;

	signing->policy.time = arguments->timestamp || expires ? now : DKIM_NO_NUMBER;
	signing->policy.expiry = expires ? now + arguments->lifetime : DKIM_NO_NUMBER;
}

/* sign_judge - of a filter_job; a signature is made here, as that can fail */
static bool sign_judge(struct filter *filter, struct error *error)
{
	const struct sources *sources = filter->job->options;
	struct signing *signing = pool_alloc(filter->pool, sizeof(*signing));

	*signing = (struct signing){
	    .filter = filter,
	    .arguments = sources->arguments,
	    .tables = sources->tables,
	    .policy = sources->arguments->policy,
	    .warnings.pool = filter->pool,
	};
	filter->found = signing;
	set_times(signing);
	if (!sign_check_client(signing, sources->hosts, error) || !sign(signing, error))
		return false;
	filter->verdict = signing->key_count > 0 ? RESULT_PASS : RESULT_NONE;
	return true;
}

/* sign_add_fields - of a filter_job */
static void sign_add_fields(struct filter *filter)
{
	const struct signing *signing = filter->found;

	for (size_t i = 0; i < signing->key_count; i++)
		filter_add_result(filter, signing_resinfo(signing, &signing->keys[i]));
	if (signing->key_count == 0)
		filter_add_result(filter, signing_resinfo(signing, NULL));
}

/* sign_print - of a filter_job: what would be signed */
static bool sign_print(struct filter *filter)
{
	const struct signing *signing = filter->found;
	bool (*write)(const struct signing *, const struct dkim_sign_key *) =
	    filter->context->options.json ? write_signing_json : write_resinfo;
	bool written = true;

	for (size_t i = 0; i < signing->key_count && written; i++)
		written = write(signing, &signing->keys[i]);
	if (signing->key_count == 0)
		written = write(signing, NULL);
	return written;
}

/* sign_conclude - of a filter_job */
static void sign_conclude(struct filter *filter, bool delivered)
{
	struct signing *signing = filter->found;

	(void)delivered;
	if (signing == NULL)
		return;
	signing_print_warnings(signing);
	dkim_sign_free(signing->signer);
}

int sign_run(struct tool_context *context, const struct arguments *arguments)
{
	struct sources sources = {.arguments = arguments};
	const struct filter_job job = {
	    .options = &sources,
	    .envelope = {.client = arguments->client, .client_name = arguments->client_name},
	    .judge = sign_judge,
	    .add_fields = sign_add_fields,
	    .print = sign_print,
	    .conclude = sign_conclude,
	};
	struct error error;

	if (!read_files(context->pool, &sources, &error) || !tool_open_dns(context, &error))
		return tool_fail(context, &error);
	confine_signer(context, &sources);
	return filter_run(context, &job);
}
