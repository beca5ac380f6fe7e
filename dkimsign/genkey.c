/*
 * dkimsign genkey - makes a key and the record for it
 *
 * The names of the files are those of opendkim-genkey, so that what is written about it works
 * here: SELECTOR.private for us, SELECTOR.txt for the zone.
 */
#include "dkimsign.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_generation.h"
#include "dkim/key_tables.h"
#include "dkim/private_key_file.h"
#include "dkim/selector.h"
#include "dns/zone_file.h"
#include "dns_hook.h"
#include "mail/domain.h"

#define BITS        2048 /* RFC 8301 3.2; more does not fit in a UDP answer */
#define SECRET_MODE 0600
#define PUBLIC_MODE 0644

#define DIRECTORY_MODE 0700 /* of the keys of a domain */
#define KEY_TABLE      "/etc/dkim/key_table"
#define SIGNING_TABLE  "/etc/dkim/signing_table"

struct genkey_arguments {
	struct new_key key;
	struct key_tables_files tables;
	bool add; /* to the tables */
	struct dns_hook hook;
};

bool key_make(struct pool *pool, const struct new_key *key, struct error *error)
{
	const char *pem = key_generation_pem(pool, key->type, key->bits, error);

	return pem != NULL && atomic_file_create(pool, key_file_name(pool, key, "private"),
						 slice_of(pem), SECRET_MODE, error);
}

/* write_public - one form of the record */
static bool write_public(struct pool *pool, const struct new_key *key, const char *suffix,
			 const char *text, struct error *error)
{
	return atomic_file_replace(pool, key_file_name(pool, key, suffix), slice_of(text),
				   PUBLIC_MODE, error);
}

bool key_publish(struct pool *pool, const struct new_key *key, const char **record,
		 struct error *error)
{
	struct private_key private_key;
	const char *zone_line;

	if (!private_key_file_read(pool, key_file_name(pool, key, "private"), &private_key, error))
		return false;
	*record = key_encoding_record(pool, &private_key, error);
	if (*record == NULL)
		return false;
	zone_line = key_zone_line(pool, key->selector, key->domain, *record);
	return write_public(pool, key, "txt", pool_printf(pool, "%s\n", zone_line), error) &&
	       write_public(pool, key, "value", pool_printf(pool, "%s\n", *record), error) &&
	       write_public(pool, key, "nsupdate",
			    key_add_script(pool, key->selector, key->domain, *record), error);
}

/* set_domain - -d */
static bool set_domain(const char *argument, void *target, struct error *error)
{
	struct pool *pool = pool_new();
	const char *name = domain_canonical(pool, slice_of(argument));
	bool good = name != NULL && domain_is_qualified(name);

	pool_free(pool);
	if (!good)
		return error_set(error, STATUS_CONFIG, "is no domain name");
	return option_text(argument, target, error);
}

/* set_selector - -s */
static bool set_selector(const char *argument, void *target, struct error *error)
{
	const char *reason = dkim_selector_error(slice_of(argument));

	if (reason != NULL)
		return error_set(error, STATUS_CONFIG, "%s", reason);
	return option_text(argument, target, error);
}

/* set_type - -t */
static bool set_type(const char *argument, void *target, struct error *error)
{
	struct slice type = slice_of(argument);

	*(enum dkim_key_type *)target = slice_is(type, "ed25519") ? DKIM_KEY_ED25519 : DKIM_KEY_RSA;
	return slice_is(type, "ed25519") || slice_is(type, "rsa") ||
	       error_set(error, STATUS_CONFIG, "is neither rsa nor ed25519");
}

/* set_bits - -b */
static bool set_bits(const char *argument, void *target, struct error *error)
{
	unsigned *bits = target;

	if (!option_count(argument, bits, error))
		return false;
	if (*bits < DKIM_KEY_BITS_MIN || *bits > DKIM_KEY_BITS_MAX)
		return error_set(error, STATUS_CONFIG, "is not between %d and %d",
				 DKIM_KEY_BITS_MIN, DKIM_KEY_BITS_MAX);
	return true;
}

