/*
 * reporting - what send and print have at hand: lists, the key of the site, what makes reports
 */
#ifndef DMARCREPORT_REPORTING_H
#define DMARCREPORT_REPORTING_H

#include "history/query.h"
#include "report/ledger.h"
#include "report/report_builder.h"
#include "report/suppress_list.h"
#include "report_options.h"
#include "slow_hosts.h"

struct reporting {
	struct job *job;
	const struct report_options *options;
	const struct suppress_list *suppressed; /* or NULL */
	const struct suppress_list *legacy_for; /* or NULL */
	const struct host_list *ignored;        /* or NULL */
	const char *history_name;
	const char *key;
	struct report_builder *builder;
	double seconds_left;     /* of DNS work for the run */
	struct slow_hosts *slow; /* what has kept us waiting */
};

/* Reads the lists, enters the sandbox, opens DNS and the history. */
bool reporting_open(struct reporting *reporting, struct job *job,
		    const struct report_options *options, struct error *error);
void reporting_close(struct reporting *reporting);

/* What report a policy of a day makes; as if the policy domain were an organization of its own. */
struct ledger_report reporting_new_report(const struct reporting *reporting, struct pool *pool,
					  const struct history_policy *policy);

/* The same as an object to be written; submitter belongs to it. */
struct aggregate_report reporting_aggregate(const struct reporting *reporting, struct pool *pool,
					    const struct ledger_report *report, bool legacy,
					    struct report_submitter *submitter);

/* Does this address get the form of RFC 7489? */
bool reporting_is_legacy(const struct reporting *reporting, const char *address);

/* Is this policy domain one that --domain leaves in? */
bool reporting_is_wanted(const struct reporting *reporting, const char *domain);

#endif
