/*
 * dkimsign, signing a message: who the author is, which keys are his, and doing it
 *
 * Tables are read before the message. Keys are chosen and read as soon as the header section is
 * known, so that whatever is wrong with them is found before the body is read. Warnings are kept
 * until the message has been delivered: if it cannot be, the reason for that is what the MTA has to
 * see first.
 */
#include "dkimsign.h"

#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/printable.h"
#include "dkim/key_tables.h"
#include "dkim/private_key_file.h"
#include "dkim/sign_lint.h"
#include "mail/author.h"
#include "mail/authres_write.h"
#include "mail/domain.h"
#include "tool/filter_run.h"

#define AUTHOR_OCTETS_MAX 998 /* RFC 5322 2.1.1: what does not fit in a line is no address */

/* What is read before the first message. */
struct sources {
	const struct arguments *arguments;
	const struct host_list *hosts; /* of --internal-hosts, or NULL */
	struct dkim_tables *tables;    /* or NULL */
};

/* One message on its way through. */
struct signing {
	struct filter *filter;
	const struct arguments *arguments;
	const struct dkim_tables *tables; /* or NULL */
	struct dkim_sign_policy policy;
	struct author author;
	const char *list_domain; /* of a list whose mail is signed in its name; or NULL */
	struct dkim_sign_key *keys;
	size_t key_count;
	const char *unsigned_reason; /* of the last key that was not used, or why there is none */
	bool foreign;                /* it is not ours to sign */
	struct dkim_signer *signer;
	struct dkim_lint lint;
	struct option_list warnings;
};

__attribute__((format(printf, 2, 3))) static void warn(struct signing *signing, const char *format,
						       ...)
{
	va_list args;

	va_start(args, format);
	option_each(pool_vprintf(signing->filter->pool, format, args), &signing->warnings, NULL);
	va_end(args);
}

/* print_warnings - when nothing can go wrong any more */
static void print_warnings(const struct signing *signing)
{
	for (size_t i = 0; i < signing->warnings.count && !signing->filter->context->options.quiet;
	     i++)
		fprintf(stderr, "dkimsign: %s\n",
			text_make_printable(
			    pool_printf(signing->filter->pool, "%s", signing->warnings.items[i])));
}

/* read_authors - of all From fields */
static void read_authors(struct signing *signing)
{
	struct author *author = &signing->author;

	author_read(signing->filter->pool, signing->filter->message, author);
	if (author->reason != NULL)
		trace_print(&signing->filter->context->trace, "author: %s", author->reason);
	if (author->kind == AUTHOR_NONE)
		signing->unsigned_reason = author->reason;
}

/*
 * foreign_author - one that the domain cannot sign for, in words; NULL if there is none. A parent
 * and a subdomain of the author's can: relaxed alignment takes both (RFC 9989 4.4).
 */
static const char *foreign_author(const struct author *author, const char *domain)
{
	for (size_t i = 0; i < author->count; i++) {
		if (!domain_is_within(author->domains[i], domain) &&
		    !domain_is_within(domain, author->domains[i]))
			return author->domains[i];
	}
	return author->incomplete ? "an author without a domain" : NULL;
}

/* identity_fits - RFC 6376 3.5 i=: its domain is that of d= or below */
static bool identity_fits(struct pool *pool, const char *identity, const char *domain)
{
	const char *own = domain_canonical(pool, slice_of(strrchr(identity, '@') + 1));

	return own != NULL && domain_is_within(own, domain);
}

/* is_repeated - two keys of one selector: verifiers would find only one of them */
static bool is_repeated(const struct signing *signing, const struct dkim_sign_key *key)
{
	for (size_t i = 0; i < signing->key_count; i++) {
		if (domain_equal(signing->keys[i].domain, key->domain) &&
		    slice_is_nocase(slice_of(signing->keys[i].selector), key->selector))
			return true;
	}
	return false;
}

/* may_sign - is the domain that of the author, or of the list? With --third-party anybody's may be
 */