/* check_genkey - is the command line complete? Directory and tables of --add have usual places. */
static bool check_genkey(struct pool *pool, void *given, struct error *error)
{
	struct genkey_arguments *arguments = given;
	struct new_key *key = &arguments->key;
	const char *table;

	if (key->domain == NULL || key->selector == NULL)
		return error_set(error, STATUS_CONFIG, "option --%s is missing",
				 key->domain == NULL ? "domain" : "selector");
	if (key->type == DKIM_KEY_ED25519 && key->bits != 0)
		return error_set(error, STATUS_CONFIG,
				 "option --bits is for RSA; Ed25519 keys have one size");
	if (key->bits == 0)
		key->bits = BITS;
	key->domain = domain_canonical(pool, slice_of(key->domain));
	table = arguments->tables.key_table;
	if (key->directory == NULL && arguments->add)
		key->directory =
		    pool_printf(pool, "%.*s/%s", (int)slice_find_last(slice_of(table), '/'), table,
				key->domain);
	else if (key->directory == NULL)
		key->directory = ".";
	return !arguments->add || table[0] == '/' ||
	       error_set(error, STATUS_CONFIG,
			 "option --key-table: with --add, give an absolute path");
}

/* make_directory - of a domain that is new in the tables */
static bool make_directory(const char *directory, struct error *error)
{
	return mkdir(directory, DIRECTORY_MODE) == 0 || errno == EEXIST ||
	       error_set(error, STATUS_CONFIG,
			 "cannot make the directory %s: %s: install -d -o USER -m 700 %s",
			 directory, strerror(errno), directory);
}

/*
 * prepare_genkey - is there a place for the key? With --add an earlier run that was cut off has
 * made it perhaps, and it is used.
 */
static bool prepare_genkey(struct pool *pool, const struct genkey_arguments *arguments,
			   bool *exists, struct error *error)
{
	const struct new_key *key = &arguments->key;
	const char *path = key_file_name(pool, key, "private");

	if (arguments->add && !make_directory(key->directory, error))
		return false;
	if (access(key->directory, F_OK) != 0)
		return error_set(error, STATUS_CONFIG,
				 "there is no directory %s: make it: install -d -o USER -m 700 %s",
				 key->directory, key->directory);
	*exists = access(path, F_OK) == 0;
	return !*exists || arguments->add ||
	       error_set(error, STATUS_CONFIG,
			 "%s exists and is kept, because mail may be signed with it: take "
			 "another selector with -s",
			 path);
}

/* update_dns - by the command of --dns-hook; true when DNS has the record */
static bool update_dns(struct tool_context *context, const struct genkey_arguments *arguments,
		       const char *record, struct error *error)
{
	const struct new_key *key = &arguments->key;
	struct private_key private_key;
	enum key_state state;
	const char *text;

	if (arguments->hook.command == NULL)
		return true;
	if (!private_key_file_read(context->pool, key_file_name(context->pool, key, "private"),
				   &private_key, error) ||
	    !key_test(context, &private_key, key->selector, key->domain, &state, &text, error))
		return false;
	if (state == KEY_GOOD)
		return true;
	if (state == KEY_WRONG || state == KEY_REVOKED)
		return error_set(
		    error, STATUS_CONFIG,
		    "DNS has a record of selector %s already: take another with -s: %s",
		    key->selector, text);
	if (!dns_hook_run(context->pool, &arguments->hook,
			  key_add_script(context->pool, key->selector, key->domain, record),
			  error) ||
	    !key_await(context, &private_key, key->selector, key->domain, &state, &text, error))
		return false;
	return state == KEY_GOOD ||
	       error_set(error, STATUS_DNS,
			 "the command of --dns-hook is done, but after %.0f seconds %s; when it is "
			 "there, run the same again",
			 context->options.timeout, text);
}

/* say_files - where everything is, and what to do with it */
static void say_files(struct pool *pool, const struct genkey_arguments *arguments)
{
	const struct new_key *key = &arguments->key;

	printf("%s: keep it secret\n", key_file_name(pool, key, "private"));
	if (arguments->hook.command != NULL)
		printf("DNS has %s._domainkey.%s now\n", key->selector, key->domain);
	else
		printf("%s: put it in the zone of %s\n%s: or enter this value for "
		       "%s._domainkey\n%s: or feed this to nsupdate(1)\n",
		       key_file_name(pool, key, "txt"), key->domain,
		       key_file_name(pool, key, "value"), key->selector,
		       key_file_name(pool, key, "nsupdate"));
	if (arguments->add)
		printf("%s, %s: mail of %s is signed from now on%s\n", arguments->tables.key_table,
		       arguments->tables.signing_table, key->domain,
		       arguments->hook.command != NULL ? "" : ", so publish the record at once");
}

