/*
 * dmarceval - is this message from the domain that it says it is from?
 *
 * Reads a message that SPF and DKIM have been checked for, evaluates DMARC (RFC 9989), writes
 * the message with the result on top, and keeps what reports are made of. Or checks a record, or
 * makes one.
 */
#include "base/pool.h"
#include "dmarc_lint_output.h"
#include "evaluate_message.h"
#include "make_record.h"

enum mode {
	MODE_EVALUATE,
	MODE_LINT,
	MODE_MAKE,
};

#define EVALUATE OPTION_IN(MODE_EVALUATE)
#define LINT     OPTION_IN(MODE_LINT)
#define MAKE     OPTION_IN(MODE_MAKE)

static const struct tool_mode modes[] = {
    [MODE_EVALUATE] = {.phrase = "with a message"},
    [MODE_LINT] = {.option = "lint", .phrase = "with --lint", .is_query = true},
    [MODE_MAKE] = {.option = "make-record", .phrase = "with --make-record", .is_query = true},
};

struct arguments {
	struct evaluate_options evaluate;
	const char *subject;         /* of --lint */
	bool makes_record;           /* --make-record */
	struct option_list operands; /* its tags */
};

/* run_dmarceval - the job that was asked for; the exit status */
static int run_dmarceval(struct tool_context *context, const struct arguments *arguments)
{
	enum mode mode = context->options.mode;
	struct error error;

	if (arguments->operands.count != 0 && mode != MODE_MAKE) {
		options_unexpected(arguments->operands.items[0], &error);
		return tool_usage(context, &error);
	}
	if (!context->options.stream && !evaluate_is_complete(&arguments->evaluate, &error))
		return tool_usage(context, &error);
	switch (mode) {
	case MODE_LINT: return lint_run(context, arguments->subject);
	case MODE_MAKE: return make_record_run(context, &arguments->operands);
	default: return evaluate_run(context, &arguments->evaluate);
	}
}

/* start_dmarceval - with the command line; the exit status */
static int start_dmarceval(const struct tool *tool, struct pool *pool, struct arguments *arguments,
			   int argc, char **argv)
{
	struct tool_context context;
	int status;

	if (tool_start(&context, tool, pool, argc, argv, &status))
		status = run_dmarceval(&context, arguments);
	tool_end(&context);
	return status;
}

int main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct arguments arguments = {
	    .evaluate = {.trusted_ids = {.pool = pool}, .hops = 1},
	    .operands = {.pool = pool},
	};
	struct evaluate_options *evaluate = &arguments.evaluate;
	const struct option_spec options[] = {
	    {'i', "ip", "ADDRESS", "address of the SMTP client", option_address, &evaluate->client,
	     .modes = EVALUATE, .is_envelope = true},
	    {LONG_ONLY, "client-name", "NAME", "verified host name of the client", option_text,
	     &evaluate->client_name, .modes = EVALUATE, .is_envelope = true},
	    {'f', "sender", "ADDRESS", "sender of the envelope; empty for bounces", option_text,
	     &evaluate->sender, .modes = EVALUATE, .is_envelope = true},
	    {LONG_ONLY, "trusted-ids", "LIST", "other names whose results are believed",
	     option_id_list, &evaluate->trusted_ids, .modes = EVALUATE},
	    {LONG_ONLY, "trusted-hops", "N", "how many Received fields are our own (1)",
	     option_count, &evaluate->hops, .modes = EVALUATE},
	    {LONG_ONLY, "mark", "FIELD", "add FIELD unless the disposition is none",
	     evaluate_set_mark, &evaluate->mark, .modes = EVALUATE},
	    {LONG_ONLY, "at-most", "POLICY", "do no more than POLICY to a message",
	     evaluate_set_at_most, &evaluate->site.at_most, .modes = EVALUATE},
	    {LONG_ONLY, "at-least", "FILE", "domains to treat more strictly than they ask",
	     option_text, &evaluate->site.at_least, .modes = EVALUATE},
	    {LONG_ONLY, "no-author", "POLICY", "for mail without an author (quarantine)",
	     evaluate_set_no_author, &evaluate->site.no_author, .modes = EVALUATE},
	    {LONG_ONLY, "on-temperror", "POLICY", "if DNS does not answer (none)",
	     evaluate_set_on_temperror, &evaluate->site.on_temperror, .modes = EVALUATE},
	    {LONG_ONLY, "reject", "WHEN", "reject never, known or always (never)",
	     evaluate_set_reject, &evaluate->site.reject, .modes = EVALUATE},
	    {LONG_ONLY, "config-dir", "DIR", "directory of the lists (" SITE_DIRECTORY ")",
	     option_text, &evaluate->site.directory, .modes = EVALUATE},
	    {LONG_ONLY, "ignore-hosts", "FILE", "do not judge mail of these clients", option_text,
	     &evaluate->site.ignored, .modes = EVALUATE},
	    {LONG_ONLY, "trusted-forwarders", "FILE", "do nothing to mail of these clients",
	     option_text, &evaluate->site.forwarders, .modes = EVALUATE},
	    {LONG_ONLY, "trusted-sealers", "FILE",
	     "no consequences for what these have sealed (ARC)", option_text,
	     &evaluate->site.sealers, .modes = EVALUATE},
	    {LONG_ONLY, "mailing-lists", "FILE", "do nothing to mail of these lists", option_text,
	     &evaluate->site.lists, .modes = EVALUATE},
	    {LONG_ONLY, "db", "FILE", "the history that reports are made of", option_text,
	     &evaluate->database, .modes = EVALUATE},
	    {LONG_ONLY, "report-address", "ADDR", "sender of our reports, which is not counted",
	     evaluate_set_address, &evaluate->report_address, .modes = EVALUATE},
	    {LONG_ONLY, "failure-reports", NULL, "keep what failure reports need", option_flag,
	     &evaluate->failure_reports, .modes = EVALUATE, .needs = "db"},
	    {'L', "lint", "SUBJECT", "check a record, or that of a domain", option_text,
	     &arguments.subject, .modes = LINT},
	    {LONG_ONLY, "make-record", NULL, "print a record made of TAG=VALUE ... [DOMAIN]",
	     option_flag, &arguments.makes_record, .modes = MAKE},
	};
	const struct tool tool = {
	    .name = "dmarceval",
	    .synopsis = "[options] < message",
	    .summary = "Evaluates DMARC and adds the result to the message.",
	    .notes = MAKE_RECORD_TAGS,
	    .writes_results = true,
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	    .operands = &arguments.operands,
	    .modes = modes,
	    .mode_count = sizeof(modes) / sizeof(modes[0]),
	};

	return start_dmarceval(&tool, pool, &arguments, argc, argv);
}
