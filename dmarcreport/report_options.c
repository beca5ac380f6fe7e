/*
 * report_options - the options that send and print share; see report_options.h
 */
#include "report_options.h"

#include "day_text.h"
#include "history/row.h"
#include "mail/domain.h"
#include "submitter.h"

struct report_options report_options_default(void)
{
	return (struct report_options){
	    .last = -1, .seconds = RUN_SECONDS, .destinations_max = DESTINATIONS_MAX};
}

void report_options_add(struct job_options *list, struct job *job, struct report_options *options)
{
	struct report_submitter *submitter = &options->submitter;
	const struct option_spec specs[] = {
	    {LONG_ONLY, "org", "NAME", "the organization that reports", option_text,
	     &submitter->organization},
	    {LONG_ONLY, "email", "ADDR", "sender of the reports, whom people can ask", option_text,
	     &submitter->email},
	    {LONG_ONLY, "contact", "TEXT", "more about how to reach you", option_text,
	     &submitter->contact},
	    {'a', "authserv-id", "DOMAIN", "who received the mail (domain of --email)", option_text,
	     &submitter->domain},
	    {'d', "domain", "DOMAIN", "only reports about this policy domain", option_text,
	     &options->only_domain},
	    {LONG_ONLY, "since", "DATE", "first day", day_set, &options->first},
	    {LONG_ONLY, "until", "DATE", "last day (yesterday, in UTC)", day_set, &options->last},
	    {LONG_ONLY, "suppress", "FILE", "addresses and domains that get nothing", option_text,
	     &options->suppress_file},
	    {LONG_ONLY, "only-if-known", "DAYS", "only to domains seen on so many days",
	     option_count, &options->known_days},
	    {LONG_ONLY, "ignore-hosts", "FILE", "leave out mail of these clients", option_text,
	     &options->ignore_file},
	    {LONG_ONLY, "max-destinations", "N", "how many a report can have (10)", option_count,
	     &options->destinations_max},
	    {LONG_ONLY, "legacy", NULL, "write reports in the form of RFC 7489", option_flag,
	     &options->legacy},
	    {LONG_ONLY, "legacy-for", "FILE", "only for these addresses and domains", option_text,
	     &options->legacy_file},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text,
	     &job->context.options.zone},
	    {'T', "timeout", "SECONDS", "time for all DNS work of the run (120)", option_seconds,
	     &options->seconds},
	};

	job_add_options(list, specs, sizeof(specs) / sizeof(specs[0]));
}

bool report_options_check(const struct job *job, struct report_options *options,
			  struct error *error)
{
	long long complete = job->context.options.now / HISTORY_SECONDS_A_DAY - 1;

	if (!submitter_check(job->context.pool, &options->submitter, error))
		return false;
	if (options->legacy && options->legacy_file != NULL)
		return error_set(error, STATUS_CONFIG,
				 "option --legacy-for has no meaning with --legacy");
	if (options->only_domain != NULL) {
		options->only_domain =
		    domain_canonical(job->context.pool, slice_of(options->only_domain));
		if (options->only_domain == NULL)
			return error_set(error, STATUS_CONFIG, "option --domain is no domain name");
	}
	if (options->last < 0 || options->last > complete)
		options->last = complete;
	return true;
}
