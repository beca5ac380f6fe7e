/*
 * dkimsign testkey - do private keys and what DNS has for them go together?
 *
 * One key (-d -s -k) or all of a key table. Whatever is wrong with one key does not keep the
 * others from being tested.
 */
#include "dkimsign.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "base/printable.h"
#include "dkim/key_encoding.h"
#include "dkim/key_lookup.h"
#include "dkim/key_mistakes.h"
#include "dkim/key_record.h"
#include "dkim/key_tables.h"
#include "dkim/private_key_file.h"
#include "dkim/tag_values.h"
#include "mail/domain.h"
#include "mail/taglist.h"

#define AWAIT_PAUSE 1 /* second between two questions for a record that is being published */

struct testkey_arguments {
	const char *domain;
	const char *selector;
	const char *key_file;
	const char *key_table;
	const char *signing_table;
};

/* How many keys came out how. */
struct counts {
	size_t wrong;
	size_t unknown;
};

/* published_data - p= of a record without white space; NULL if there is none */
static const char *published_data(struct pool *pool, struct slice record)
{
	struct slice rest = record;
	enum taglist_step step;
	struct tag tag;

	while ((step = taglist_next(&rest, &tag)) != TAGLIST_END) {
		if (step == TAGLIST_TAG && slice_is(tag.name, "p"))
			return taglist_compact(pool, tag.value).data;
	}
	return NULL;
}

/* difference - where the two public keys begin to differ, for people */
static const char *difference(struct pool *pool, const char *published, const char *own)
{
	size_t same = 0;

	if (published == NULL)
		return "; it has no p=";
	if (*published == '\0')
		return "; its p= is empty: the key is revoked";
	while (published[same] != '\0' && published[same] == own[same])
		same++;
	if (published[same] == '\0' && own[same] == '\0')
		return "";
	if (published[same] == '\0')
		return pool_printf(pool, "; its p= ends after %zu of %zu characters", same,
				   strlen(own));
	return pool_printf(pool, "; its p= differs from that of the file at character %zu",
			   same + 1);
}

/* test_record - one TXT record; what is wrong with it, or NULL */
static bool test_record(struct pool *pool, const struct private_key *key, struct slice record,
			const char **wrong, bool *testing, struct error *error)
{
	const char *published = published_data(pool, record);
	const char *own = key_encoding_public(pool, key, error);
	const char *mistake = key_mistake_in(pool, record, key);
	struct key_record parsed = {.testing = false};
	enum result result;

	*wrong = NULL;
	if (own == NULL)
		return false;
	if (mistake != NULL)
		*wrong = pool_printf(pool, "the record %s", mistake);
	else if (!key_record_parse(pool, record, &parsed, &result, wrong))
		*wrong = pool_printf(pool, "%s%s", *wrong, difference(pool, published, own));
	else if (!key_encoding_matches(key, &parsed.public_key))
		*wrong = pool_printf(pool, "the record has another key%s",
				     difference(pool, published, own));
	*testing = *wrong == NULL && parsed.testing;
	return true;
}

/* test_records - more than one record at a name leaves verifiers to choose (RFC 6376 3.6.2.2) */
static bool test_records(struct pool *pool, const struct private_key *key,
			 const struct dns_answer *answer, enum key_state *state, const char **text,
			 struct error *error)
{
	const char *published = published_data(pool, answer->records[0].text);
	const char *wrong = NULL;
	bool testing;

	*state = KEY_WRONG;
	if (answer->count > 1) {
		*text = pool_printf(pool, "%zu TXT records where one should be", answer->count);
		return true;
	}
	if (!test_record(pool, key, answer->records[0].text, &wrong, &testing, error))
		return false;
	*text = wrong;
	if (wrong == NULL) {
		*state = KEY_GOOD;
		*text = pool_printf(pool, "good, %s of %u bits%s",
				    key->type == DKIM_KEY_RSA ? "RSA" : "Ed25519", key->bits,
				    testing ? " (note: t=y says that you are only testing; some "
					      "verifiers ignore such keys)"
					    : "");
	} else if (published != NULL && *published == '\0') {
		*state = KEY_REVOKED;
	}
	return true;
}