static bool may_sign(struct signing *signing, const char *domain)
{
	struct pool *pool = signing->filter->pool;
	const char *foreign;

	if (signing->list_domain != NULL)
		foreign =
		    domain_is_within(signing->list_domain, domain) ? NULL : signing->list_domain;
	else
		foreign = foreign_author(&signing->author, domain);
	if (foreign == NULL)
		return true;
	if (signing->arguments->third_party) {
		warn(signing, "%s signs for %s, whose DMARC policy does not count it", domain,
		     foreign);
		return true;
	}
	signing->unsigned_reason = pool_printf(pool, "%s does not sign for %s", domain, foreign);
	trace_print(&signing->filter->context->trace, "%s", signing->unsigned_reason);
	return false;
}

/* add_key - reads the key of one signature, if the domain may sign */
static bool add_key(struct signing *signing, struct dkim_sign_key key, const char *path,
		    struct error *error)
{
	struct pool *pool = signing->filter->pool;

	if (!may_sign(signing, key.domain))
		return true;
	if (is_repeated(signing, &key))
		return error_set(error, STATUS_CONFIG,
				 "two signatures for %s with the same selector %s", key.domain,
				 key.selector);
	if (!private_key_file_read(pool, path, &key.key, error))
		return false;
	if (key.key.type == DKIM_KEY_RSA && key.key.bits < DKIM_KEY_BITS_ADVISED)
		warn(signing, "key file %s has an RSA key of %u bits; it should have %d (RFC 8301)",
		     path, key.key.bits, DKIM_KEY_BITS_ADVISED);
	if (key.identity != NULL && !identity_fits(pool, key.identity, key.domain)) {
		warn(signing, "no i=: %s is not within %s", key.identity, key.domain);
		key.identity = NULL;
	}
	signing->keys = pool_grow(pool, signing->keys, signing->key_count, sizeof(key));
	signing->keys[signing->key_count++] = key;
	return true;
}

/* add_listed_keys - of -d, -s and -k */
static bool add_listed_keys(struct signing *signing, struct error *error)
{
	const struct arguments *arguments = signing->arguments;

	for (size_t i = 0; i < sign_count(arguments); i++) {
		struct dkim_sign_key key = {
		    .domain = sign_item(&arguments->domains, i),
		    .selector = sign_item(&arguments->selectors, i),
		    .identity = arguments->identity,
		};

		if (!add_key(signing, key, sign_item(&arguments->key_files, i), error))
			return false;
	}
	return true;
}

/* add_table_keys - what the tables have for the first author, or for the list */
static bool add_table_keys(struct signing *signing, const struct address *author,
			   struct error *error)
{
	const struct arguments *arguments = signing->arguments;
	struct dkim_table_choice *choices = NULL;
	size_t count = 0;

	if (author->text.len > AUTHOR_OCTETS_MAX) {
		signing->unsigned_reason = "the address of the author is too long";
		return true;
	}
	if (author->domain != NULL)
		dkim_tables_choose(signing->filter->pool, signing->tables, author, &choices,
				   &count);
	if (count == 0)
		signing->unsigned_reason =
		    pool_printf(signing->filter->pool, "the signing table has no key for %s",
				author->domain != NULL ? author->domain : "this author");
	for (size_t i = 0; i < count; i++) {
		struct dkim_sign_key key = {
		    .domain = choices[i].domain,
		    .selector = choices[i].selector,
		    .identity =
			choices[i].identity != NULL ? choices[i].identity : arguments->identity,
		};

		if (!add_key(signing, key, choices[i].path, error))
			return false;
	}
	return true;
}

/* client_name - NULL if it has none; a name that is none must not keep mail waiting */
static const char *client_name(struct signing *signing)
{
	const char *name = signing->filter->envelope.client_name;
	const char *canonical = NULL;

	if (name == NULL || *name == '\0')
		return NULL;
	canonical = domain_canonical(signing->filter->pool, slice_of(name));
	if (canonical == NULL)
		warn(signing, "option --client-name: \"%s\" is no host name; the client has none",
		     text_excerpt(signing->filter->pool, slice_of(name)));
	return canonical;
}

