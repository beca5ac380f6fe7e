/*
 * dkimverify - who has signed this message, and is it still what they signed?
 *
 * Reads a message, verifies its DKIM signatures (RFC 6376) while the body arrives and
 * writes the message with one result field for each signature on top.
 */
#include "base/pool.h"
#include "verify_message.h"

int main(int argc, char **argv)
{
	struct verify_options to = {
	    .policy = {.min_key_bits = DKIM_KEY_BITS_MIN, .max_signatures = DKIM_SIGNATURES_MAX},
	    .hops = 1,
	};
	const struct option_spec options[] = {
	    {LONG_ONLY, "min-key-bits", "N", "shorter RSA keys do not pass (1024)", option_count,
	     &to.policy.min_key_bits},
	    {LONG_ONLY, "max-signatures", "N", "how many signatures are verified (10)",
	     option_count, &to.policy.max_signatures},
	    {LONG_ONLY, "allow-length", NULL, "signatures may leave part of the body out",
	     option_flag, &to.policy.allow_length},
	    {LONG_ONLY, "adsp", NULL, "look up the author's signing practices (RFC 5617)",
	     option_flag, &to.adsp},
	    {LONG_ONLY, "arc", NULL, "verify the ARC chain as well (RFC 8617)", option_flag,
	     &to.arc},
	    {LONG_ONLY, "trusted-hops", "N", "how many Received fields are our own (1)",
	     option_count, &to.hops},
	};
	const struct tool tool = {
	    .name = "dkimverify",
	    .synopsis = "[options] < message",
	    .summary = "Verifies DKIM signatures and adds the results to the message.",
	    .writes_results = true,
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	};
	struct tool_context context;
	int status;

	if (tool_start(&context, &tool, pool_new(), argc, argv, &status))
		status = verify_run(&context, &to);
	tool_end(&context);
	return status;
}
