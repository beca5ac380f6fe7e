/*
 * dkimsign - signs a message for its author's domain
 *
 * Reads a message, hashes its body while it arrives and writes it with a DKIM-Signature
 * field (RFC 6376) for each key on top. The subcommands make, test and rotate keys,
 * and take over what opendkim has.
 */
#include "dkimsign.h"

#include <string.h>

#include "base/pool.h"

static const struct {
	const char *name;
	subcommand *run;
} subcommands[] = {
    {"genkey", genkey_main},
    {"testkey", testkey_main},
    {"rotate", rotate_main},
    {"import-opendkim", import_opendkim_main},
};

/* run_sign - the command line, then the messages; the exit status */
static int run_sign(const struct tool *tool, struct pool *pool, struct arguments *arguments,
		    int argc, char **argv)
{
	struct tool_context context;
	struct error error;
	int status;

	if (tool_start(&context, tool, pool, argc, argv, &status))
		status = sign_check_arguments(pool, arguments, &error)
			     ? sign_run(&context, arguments)
			     : tool_usage(&context, &error);
	tool_end(&context);
	return status;
}

/* sign - filter mode */
static int sign(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct arguments to = {
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
	    {'d', "domain", "DOMAIN", "domain that signs; repeatable", option_each, &to.domains},
	    {'s', "selector", "NAME", "selector of the key; repeatable", option_each,
	     &to.selectors},
	    {'k', "key", "FILE", "private key; repeatable", option_each, &to.key_files},
	    {LONG_ONLY, "key-table", "FILE", "opendkim's KeyTable", option_text, &to.key_table},
	    {LONG_ONLY, "signing-table", "FILE", "opendkim's SigningTable", option_text,
	     &to.signing_table},
	    {LONG_ONLY, "internal-hosts", "FILE", "sign only for clients in this list", option_text,
	     &to.internal_hosts, .needs = "ip"},
	    {'i', "ip", "ADDRESS", "address of the SMTP client", sign_set_client, &to,
	     .is_envelope = true},
	    {LONG_ONLY, "client-name", "NAME", "verified host name of the client", option_text,
	     &to.client_name, .needs = "internal-hosts", .is_envelope = true},
	    {'c', "canonicalization", "H/B", "for header and body (relaxed/relaxed)",
	     sign_set_canonicalization, &to.policy},
	    {LONG_ONLY, "headers", "NAMES", "fields to sign, separated by colons", sign_set_names,
	     &to.policy.headers},
	    {LONG_ONLY, "oversign", "NAMES", "fields that nobody may add (From)", sign_set_names,
	     &to.policy.oversign},
	    {LONG_ONLY, "omit", "NAMES", "fields not to sign", sign_set_omitted, &to.omitted},
	    {'x', "expire", "SECONDS", "how long signatures are valid", option_count, &to.lifetime},
	    {LONG_ONLY, "timestamp", NULL, "add the time of signing (t=)", option_flag,
	     &to.timestamp},
	    {LONG_ONLY, "identity", "ADDRESS", "on behalf of whom to sign (i=)", option_text,
	     &to.identity},
	    {LONG_ONLY, "copy-headers", NULL, "add copies of the signed fields (z=)", option_flag,
	     &to.policy.copies},
	    {LONG_ONLY, "first-hop", NULL, "do not sign local mail from other hosts", option_flag,
	     &to.first_hop},
	    {LONG_ONLY, "third-party", NULL, "sign for authors of other domains, too", option_flag,
	     &to.third_party},
	    {LONG_ONLY, "resign-lists", NULL, "sign mail of a list in the name of the list",
	     option_flag, &to.resign_lists},
	    {LONG_ONLY, "require", NULL, "fail if there is no key for the author", option_flag,
	     &to.require},
	    {LONG_ONLY, "require-clean", NULL, "fail if later hops will break the signature",
	     option_flag, &to.require_clean},
	};
	const struct tool tool = {
	    .name = "dkimsign",
	    .synopsis = "-d DOMAIN -s SELECTOR -k KEYFILE [options] < message\n"
			"       dkimsign genkey|testkey|rotate|import-opendkim [options]",
	    .summary = "Signs a message for the domain of its author (DKIM).",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	    .operands = &to.operands,
	};

	return run_sign(&tool, pool, &to, argc, argv);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	}
	return sign(argc, argv);
}
