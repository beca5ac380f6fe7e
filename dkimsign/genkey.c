/*
 * dkimsign genkey - makes a key and the record for it
 *
 * The names of the files are those of opendkim-genkey, so that what is written about it works
 * here: SELECTOR.private for us, SELECTOR.txt for the zone.
 */
#include "dkimsign.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_generation.h"
#include "dkim/key_tables.h"
#include "dkim/private_key_file.h"
#include "dns/zone_file.h"
#include "mail/domain.h"

#define RECORD_TTL  3600 /* seconds, of the nsupdate script */
#define BITS        2048 /* RFC 8301 3.2; more does not fit in a UDP answer */
#define SECRET_MODE 0600
#define PUBLIC_MODE 0644

const char *key_file_name(struct pool *pool, const struct new_key *key, const char *suffix)
{
	return pool_printf(pool, "%s/%s.%s", key->directory, key->selector, suffix);
}

const char *key_zone_line(struct pool *pool, const char *selector, const char *domain,
			  const char *value)
{
	return pool_printf(pool, "%s._domainkey.%s.\tIN\tTXT\t%s", selector, domain,
			   txt_strings(pool, slice_of(value)));
}

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
	const char *script;

	if (!private_key_file_read(pool, key_file_name(pool, key, "private"), &private_key, error))
		return false;
	*record = key_encoding_record(pool, &private_key, error);
	if (*record == NULL)
		return false;
	zone_line = key_zone_line(pool, key->selector, key->domain, *record);
	script =
	    pool_printf(pool, "update add %s._domainkey.%s. %d IN TXT %s\nsend\n", key->selector,
			key->domain, RECORD_TTL, txt_strings(pool, slice_of(*record)));
	return write_public(pool, key, "txt", pool_printf(pool, "%s\n", zone_line), error) &&
	       write_public(pool, key, "value", pool_printf(pool, "%s\n", *record), error) &&
	       write_public(pool, key, "nsupdate", script, error);
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

/* check - is the command line complete? */
static bool check(struct pool *pool, void *context, struct error *error)
{
	struct new_key *key = context;

	if (key->domain == NULL || key->selector == NULL)
		return error_set(error, STATUS_CONFIG, "option --%s is missing",
				 key->domain == NULL ? "domain" : "selector");
	if (key->type == DKIM_KEY_ED25519 && key->bits != 0)
		return error_set(error, STATUS_CONFIG,
				 "option --bits is for RSA; Ed25519 keys have one size");
	if (key->bits == 0)
		key->bits = BITS;
	key->domain = domain_canonical(pool, slice_of(key->domain));
	return true;
}

/* generate - the key and its record; what to do with them */
static bool generate(struct tool_context *context, void *arguments, int *status,
		     struct error *error)
{
	struct new_key *key = arguments;
	struct pool *pool = context->pool;
	struct sandbox sandbox = {.pool = pool};
	const char *record;

	*status = EX_OK;
	if (key->type == DKIM_KEY_RSA && key->bits < DKIM_KEY_BITS_ADVISED &&
	    !context->options.quiet)
		fprintf(stderr, "dkimsign: an RSA key should have %d bits (RFC 8301)\n",
			DKIM_KEY_BITS_ADVISED);
	if (access(key->directory, F_OK) != 0)
		return error_set(error, STATUS_CONFIG,
				 "there is no directory %s: make it: install -d -o USER -m 700 %s",
				 key->directory, key->directory);
	if (access(key_file_name(pool, key, "private"), F_OK) == 0)
		return error_set(error, STATUS_CONFIG,
				 "%s exists and is kept, because mail may be signed with it: take "
				 "another selector with -s",
				 key_file_name(pool, key, "private"));
	sandbox_allow_write(&sandbox, key->directory);
	tool_confine(context, sandbox);
	if (!key_make(pool, key, error) || !key_publish(pool, key, &record, error))
		return false;
	if (context->options.quiet)
		return true;
	printf("%s: keep it secret\n%s: put it in the zone of %s\n",
	       key_file_name(pool, key, "private"), key_file_name(pool, key, "txt"), key->domain);
	printf("%s: or enter this value for %s._domainkey\n%s: or feed this to nsupdate(1)\n",
	       key_file_name(pool, key, "value"), key->selector,
	       key_file_name(pool, key, "nsupdate"));
	return true;
}

int genkey_main(int argc, char **argv)
{
	struct new_key key = {.type = DKIM_KEY_RSA, .directory = "."};
	const struct option_spec options[] = {
	    {'d', "domain", "DOMAIN", "that will sign", set_domain, &key.domain},
	    {'s', "selector", "NAME", "of the key in DNS", set_selector, &key.selector},
	    {LONG_ONLY, "type", "TYPE", "rsa or ed25519 (rsa)", set_type, &key.type},
	    {'b', "bits", "N", "of an RSA key (2048)", set_bits, &key.bits},
	    {'D', "directory", "DIR", "where the files go (.)", option_text, &key.directory},
	};
	const struct key_command command = {
	    .tool = {.name = "dkimsign",
		     .synopsis = "genkey -d DOMAIN -s SELECTOR [options]",
		     .summary = "Makes a key and its DNS record, as files NAME.private, .txt, "
				".value and .nsupdate.",
		     .options = options,
		     .option_count = sizeof(options) / sizeof(options[0]),
		     .is_command = true},
	    .check = check,
	    .work = generate,
	};
	struct tool_context context;

	return key_command_run(&context, &command, &key, argc, argv);
}
