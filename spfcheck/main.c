/*
 * spfcheck - may this host send mail for this domain?
 *
 * Checks SMTP clients against the SPF record of the sender (RFC 7208): of a message, which
 * comes out with the result on top, or as a policy service of Postfix. Or checks a record.
 */
#include <unistd.h>

#include "base/pool.h"
#include "check_message.h"
#include "policy.h"
#include "policy_log.h"
#include "policyd_import.h"
#include "spf_lint_output.h"
#include "spf_publish.h"

enum mode {
	MODE_CHECK,
	MODE_IMPORT,
	MODE_LINT,
	MODE_FLATTEN,
	MODE_MAKE,
	MODE_POLICY,
};

#define CHECK   OPTION_IN(MODE_CHECK)
#define IMPORT  OPTION_IN(MODE_IMPORT)
#define POLICY  OPTION_IN(MODE_POLICY)
#define FLATTEN OPTION_IN(MODE_FLATTEN)
#define MAKE    OPTION_IN(MODE_MAKE)
#define LINT    OPTION_IN(MODE_LINT)

static const struct tool_mode modes[] = {
    [MODE_CHECK] = {.phrase = "without --policy"},
    [MODE_IMPORT] = {.option = "import", .phrase = "with --import", .is_query = true},
    [MODE_POLICY] = {.option = "policy", .phrase = "with --policy", .is_service = true},
    [MODE_FLATTEN] = {.option = "flatten", .phrase = "with --flatten", .is_query = true},
    [MODE_MAKE] = {.option = "make-record", .phrase = "with --make-record", .is_query = true},
    [MODE_LINT] = {.option = "lint", .phrase = "with --lint", .is_query = true},
};

struct arguments {
	struct check_options check;
	struct policy_options policy;
	bool is_service;
	const char *subject; /* of --lint */
	const char *flatten; /* a domain */
	bool makes_record;
	const char *import; /* a policyd-spf.conf */
	struct option_list operands;
};

/* take_operands - only "-r N": getopt takes N for an operand, because -r needs none */
static bool take_operands(const struct tool_context *context, struct arguments *given,
			  struct error *error)
{
	const struct option_list *operands = &given->operands;
	enum mode mode = context->options.mode;

	if (mode == MODE_LINT)
		return lint_is_quoted(context, given->subject, operands, error);
	if (operands->count == 0 || mode == MODE_MAKE)
		return true;
	if (operands->count == 1 && given->check.received != 0 &&
	    check_set_received(operands->items[0], &given->check.received, error))
		return true;
	if (access(operands->items[0], F_OK) == 0)
		return options_unexpected(operands->items[0], error);
	return error_set(error, STATUS_CONFIG,
			 "unexpected argument \"%s\"; to check its record: spfcheck --lint %s",
			 operands->items[0], operands->items[0]);
}

/* run_spfcheck - the job that was asked for; the exit status */
static int run_spfcheck(struct tool_context *context, struct arguments *arguments)
{
	enum mode mode = context->options.mode;
	struct error error;

	if (!take_operands(context, arguments, &error) ||
	    (mode == MODE_CHECK && !context->options.stream &&
	     !check_is_complete(&arguments->check, &error)))
		return tool_usage(context, &error);
	if (mode == MODE_CHECK && slice_is(slice_of(arguments->check.header), "none")) {
		error_set(&error, STATUS_CONFIG,
			  "option --header none has no meaning without --policy");
		return tool_usage(context, &error);
	}
	switch (mode) {
	case MODE_IMPORT: return import_run(context, arguments->import);
	case MODE_POLICY: return policy_run(context, &arguments->policy, arguments->check.header);
	case MODE_FLATTEN: return spf_flatten_run(context, arguments->flatten);
	case MODE_MAKE: return spf_make_run(context, &arguments->operands);
	case MODE_LINT: return lint_run(context, arguments->subject);
	default: return check_run(context, &arguments->check);
	}
}

int main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct tool_context context;
	struct arguments to = {
	    .operands.pool = pool,
	};
	const struct option_spec own[] = {
	    {'i', "ip", "ADDRESS", "address of the SMTP client", option_address, &to.check.client,
	     .modes = CHECK, .is_envelope = true},
	    {'H', "helo", "NAME", "what the client said with HELO or EHLO", option_text,
	     &to.check.helo, .modes = CHECK, .is_envelope = true},
	    {'f', "sender", "ADDRESS", "sender of the envelope; empty for bounces", option_text,
	     &to.check.sender, .modes = CHECK, .is_envelope = true},
	    {'r', "received", "[=N]", "take them from the Nth Received field (1)",
	     check_set_received, &to.check.received, .modes = CHECK, .is_envelope = true},
	    {LONG_ONLY, "header", "WHICH", "which fields to add: spf, ar, both or none",
	     check_set_header, &to.check.header, .modes = CHECK | POLICY},
	    {'P', "policy", NULL, "be a policy service of Postfix", option_flag, &to.is_service,
	     .modes = POLICY | IMPORT},
	    {LONG_ONLY, "import", "FILE", "print the options for a policyd-spf.conf", option_text,
	     &to.import, .modes = IMPORT},
	    {LONG_ONLY, "flatten", "DOMAIN", "print its record with addresses, not names",
	     option_text, &to.flatten, .modes = FLATTEN},
	    {LONG_ONLY, "make-record", NULL, "print a record made of DOMAIN TERM ... all=fail",
	     option_flag, &to.makes_record, .modes = MAKE},
	    {'L', "lint", "SUBJECT", "check a record, or that of a domain", option_text,
	     &to.subject, .modes = LINT},
	};
	size_t count = sizeof(own) / sizeof(own[0]);
	const struct option_spec *options =
	    policy_options_join(pool, own, &count, &to.policy, POLICY);
	const struct tool tool = {
	    .name = "spfcheck",
	    .log_name = POLICY_LOG_NAME,
	    .synopsis = "-i ADDRESS -H NAME -f SENDER [options] < message",
	    .summary = "Checks the sender's SPF record and adds the result to the message.",
	    .writes_results = true,
	    .options = options,
	    .option_count = count,
	    .operands = &to.operands,
	    .modes = modes,
	    .mode_count = sizeof(modes) / sizeof(modes[0]),
	};
	int status;

	policy_options_init(&to.policy, pool);
	if (tool_start(&context, &tool, pool, argc, argv, &status))
		status = run_spfcheck(&context, &to);
	tool_end(&context);
	return status;
}