/* confine_genkey - it writes files of its own, and asks DNS after --dns-hook */
static void confine_genkey(struct tool_context *context, const struct genkey_arguments *arguments)
{
	const char *signing_table = arguments->tables.signing_table;
	struct sandbox sandbox = {.pool = context->pool, .dns = arguments->hook.command != NULL};

	sandbox_allow_write(&sandbox, arguments->key.directory);
	if (arguments->add) {
		sandbox_allow_beside(&sandbox, arguments->tables.key_table);
		if (config_file_name(&signing_table, NULL, &(struct error){.text = ""}))
			sandbox_allow_beside(&sandbox, signing_table);
	}
	tool_confine(context, sandbox);
}

/* generate - the key and its record, then DNS, then the tables: nothing signs before that */
static bool generate(struct tool_context *context, struct genkey_arguments *arguments,
		     struct error *error)
{
	struct new_key *key = &arguments->key;
	struct pool *pool = context->pool;
	const char *record;
	bool exists = false;

	if (!prepare_genkey(pool, arguments, &exists, error) || !tool_open_dns(context, error) ||
	    !dns_hook_start(&arguments->hook, error))
		return false;
	confine_genkey(context, arguments);
	if ((!exists && !key_make(pool, key, error)) || !key_publish(pool, key, &record, error) ||
	    !update_dns(context, arguments, record, error))
		return false;
	if (arguments->add && !key_add_to_tables(pool, key, &arguments->tables, error))
		return false;
	if (!context->options.quiet)
		say_files(pool, arguments);
	return true;
}

/* genkey - the work of the subcommand */
static bool genkey(struct tool_context *context, void *given, int *status, struct error *error)
{
	struct genkey_arguments *arguments = given;
	const struct new_key *key = &arguments->key;
	bool good;

	*status = EX_OK;
	if (key->type == DKIM_KEY_RSA && key->bits < DKIM_KEY_BITS_ADVISED &&
	    !context->options.quiet)
		fprintf(stderr, "dkimsign: an RSA key should have %d bits (RFC 8301)\n",
			DKIM_KEY_BITS_ADVISED);
	arguments->hook.runner = -1;
	good = generate(context, arguments, error);
	dns_hook_stop(&arguments->hook);
	return good;
}

int genkey_main(int argc, char **argv)
{
	struct genkey_arguments to = {
	    .key = {.type = DKIM_KEY_RSA},
	    .tables = {.key_table = KEY_TABLE, .signing_table = SIGNING_TABLE},
	};
	struct tool_context context;
	const struct option_spec options[] = {
	    {'d', "domain", "DOMAIN", "domain that will sign", set_domain, &to.key.domain},
	    {'s', "selector", "NAME", "selector of the key", set_selector, &to.key.selector},
	    {LONG_ONLY, "type", "TYPE", "rsa or ed25519 (rsa)", set_type, &to.key.type},
	    {'b', "bits", "N", "size of an RSA key (2048)", set_bits, &to.key.bits},
	    {'D', "directory", "DIR", "where the files go (.; or --add)", option_text,
	     &to.key.directory},
	    {LONG_ONLY, "add", NULL, "enter the key into the tables", option_flag, &to.add},
	    {LONG_ONLY, "key-table", "FILE", "of --add (" KEY_TABLE ")", option_text,
	     &to.tables.key_table, .needs = "add"},
	    {LONG_ONLY, "signing-table", "FILE", "of --add (" SIGNING_TABLE ")", option_text,
	     &to.tables.signing_table, .needs = "add"},
	    {LONG_ONLY, "dns-hook", "CMD", "command that publishes the record", option_text,
	     &to.hook.command},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text,
	     &context.options.zone, .needs = "dns-hook"},
	    {'T', "timeout", "SECONDS", "how long to wait for DNS (20)", option_seconds,
	     &context.options.timeout, .needs = "dns-hook"},
	};
	const struct key_command command = {
	    .tool = {.name = "dkimsign",
		     .synopsis = "genkey -d DOMAIN -s SELECTOR [options]",
		     .summary = "Makes a key and its DNS record, as files NAME.private, .txt, "
				".value and .nsupdate.",
		     .options = options,
		     .option_count = sizeof(options) / sizeof(options[0]),
		     .is_command = true},
	    .check = check_genkey,
	    .work = genkey,
	};

	return key_command_run(&context, &command, &to, argc, argv);
}
