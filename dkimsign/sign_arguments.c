/*
 * dkimsign, signing: is the command line complete and free of contradictions?
 */
#include "dkimsign.h"

#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "dkim/selector.h"
#include "mail/domain.h"

#define LOOPBACK "127.0.0.1"

/* -c */
bool sign_set_canonicalization(const char *argument, void *target, struct error *error)
{
	if (dkim_sign_canons(slice_of(argument), target))
		return true;
	return error_set(error, STATUS_CONFIG, "is not simple or relaxed, twice with a / between");
}

/* --headers and --oversign */
bool sign_set_names(const char *argument, void *target, struct error *error)
{
	return dkim_sign_names_are_good(argument, error) && option_text(argument, target, error);
}

/* --omit; names that are never signed may be among them */
bool sign_set_omitted(const char *argument, void *target, struct error *error)
{
	struct slice rest = slice_of(argument);
	struct slice name;

	while (slice_cut(&rest, ':', &name)) {
		size_t len = 0;

		while (len < name.len && is_vchar(name.data[len]))
			len++;
		if (len == 0 || len < name.len)
			return error_set(error, STATUS_CONFIG,
					 "is no list of field names, separated by colons");
	}
	return option_text(argument, target, error);
}

/* -i; pipe(8) has no address for what sendmail(1) has taken on this host */
bool sign_set_client(const char *argument, void *target, struct error *error)
{
	struct arguments *to = target;

	to->is_local = *argument == '\0';
	return option_address(to->is_local ? DKIMSIGN_LOOPBACK : argument, &to->client, error);
}

/* take_operands - dkimpy's SELECTOR DOMAIN KEYFILE */
static bool take_operands(struct arguments *arguments, struct error *error)
{
	struct option_list *operands = &arguments->operands;

	if (operands->count == 0)
		return true;
	if (operands->count == 1 && access(operands->items[0], F_OK) == 0)
		return options_unexpected(operands->items[0], error);
	if (operands->count != 3)
		return error_set(error, STATUS_CONFIG,
				 "\"%s\" is no subcommand (genkey, testkey, rotate, "
				 "import-opendkim), nor are these the arguments SELECTOR DOMAIN "
				 "KEYFILE",
				 operands->items[0]);
	return option_each(operands->items[0], &arguments->selectors, error) &&
	       option_each(operands->items[1], &arguments->domains, error) &&
	       option_each(operands->items[2], &arguments->key_files, error);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

size_t sign_count(const struct arguments *arguments)
{
	return larger(arguments->domains.count,
		      larger(arguments->selectors.count, arguments->key_files.count));
}

/* check_list - one for all or one for each */
static bool check_list(const struct option_list *list, size_t count, const char *name,
		       struct error *error)
{
	if (list->count == 0)
		return error_set(error, STATUS_CONFIG, "option --%s is missing", name);
	if (list->count != 1 && list->count != count)
		return error_set(error, STATUS_CONFIG,
				 "option --%s is given %zu times for %zu signatures", name,
				 list->count, count);
	return true;
}

const char *sign_item(const struct option_list *list, size_t index)
{
	return list->items[list->count == 1 ? 0 : index];
}

/* check_domain - makes it canonical */
static bool check_domain(struct pool *pool, const char **domain, struct error *error)
{
	const char *canonical = domain_canonical(pool, slice_of(*domain));

	if (canonical == NULL || !domain_is_qualified(canonical))
		return error_set(error, STATUS_CONFIG, "option --domain: \"%s\" is no domain name",
				 *domain);
	*domain = canonical;
	return true;
}

/* check_keys - the lists of -d, -s and -k */
static bool check_keys(struct pool *pool, struct arguments *arguments, struct error *error)
{
	size_t count = sign_count(arguments);

	if (!check_list(&arguments->domains, count, "domain", error) ||
	    !check_list(&arguments->selectors, count, "selector", error) ||
	    !check_list(&arguments->key_files, count, "key", error))
		return false;
	for (size_t i = 0; i < arguments->domains.count; i++) {
		if (!check_domain(pool, &arguments->domains.items[i], error))
			return false;
	}
	for (size_t i = 0; i < arguments->selectors.count; i++) {
		const char *selector = arguments->selectors.items[i];

		if (!dkim_selector_is_good(slice_of(selector)))
			return error_set(error, STATUS_CONFIG, "option --selector: \"%s\" %s",
					 selector, dkim_selector_error(slice_of(selector)));
	}
	return true;
}

/* check_sources - where the keys come from */
static bool check_sources(struct pool *pool, struct arguments *arguments, struct error *error)
{
	bool tables = arguments->key_table != NULL || arguments->signing_table != NULL;

	if (!tables)
		return check_keys(pool, arguments, error);
	if (sign_count(arguments) > 0)
		return error_set(error, STATUS_CONFIG,
				 "option --%s excludes --key, --selector and --domain",
				 arguments->key_table != NULL ? "key-table" : "signing-table");
	if (arguments->key_table == NULL || arguments->signing_table == NULL)
		return error_set(error, STATUS_CONFIG,
				 "options --key-table and --signing-table go together");
	return true;
}

/* check_identity - i= has an "@" */
static bool check_identity(const char *identity, struct error *error)
{
	if (identity != NULL && strchr(identity, '@') == NULL)
		return error_set(error, STATUS_CONFIG, "option --identity: \"%s\" has no @",
				 identity);
	return true;
}

/* omit_names - takes them out of the fields that are signed */
static void omit_names(struct pool *pool, struct arguments *arguments)
{
	struct slice rest = slice_of(arguments->policy.headers);
	const char *kept = NULL;
	struct slice name, omitted, omitted_rest;

	if (arguments->omitted == NULL)
		return;
	while (slice_cut(&rest, ':', &name)) {
		bool is_omitted = false;

		omitted_rest = slice_of(arguments->omitted);
		while (slice_cut(&omitted_rest, ':', &omitted))
			is_omitted =
			    is_omitted || slice_equal_nocase(slice_trim(omitted), slice_trim(name));
		if (!is_omitted)
			kept = pool_printf(pool, "%s%s%s", kept != NULL ? kept : "",
					   kept != NULL ? ":" : "", slice_copy(pool, name));
	}
	arguments->policy.headers = kept != NULL ? kept : "";
}

/* check_from - RFC 6376 section 5.4: From must be signed */
static bool check_from(const struct dkim_sign_policy *policy, struct error *error)
{
	if (dkim_sign_has_name(policy, "From"))
		return true;
	return error_set(error, STATUS_CONFIG, "option --headers must have From in it (RFC 6376)");
}

/* check_client_option - -i says something with one of two others */
static bool check_client_option(const struct arguments *arguments, struct error *error)
{
	if (arguments->client.family == 0 || arguments->internal_hosts != NULL ||
	    arguments->first_hop)
		return true;
	return error_set(error, STATUS_CONFIG,
			 "option --ip has no meaning without --internal-hosts or --first-hop");
}

bool sign_check_arguments(struct pool *pool, struct arguments *arguments, struct error *error)
{
	omit_names(pool, arguments);
	return take_operands(arguments, error) && check_sources(pool, arguments, error) &&
	       check_identity(arguments->identity, error) &&
	       check_client_option(arguments, error) && check_from(&arguments->policy, error);
}