/* is_local - has sendmail(1) taken the message, and no SMTP client brought it? */
static bool is_local(const struct signing *signing)
{
	struct slice address;

	if (signing->filter->frame == NULL)
		return signing->arguments->is_local;
	return frame_get(signing->filter->frame, "client_address", &address) && address.len == 0;
}

/* check_client - with --internal-hosts: is it one of ours? */
static bool check_client(struct signing *signing, const struct host_list *hosts,
			 struct error *error)
{
	struct ip_address *client = &signing->filter->envelope.client;

	if (hosts == NULL)
		return true;
	if (is_local(signing))
		ip_address_parse(slice_of(DKIMSIGN_LOOPBACK), client);
	if (client->family == 0)
		return error_set(error, STATUS_OTHER,
				 "the frame does not tell the client_address, which "
				 "--internal-hosts needs");
	signing->foreign = !host_list_contains(hosts, client, client_name(signing));
	signing->unsigned_reason = "the client is not in the list of internal hosts";
	return true;
}

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

/*
 * list_address - of a list that the message comes from: where it takes mail (RFC 2369 List-Post),
 * or its List-Id, "list.example.org", as list@example.org (RFC 2919); false if it is from none
 */
static bool list_address(const struct signing *signing, struct address *address)
{
	struct pool *pool = signing->filter->pool;
	struct slice value, name;
	size_t start, dot;

	if (message_only_value(signing->filter->message, "List-Post", &value)) {
		start = slice_find(value, '<');
		name = slice_skip(value, start);
		name.len = slice_find(name, '>');
		name.len = slice_find(name, '?'); /* RFC 6068: header fields may follow */
		if (slice_starts_nocase(name, "<mailto:"))
			return address_parse_path(pool, slice_skip(name, strlen("<mailto:")),
						  address);
	}
	if (!message_only_value(signing->filter->message, "List-Id", &value))
		return false;
	start = slice_find_last(value, '<');
	name = start < value.len ? slice_skip(value, start + 1) : value;
	name.len = slice_find(name, '>');
	name = slice_trim(name);
	dot = slice_find(name, '.');
	return dot < name.len &&
	       address_parse_path(
		   pool,
		   slice_of(pool_printf(pool, "%s@%s", slice_copy(pool, slice_from(name.data, dot)),
					slice_copy(pool, slice_skip(name, dot + 1)))),
		   address);
}

/* choose_keys - by the authors; with --resign-lists by the list whose mail it is */
static bool choose_keys(struct signing *signing, struct error *error)
{
	struct address list;
	const struct address *address;

	if (signing->foreign)
		return true;
	read_authors(signing);
	if (signing->arguments->resign_lists && list_address(signing, &list) &&
	    list.domain != NULL && list.domain[0] != '\0')
		signing->list_domain = list.domain;
	else if (signing->author.kind == AUTHOR_NONE)
		return true;
	if (signing->tables == NULL)
		return add_listed_keys(signing, error);
	address = signing->list_domain != NULL ? &list : &signing->author.addresses.items[0];
	return add_table_keys(signing, address, error);
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
		warn(signing, "the signature may not survive: the message has %s",
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
		warn(signing, "not signed: %s", signing->unsigned_reason);
	return filter_read_body(signing->filter, NULL, NULL, error);
}

/*
 * find_origin - with --first-hop: local mail has one Received field, of this host, or none. Who may
 * send by SMTP is the mail server's business.
 */
static void find_origin(struct signing *signing)
{
	const struct message *message = signing->filter->message;
	size_t count = message_field_count(message);
	size_t first = message_find(message, "Received", 0);
	bool has_client = signing->filter->envelope.client.family != 0 && !is_local(signing);

	if (!signing->arguments->first_hop || has_client || first == count ||
	    message_find(message, "Received", first + 1) == count)
		return;
	signing->foreign = true;
	signing->unsigned_reason = "the message has come from another host";
}

/* sign - the whole work up to the result */
static bool sign(struct signing *signing, struct error *error)
{
	if (!filter_read_header(signing->filter, error))
		return false;
	find_origin(signing);
	if (!choose_keys(signing, error))
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
	if (!check_client(signing, sources->hosts, error) || !sign(signing, error))
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
	print_warnings(signing);
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
