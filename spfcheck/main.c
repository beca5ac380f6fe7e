/*
 * spfcheck - may this host send mail for this domain?
 *
 * Checks SMTP clients against the SPF record of the sender (RFC 7208): of a message, which
 * comes out with the result on top, or as a policy service of Postfix. Or checks a record.
 */
#include "base/pool.h"
#include "check_message.h"
#include "policy.h"
#include "spf_lint_output.h"

enum mode {
	MODE_CHECK = 1,
	MODE_POLICY = 2,
	MODE_LINT = 4,
};

struct arguments {
	struct check_options check;
	struct policy_options policy;
	bool is_service;
	const char *subject;  /* of --lint */
	bool *writes_results; /* --lint implies --check: there is no message */
	const char *header;   /* spf, ar or both; NULL: not given */
	struct option_list operands;
};

/* set_header - --header */
static bool set_header(const char *argument, void *target, struct error *error)
{
	struct slice word = slice_of(argument);

	if (slice_is(word, "spf") || slice_is(word, "ar") || slice_is(word, "both"))
		return option_text(argument, target, error);
	return error_set(error, STATUS_CONFIG, "is none of spf, ar, both");
}

/* set_subject - -L */
static bool set_subject(const char *argument, void *target, struct error *error)
{
	struct arguments *arguments = target;

	*arguments->writes_results = true;
	return option_text(argument, &arguments->subject, error);
}

/* take_operands - only "-r N": getopt takes N for an operand, because -r needs none */
static bool take_operands(struct arguments *given, struct error *error)
{
	const struct option_list *operands = &given->operands;

	if (operands->count == 0)
		return true;
	if (operands->count == 1 && given->check.received != 0 &&
	    check_set_received(operands->items[0], &given->check.received, error))
		return true;
	return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"", operands->items[0]);
}

/* fits - does every option that was given belong to the mode? */
static bool fits(const struct arguments *given, const struct common_options *common, enum mode mode,
		 struct error *error)
{
	static const char *const phrases[] = {
	    [MODE_CHECK] = "without --policy",
	    [MODE_POLICY] = "with --policy",
	    [MODE_LINT] = "with --lint",
	};
	const struct check_options *check = &given->check;
	const struct policy_options *policy = &given->policy;
	const struct {
		const char *name;
		bool is_given;
		unsigned modes;
	} uses[] = {
	    {"ip", check->client.family != 0, MODE_CHECK},
	    {"helo", check->helo != NULL, MODE_CHECK},
	    {"sender", check->sender != NULL, MODE_CHECK},
	    {"received", check->received != 0, MODE_CHECK},
	    {"header", given->header != NULL, MODE_CHECK | MODE_POLICY},
	    {"lint", given->subject != NULL, MODE_LINT},
	    {"reject-mailfrom", policy->reject_mailfrom != POLICY_UNSET, MODE_POLICY},
	    {"reject-helo", policy->reject_helo != POLICY_UNSET, MODE_POLICY},
	    {"reject-permerror", policy->reject_permerror, MODE_POLICY},
	    {"defer-temperror", policy->defer_temperror, MODE_POLICY},
	    {"skip-addresses", policy->skip.is_set, MODE_POLICY},
	    {"check", common->check, MODE_CHECK | MODE_LINT},
	};
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (uses[i].is_given && (uses[i].modes & mode) == 0)
			return error_set(error, STATUS_CONFIG, "option --%s has no meaning %s",
					 uses[i].name, phrases[mode]);
	}
	return mode != MODE_CHECK || check_is_complete(check, error);
}

/* run - the job that was asked for; the exit status */
static int run(struct filter *filter, struct arguments *arguments)
{
	enum mode mode = arguments->is_service        ? MODE_POLICY
			 : arguments->subject != NULL ? MODE_LINT
						      : MODE_CHECK;
	struct error error;

	if (!take_operands(arguments, &error) || !fits(arguments, &filter->options, mode, &error))
		return filter_usage(filter, &error);
	switch (mode) {
	case MODE_POLICY: return policy_run(filter, &arguments->policy, arguments->header);
	case MODE_LINT: return lint_run(filter, arguments->subject);
	default: return check_run(filter, &arguments->check, arguments->header);
	}
}

int main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct filter filter;
	struct arguments to = {
	    .policy.skip.pool = pool,
	    .operands.pool = pool,
	    .writes_results = &filter.options.check,
	};
	const struct option_spec options[] = {
	    {'i', "ip", "ADDRESS", "of the SMTP client", option_address, &to.check.client},
	    {'H', "helo", "NAME", "what it said with HELO or EHLO", option_text, &to.check.helo},
	    {'f', "sender", "ADDRESS", "of the envelope; empty for bounces", option_text,
	     &to.check.sender},
	    {'r', "received", "[=N]", "instead of -i and -H: from the Nth Received field (1)",
	     check_set_received, &to.check.received},
	    {OPTION_LONG, "header", "WHICH", "fields to add: spf, ar or both", set_header,
	     &to.header},
	    {'P', "policy", NULL, "be a policy service of Postfix", option_flag, &to.is_service},
	    {OPTION_LONG + 1, "reject-mailfrom", "WHEN", "never, fail or softfail (fail)",
	     policy_set_level, &to.policy.reject_mailfrom},
	    {OPTION_LONG + 2, "reject-helo", "WHEN", "never, fail or softfail (fail)",
	     policy_set_level, &to.policy.reject_helo},
	    {OPTION_LONG + 3, "reject-permerror", NULL, "reject broken records", option_flag,
	     &to.policy.reject_permerror},
	    {OPTION_LONG + 4, "defer-temperror", NULL, "defer if DNS does not answer", option_flag,
	     &to.policy.defer_temperror},
	    {OPTION_LONG + 5, "skip-addresses", "LIST", "networks not to check (127.0.0.0/8,::1)",
	     policy_set_networks, &to.policy.skip},
	    {'L', "lint", "SUBJECT", "check the record of a domain, or a record", set_subject, &to},
	};
	const struct tool tool = {
	    .name = "spfcheck",
	    .synopsis = "-i ADDRESS -H NAME -f SENDER [options] < message",
	    .summary = "Checks the sender's SPF record and adds the result to the message.",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	    .operands = &to.operands,
	};
	int status;

	if (filter_options(&filter, &tool, pool, argc, argv, &status))
		status = run(&filter, &to);
	filter_close(&filter);
	return status;
}