/* say_absent - DNS has no record: perhaps somewhere else, or here is what to publish */
static const char *say_absent(struct tool_context *context, struct dns_budget *budget,
			      const char *selector, const char *domain)
{
	const char *place =
	    key_mistake_place(context->pool, context->dns, budget, selector, domain);

	return pool_printf(context->pool, "DNS has no TXT record at %s._domainkey.%s%s%s", selector,
			   domain, place != NULL ? "; " : "", place != NULL ? place : "");
}

bool key_test(struct tool_context *context, const struct private_key *key, const char *selector,
	      const char *domain, enum key_state *state, const char **text, struct error *error)
{
	struct dns_budget budget = tool_budget(context);
	enum result result;
	const struct dns_answer *answer =
	    key_lookup(context->pool, context->dns, &budget, selector, domain, &result, text);

	if (answer != NULL)
		return test_records(context->pool, key, answer, state, text, error);
	*state = result == RESULT_TEMPERROR ? KEY_UNKNOWN : KEY_ABSENT;
	if (*state == KEY_ABSENT)
		*text = say_absent(context, &budget, selector, domain);
	return true;
}

bool key_await(struct tool_context *context, const struct private_key *key, const char *selector,
	       const char *domain, enum key_state *state, const char **text, struct error *error)
{
	struct timespec deadline = deadline_after(context->options.timeout);

	for (;;) {
		dns_forget(context->dns);
		if (!key_test(context, key, selector, domain, state, text, error))
			return false;
		if (*state == KEY_GOOD || deadline_left(&deadline) <= 0)
			return true;
		sleep(AWAIT_PAUSE);
	}
}

/* published_from - the file that genkey has made beside the key, as what to publish */
static const char *published_from(struct pool *pool, const char *path, const char *selector)
{
	size_t slash = slice_find_last(slice_of(path), '/');
	bool has_directory = path[slash] == '/';

	return pool_printf(pool, ": publish what is in %.*s%s%s.txt",
			   (int)(has_directory ? slash : 1), has_directory ? path : ".", "/",
			   selector);
}

/* test_key - one key, in one line */
static void test_key(struct tool_context *context, const char *domain, const char *selector,
		     const char *path, struct counts *counts)
{
	struct private_key key;
	enum key_state state = KEY_WRONG;
	const char *text;
	struct error error;

	if (!private_key_file_read(context->pool, path, &key, &error) ||
	    !key_test(context, &key, selector, domain, &state, &text, &error))
		text = error.text;
	if (state == KEY_UNKNOWN)
		counts->unknown++;
	else if (state != KEY_GOOD)
		counts->wrong++;
	printf("%s._domainkey.%s: %s\n", selector, domain,
	       text_make_printable(pool_printf(
		   context->pool, "%s%s", text,
		   state == KEY_ABSENT ? published_from(context->pool, path, selector) : "")));
}

/* path_for - the file of a key, "%" replaced by the domain as in signing */
static const char *path_for(struct pool *pool, const char *path, const char *domain)
{
	const char *percent = strchr(path, '%');

	if (percent == NULL)
		return path;
	return path_for(
	    pool, pool_printf(pool, "%.*s%s%s", (int)(percent - path), path, domain, percent + 1),
	    domain);
}

/* test_table - all keys of a table, or those of one domain */
static void test_table(struct tool_context *context, const struct testkey_arguments *arguments,
		       const struct dkim_tables *tables, struct counts *counts)
{
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const struct dkim_table_key *key = dkim_tables_key(tables, i);
		const char *domain =
		    slice_is(slice_of(key->domain), "%") ? arguments->domain : key->domain;

		if (domain == NULL)
			printf("%s: for any domain, not tested; name one with --domain\n",
			       key->name);
		else if (arguments->domain == NULL || domain_equal(domain, arguments->domain))
			test_key(context, domain, key->selector,
				 path_for(context->pool, key->path, domain), counts);
	}
}

