/*
 * dkimsign - signs a message for its author's domain
 *
 * Reads a message, hashes its body while it arrives and writes it with a DKIM-Signature
 * field (RFC 6376) for each key on top. The subcommands make, test and rotate keys.
 */
#include "dkimsign.h"

#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"

#define LOOPBACK "127.0.0.1"

static const struct {
	const char *name;
	subcommand *run;
} subcommands[] = {
    {"genkey", genkey_main},
    {"testkey", testkey_main},
    {"rotate", rotate_main},
};

/* set_canonicalization - -c */
static bool set_canonicalization(const char *argument, void *target, struct error *error)
{
	if (dkim_sign_canons(slice_of(argument), target))
		return true;
	return error_set(error, STATUS_CONFIG, "is not simple or relaxed, twice with a / between");
}

/* set_names - --headers and --oversign */
static bool set_names(const char *argument, void *target, struct error *error)
{
	return dkim_sign_names_are_good(argument, error) && option_text(argument, target, error);
}

/* set_client - -i; pipe(8) has no address for what sendmail(1) has taken on this host */
static bool set_client(const char *argument, void *target, struct error *error)
{
	return option_address(*argument != '\0' ? argument : LOOPBACK, target, error);
}

/* sign - filter mode */
static int sign(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct arguments arguments = {
	    .domains.pool = pool,
	    .selectors.pool = pool,
	    .key_files.pool = pool,
	    .operands.pool = pool,
	    .policy = {.header_canon = DKIM_CANON_RELAXED,
		       .body_canon = DKIM_CANON_RELAXED,
		       .headers = DKIM_SIGN_HEADERS,
		       .oversign = DKIM_SIGN_OVERSIGN},
	};
	const struct option_spec options[] = {
	    {'d', "domain", "DOMAIN", "that signs; repeatable", option_each, &arguments.domains},
	    {'s', "selector", "NAME", "of the key in DNS; repeatable", option_each,
	     &arguments.selectors},
	    {'k', "key", "FILE", "private key; repeatable", option_each, &arguments.key_files},
	    {LONG_ONLY, "key-table", "FILE", "opendkim's KeyTable", option_text,
	     &arguments.key_table},
	    {LONG_ONLY, "signing-table", "FILE", "opendkim's SigningTable", option_text,
	     &arguments.signing_table},
	    {LONG_ONLY, "internal-hosts", "FILE", "sign only for clients in this list", option_text,
	     &arguments.internal_hosts, .needs = "ip"},
	    {'i', "ip", "ADDRESS", "of the SMTP client", set_client, &arguments.client,
	     .needs = "internal-hosts", .is_envelope = true},
	    {LONG_ONLY, "client-name", "NAME", "verified host name of the client", option_text,
	     &arguments.client_name, .needs = "internal-hosts", .is_envelope = true},
	    {'c', "canonicalization", "H/B", "of header and body (relaxed/relaxed)",
	     set_canonicalization, &arguments.policy},
	    {LONG_ONLY, "headers", "NAMES", "fields to sign, separated by colons", set_names,
	     &arguments.policy.headers},
	    {LONG_ONLY, "oversign", "NAMES", "fields that nobody may add (From)", set_names,
	     &arguments.policy.oversign},
	    {'x', "expire", "SECONDS", "signatures are valid so long", option_count,
	     &arguments.lifetime},
	    {LONG_ONLY, "timestamp", NULL, "the time of signing (t=)", option_flag,
	     &arguments.timestamp},
	    {LONG_ONLY, "identity", "ADDRESS", "on behalf of whom (i=)", option_text,
	     &arguments.identity},
	    {LONG_ONLY, "copy-headers", NULL, "copies of the signed fields (z=)", option_flag,
	     &arguments.policy.copies},
	    {LONG_ONLY, "first-hop", NULL, "sign nothing that other hosts have passed on",
	     option_flag, &arguments.first_hop},
	    {LONG_ONLY, "require", NULL, "without a key for the author, fail", option_flag,
	     &arguments.require},
	    {LONG_ONLY, "require-clean", NULL, "fail on what later hops will change", option_flag,
	     &arguments.require_clean},
	};
	const struct tool tool = {
	    .name = "dkimsign",
	    .synopsis = "-d DOMAIN -s SELECTOR -k KEYFILE [options] < message\n"
			"       dkimsign genkey|testkey|rotate [options]",
	    .summary = "Signs a message for the domain of its author (DKIM).",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	    .operands = &arguments.operands,
	};
	struct tool_context context;
	struct error error;
	int status;

	if (tool_start(&context, &tool, pool, argc, argv, &status))
		status = sign_check_arguments(pool, &arguments, &error)
			     ? sign_run(&context, &arguments)
			     : tool_usage(&context, &error);
	tool_end(&context);
	return status;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	}
	return sign(argc, argv);
}
