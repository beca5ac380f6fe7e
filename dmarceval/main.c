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
	MODE_EVALUATE = 1,
	MODE_LINT = 2,
	MODE_MAKE = 4,
};

struct arguments {
	struct evaluate_options evaluate;
	const char *subject;         /* of --lint */
	bool makes_record;           /* --make-record */
	struct option_list operands; /* its tags */
	bool *writes_results;        /* the other modes imply --check: there is no message */
};

/* set_subject - -L */
static bool set_subject(const char *argument, void *target, struct error *error)
{
	struct arguments *arguments = target;

	*arguments->writes_results = true;
	return option_text(argument, &arguments->subject, error);
}

/* set_make_record - --make-record */
static bool set_make_record(const char *argument, void *target, struct error *error)
{
	struct arguments *arguments = target;

	*arguments->writes_results = true;
	return option_flag(argument, &arguments->makes_record, error);
}

/* fits - does every option that was given belong to the mode? */
static bool fits(const struct arguments *given, enum mode mode, struct error *error)
{
	static const char *const phrases[] = {
	    [MODE_EVALUATE] = "with a message",
	    [MODE_LINT] = "with --lint",
	    [MODE_MAKE] = "with --make-record",
	};
	const struct evaluate_options *evaluate = &given->evaluate;
	const struct {
		const char *name;
		bool is_given;
		unsigned modes;
	} uses[] = {
	    {"ip", evaluate->client.family != 0, MODE_EVALUATE},
	    {"client-name", evaluate->client_name != NULL, MODE_EVALUATE},
	    {"sender", evaluate->sender != NULL, MODE_EVALUATE},
	    {"trusted-ids", evaluate->trusted_ids.count != 0, MODE_EVALUATE},
	    {"trusted-hops", evaluate->hops != 1, MODE_EVALUATE},
	    {"mark", evaluate->mark != NULL, MODE_EVALUATE},
	    {"db", evaluate->database != NULL, MODE_EVALUATE},
	    {"report-address", evaluate->report_address != NULL, MODE_EVALUATE},
	    {"ignore-hosts", evaluate->ignored != NULL, MODE_EVALUATE},
	    {"trusted-forwarders", evaluate->forwarders != NULL, MODE_EVALUATE},
	    {"mailing-lists", evaluate->lists != NULL, MODE_EVALUATE},
	    {"at-most", evaluate->at_most != NULL, MODE_EVALUATE},
	    {"make-record", given->makes_record, MODE_MAKE},
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (uses[i].is_given && (uses[i].modes & mode) == 0)
			return error_set(error, STATUS_CONFIG, "option --%s has no meaning %s",
					 uses[i].name, phrases[mode]);
	}
	if (given->operands.count != 0 && mode != MODE_MAKE)
		return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"",
				 given->operands.items[0]);
	return evaluate_is_complete(evaluate, error);
}

/* run - the job that was asked for; the exit status */
static int run(struct filter *filter, const struct arguments *arguments)
{
	enum mode mode = arguments->subject != NULL ? MODE_LINT
			 : arguments->makes_record  ? MODE_MAKE
						    : MODE_EVALUATE;
	struct error error;

	if (!fits(arguments, mode, &error))
		return filter_usage(filter, &error);
	switch (mode) {
	case MODE_LINT: return lint_run(filter, arguments->subject);
	case MODE_MAKE: return make_record_run(filter, &arguments->operands);
	default: return evaluate_run(filter, &arguments->evaluate);
	}
}

int main(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct filter filter;
	struct arguments arguments = {
	    .evaluate = {.trusted_ids = {.pool = pool}, .hops = 1},
	    .operands = {.pool = pool},
	    .writes_results = &filter.options.check,
	};
	struct evaluate_options *evaluate = &arguments.evaluate;
	const struct option_spec options[] = {
	    {'i', "ip", "ADDRESS", "of the SMTP client", option_address, &evaluate->client},
	    {OPTION_LONG + 10, "client-name", "NAME", "verified host name of the client",
	     option_text, &evaluate->client_name},
	    {'f', "sender", "ADDRESS", "of the envelope; empty for bounces", option_text,
	     &evaluate->sender},
	    {OPTION_LONG, "trusted-ids", "LIST", "further authserv-ids to believe", option_id_list,
	     &evaluate->trusted_ids},
	    {OPTION_LONG + 1, "trusted-hops", "N", "Received fields of own hosts (1)", option_count,
	     &evaluate->hops},
	    {OPTION_LONG + 2, "mark", "FIELD", "add FIELD on quarantine and reject",
	     evaluate_set_mark, &evaluate->mark},
	    {OPTION_LONG + 3, "at-most", "POLICY", "do no more than POLICY to a message",
	     evaluate_set_at_most, &evaluate->at_most},
	    {OPTION_LONG + 4, "ignore-hosts", "FILE", "do not judge mail of these clients",
	     option_text, &evaluate->ignored},
	    {OPTION_LONG + 5, "trusted-forwarders", "FILE", "no consequences for these clients",
	     option_text, &evaluate->forwarders},
	    {OPTION_LONG + 6, "mailing-lists", "FILE", "no consequences for these List-Ids",
	     option_text, &evaluate->lists},
	    {OPTION_LONG + 7, "db", "FILE", "the history that reports are made of", option_text,
	     &evaluate->database},
	    {OPTION_LONG + 8, "report-address", "ADDR", "sender of our reports: not counted",
	     evaluate_set_address, &evaluate->report_address},
	    {'L', "lint", "SUBJECT", "check the record of a domain, or a record", set_subject,
	     &arguments},
	    {OPTION_LONG + 9, "make-record", NULL, "make a record of TAG=VALUE ... [DOMAIN]",
	     set_make_record, &arguments},
	};
	const struct tool tool = {
	    .name = "dmarceval",
	    .synopsis = "[options] < message",
	    .summary = "Evaluates DMARC and adds the result to the message.",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]),
	    .operands = &arguments.operands,
	};
	int status;

	if (filter_options(&filter, &tool, pool, argc, argv, &status))
		status = run(&filter, &arguments);
	filter_close(&filter);
	return status;
}