/* test_signing_table - an error in it keeps mail waiting; the keys are tested nevertheless */
static void test_signing_table(struct tool_context *context,
			       const struct testkey_arguments *arguments, struct counts *counts)
{
	struct error error;

	if (dkim_tables_read(context->pool, arguments->key_table, arguments->signing_table,
			     &error) != NULL)
		return;
	printf("%s\n", error.text);
	counts->wrong++;
}

/* test_keys - those of the table or the one that is named; what DNS says, strangers can write */
static bool test_keys(struct tool_context *context, const struct testkey_arguments *arguments,
		      struct counts *counts, struct error *error)
{
	struct sandbox sandbox = {.pool = context->pool, .dns = true};
	struct dkim_tables *tables = NULL;

	if (!tool_open_dns(context, error))
		return false;
	if (arguments->key_table == NULL) {
		sandbox_allow_read(&sandbox, arguments->key_file);
	} else {
		tables = dkim_tables_read(context->pool, arguments->key_table, NULL, error);
		if (tables == NULL)
			return false;
		key_allow_table(&sandbox, tables);
	}
	if (arguments->signing_table != NULL)
		test_signing_table(context, arguments, counts);
	tool_confine(context, sandbox);
	if (tables != NULL)
		test_table(context, arguments, tables, counts);
	else
		test_key(context, arguments->domain, arguments->selector, arguments->key_file,
			 counts);
	return true;
}

/* test - one key or a table */
static bool test(struct tool_context *context, void *given, int *status, struct error *error)
{
	const struct testkey_arguments *arguments = given;
	struct counts counts = {0, 0};

	if (!test_keys(context, arguments, &counts, error))
		return false;
	*status = counts.unknown > 0 ? EX_TEMPFAIL : EX_OK;
	if (counts.wrong > 0)
		*status = 1;
	return true;
}

/* check_key_test - one key or a table? */
static bool check_key_test(struct pool *pool, void *context, struct error *error)
{
	struct testkey_arguments *arguments = context;
	bool one = arguments->selector != NULL || arguments->key_file != NULL;

	if (arguments->key_table != NULL && one)
		return error_set(error, STATUS_CONFIG,
				 "option --key-table excludes --selector and --key");
	if (arguments->key_table == NULL &&
	    (arguments->domain == NULL || arguments->selector == NULL ||
	     arguments->key_file == NULL))
		return error_set(error, STATUS_CONFIG,
				 "options --domain, --selector and --key go together, or a "
				 "--key-table is needed");
	if (arguments->domain == NULL)
		return true;
	arguments->domain = domain_canonical(pool, slice_of(arguments->domain));
	if (arguments->domain == NULL || !domain_is_qualified(arguments->domain))
		return error_set(error, STATUS_CONFIG, "option --domain is no domain name");
	return true;
}

int testkey_main(int argc, char **argv)
{
	struct testkey_arguments arguments = {.domain = NULL};
	struct tool_context context;
	const struct option_spec options[] = {
	    {'d', "domain", "DOMAIN", "domain that signs", option_text, &arguments.domain},
	    {'s', "selector", "NAME", "selector of the key", option_text, &arguments.selector},
	    {'k', "key", "FILE", "private key", option_text, &arguments.key_file},
	    {LONG_ONLY, "key-table", "FILE", "all keys of opendkim's KeyTable", option_text,
	     &arguments.key_table},
	    {LONG_ONLY, "signing-table", "FILE", "check this SigningTable as well", option_text,
	     &arguments.signing_table, .needs = "key-table"},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text,
	     &context.options.zone},
	    {'T', "timeout", "SECONDS", "time for the DNS work for one key (30)", option_seconds,
	     &context.options.timeout},
	};
	const struct key_command command = {
	    .tool = {.name = "dkimsign",
		     .synopsis =
			 "testkey -d DOMAIN -s SELECTOR -k FILE | --key-table FILE [options]",
		     .summary = "Compares private keys with their records in DNS.",
		     .options = options,
		     .option_count = sizeof(options) / sizeof(options[0]),
		     .is_command = true},
	    .check = check_key_test,
	    .work = test,
	};

	return key_command_run(&context, &command, &arguments, argc, argv);
}
