/*
 * policy_options - what spfcheck --policy can be told; see policy_options.h
 */
#include "policy_options.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"

#define SKIPPED "127.0.0.0/8,::1" /* as policyd-spf has it */

static const char *const level_words[] = {
    [POLICY_NO_CHECK] = "no-check", [POLICY_NEVER] = "never",       [POLICY_NULL] = "null",
    [POLICY_FAIL] = "fail",         [POLICY_SOFTFAIL] = "softfail", [POLICY_NOT_PASS] = "not-pass",
};

/* set_level - enum policy_level */
static bool set_level(const char *argument, void *target, struct error *error)
{
	struct slice word = slice_of(argument);

	for (int level = POLICY_NO_CHECK; level <= POLICY_NOT_PASS; level++) {
		if (slice_is(word, level_words[level])) {
			*(enum policy_level *)target = (enum policy_level)level;
			return true;
		}
	}
	return error_set(
	    error, STATUS_CONFIG,
	    "is none of never, fail, softfail, not-pass, no-check (and null for HELO)");
}

/* set_mailfrom_level - bounces have no sender of their own, so that null would mean nothing */
static bool set_mailfrom_level(const char *argument, void *target, struct error *error)
{
	if (slice_is(slice_of(argument), level_words[POLICY_NULL]))
		return error_set(error, STATUS_CONFIG, "has a meaning with --reject-helo only");
	return set_level(argument, target, error);
}

/* set_action - goes to Postfix as it is: one line, and no empty one */
static bool set_action(const char *argument, void *target, struct error *error)
{
	for (const char *byte = argument; *byte != '\0'; byte++) {
		if (!is_vchar(*byte) && *byte != ' ')
			return error_set(error, STATUS_CONFIG,
					 "is not one line of printable ASCII");
	}
	if (slice_trim(slice_of(argument)).len == 0)
		return error_set(error, STATUS_CONFIG, "is empty");
	return option_text(argument, target, error);
}

/* set_text - the same, and no other braces than those it knows */
static bool set_text(const char *argument, void *target, struct error *error)
{
	const char *brace = argument;

	while ((brace = strchr(brace, '{')) != NULL) {
		if (strncmp(brace, "{spf}", 5) != 0 && strncmp(brace, "{rejectdefer}", 13) != 0)
			return error_set(error, STATUS_CONFIG,
					 "has a {word} other than {spf} and {rejectdefer}");
		brace++;
	}
	return set_action(argument, target, error);
}

void policy_options_init(struct policy_options *options, struct pool *pool)
{
	struct policy_list *list;

	*options = (struct policy_options){.allow_timeout = POLICY_ALLOW_TIMEOUT};
	for (size_t i = 0; (list = policy_options_list(options, i)) != NULL; i++)
		list->pool = pool;
}

const struct option_spec *policy_options_join(struct pool *pool, const struct option_spec *others,
					      size_t *count, struct policy_options *options,
					      unsigned modes)
{
	const struct option_spec table[] = {
	    {LONG_ONLY, "reject-mailfrom", "WHEN",
	     "never, fail, softfail, not-pass or no-check (fail)", set_mailfrom_level,
	     &options->reject_mailfrom, .modes = modes},
	    {LONG_ONLY, "reject-helo", "WHEN", "the same, or null: fail for bounces only (fail)",
	     set_level, &options->reject_helo, .modes = modes},
	    {LONG_ONLY, "reject-permerror", NULL, "reject mail if the record is broken",
	     option_flag, &options->reject_permerror, .modes = modes},
	    {LONG_ONLY, "defer-temperror", NULL, "defer mail if DNS does not answer", option_flag,
	     &options->defer_temperror, .modes = modes},
	    {LONG_ONLY, "only-no-mail", NULL, "reject only mail of domains that send none",
	     option_flag, &options->only_no_mail, .modes = modes},
	    {LONG_ONLY, "not-pass-domains", "LIST", "domains to reject unless they pass",
	     policy_list_set, &options->not_pass, .modes = modes},
	    {LONG_ONLY, "skip-addresses", "LIST", "clients not to check (" SKIPPED ")",
	     policy_list_set, &options->skip, .modes = modes},
	    {LONG_ONLY, "allow-addresses", "LIST", "clients never to refuse", policy_list_set,
	     &options->allow_addresses, .modes = modes},
	    {LONG_ONLY, "allow-helo", "LIST", "hosts never to refuse, by HELO name",
	     policy_list_set, &options->allow_helo, .modes = modes},
	    {LONG_ONLY, "allow-domains", "LIST", "domains whose hosts (SPF) are never refused",
	     policy_list_set, &options->allow_domains, .modes = modes},
	    {LONG_ONLY, "allow-ptr", "LIST", "domains whose hosts (PTR) are never refused",
	     policy_list_set, &options->allow_ptr, .modes = modes},
	    {LONG_ONLY, "allow-timeout", "SECONDS", "time for the DNS work of these lists (10)",
	     option_seconds, &options->allow_timeout, .modes = modes},
	    {LONG_ONLY, "mailfrom-pass", "ACTION", "what to answer if MAIL FROM passes", set_action,
	     &options->mailfrom_pass, .modes = modes},
	    {LONG_ONLY, "helo-pass", "ACTION", "what to answer if HELO passes", set_action,
	     &options->helo_pass, .modes = modes},
	    {LONG_ONLY, "reject-text", "TEXT", "text of a refusal; {spf} is the reason", set_text,
	     &options->reject_text, .modes = modes},
	    {LONG_ONLY, "prospective", "ADDRESS", "judge as if this were the client",
	     option_address, &options->prospective, .modes = modes},
	    {LONG_ONLY, "void-limit", "NUMBER", "how many void lookups a record may have (2)",
	     option_count, &options->void_limit, .modes = modes},
	    {LONG_ONLY, "dry-run", NULL, "refuse nothing, only log it", option_flag,
	     &options->dry_run, .modes = modes},
	};
	size_t size = *count * sizeof(*others);
	struct option_spec *joined = pool_alloc(pool, size + sizeof(table));

	memcpy(joined, others, size);
	memcpy(joined + *count, table, sizeof(table));
	*count += sizeof(table) / sizeof(table[0]);
	return joined;
}

struct policy_list *policy_options_list(struct policy_options *options, size_t index)
{
	struct policy_list *const lists[] = {
	    &options->skip,          &options->allow_addresses, &options->allow_helo,
	    &options->allow_domains, &options->allow_ptr,       &options->not_pass,
	};

	return index < sizeof(lists) / sizeof(lists[0]) ? lists[index] : NULL;
}

bool policy_options_complete(struct policy_options *options, struct error *error)
{
	struct policy_list *list;

	if (options->reject_mailfrom == POLICY_UNSET)
		options->reject_mailfrom = POLICY_FAIL;
	if (options->reject_helo == POLICY_UNSET)
		options->reject_helo = POLICY_FAIL;
	if (options->skip.path == NULL && options->skip.list == NULL &&
	    !policy_list_set(SKIPPED, &options->skip, error))
		return false;
	for (size_t i = 0; (list = policy_options_list(options, i)) != NULL; i++) {
		if (!policy_list_open(list, error))
			return false;
	}
	return true;
}

void policy_options_close(struct policy_options *options)
{
	struct policy_list *list;

	for (size_t i = 0; (list = policy_options_list(options, i)) != NULL; i++)
		policy_list_close(list);
}
