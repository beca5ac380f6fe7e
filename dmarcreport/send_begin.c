/*
 * send_begin - new reports and their destinations; see send_begin.h
 */
#include "send_begin.h"

#include "base/pool.h"
#include "history/incident.h"
#include "history/quota.h"
#include "report/token.h"

/* refuse_unknown - --only-if-known: the report is booked, and none of its mails */
static bool refuse_unknown(struct send_run *run, struct pool *pool,
			   const struct ledger_report *report, struct ledger_destinations *list,
			   struct error *error)
{
	unsigned wanted = run->arguments->options.known_days;
	long long days = 0;

	if (wanted == 0)
		return true;
	if (!quota_days(run->job->history, report->organization, &days, error))
		return false;
	for (size_t i = 0; days < wanted && i < list->count; i++) {
		if (list->items[i].state != LEDGER_UNVERIFIED)
			continue;
		list->items[i].state = LEDGER_GIVEN_UP;
		list->items[i].reason =
		    pool_printf(pool, "%s has been seen on %lld days; --only-if-known wants %u",
				report->organization, days, wanted);
	}
	return true;
}

/* begin_report - with all its destinations */
static bool begin_report(struct send_run *run, const struct history_policy *policy,
			 struct error *error)
{
	struct pool *pool = pool_new();
	const struct dmarc_record *record = dmarc_record_parse(pool, slice_of(policy->record));
	struct ledger_report report = reporting_new_report(&run->reporting, pool, policy);
	struct ledger_destinations list = {.count = 0};
	bool good;

	report.organization = quota_organization(run->job->history, pool, policy->domain, error);
	good = report.organization != NULL;
	report.copy = run->arguments->copy != NULL ? run->arguments->copy : "";
	good =
	    good &&
	    plan_destinations(&run->reporting, pool, policy->domain, record->rua, &list, error) &&
	    refuse_unknown(run, pool, &report, &list, error) &&
	    ledger_book(run->job->history, &report, &list, error);
	for (size_t i = 0; good && i < list.count; i++) {
		if (list.items[i].state == LEDGER_GIVEN_UP)
			send_count(run, &list.items[i]);
	}
	pool_free(pool);
	return good;
}

bool send_begin_reports(struct send_run *run, struct error *error)
{
	const struct report_options *options = &run->arguments->options;
	struct history_policy after = {.day = 0};
	struct history_policies policies;
	bool good;

	do {
		struct pool *pool = pool_new();

		good = ledger_unreported(run->job->history, pool, options->first, options->last,
					 &after, &policies, error);
		for (size_t i = 0; good && i < policies.count; i++) {
			after = policies.items[i];
			if (reporting_is_wanted(&run->reporting, after.domain))
				good = begin_report(run, &after, error);
		}
		pool_free(pool);
	} while (good && policies.count > 0);
	return good;
}

/* copy_destination - --failure-copy: nobody else gets it, and nobody is asked */
static struct ledger_destinations copy_destination(const struct send_run *run, struct pool *pool)
{
	struct ledger_destination *only = pool_alloc(pool, sizeof(*only));

	*only = (struct ledger_destination){
	    .uri = pool_printf(pool, "mailto:%s", run->arguments->failure_copy),
	    .address = run->arguments->failure_copy,
	    .state = LEDGER_PENDING,
	    .changed = run->job->context.options.now,
	    .reason = "",
	};
	return (struct ledger_destinations){.count = 1, .items = only};
}

/* begin_failure - a failure report with all its destinations */
static bool begin_failure(struct send_run *run, const struct incident *incident,
			  struct error *error)
{
	struct pool *pool = pool_new();
	const struct dmarc_record *record = dmarc_record_parse(pool, slice_of(incident->record));
	const char *subject = pool_printf(pool, "%s %s", incident->record, incident->source);
	struct ledger_report report = {
	    .day = incident->day,
	    .domain = incident->domain,
	    .record = incident->record,
	    .source = incident->source,
	    .organization = incident->organization,
	    .name = report_id(pool, run->reporting.history_name, incident->day, incident->domain,
			      subject),
	    .submitter = run->arguments->options.submitter.domain,
	    .created = run->job->context.options.now,
	    .messages = incident->count,
	    .copy = "",
	};
	struct ledger_destinations list = {.count = 0};
	bool good = true;

	if (run->arguments->failure_copy != NULL)
		list = copy_destination(run, pool);
	else
		good = plan_destinations(&run->reporting, pool, incident->domain, record->ruf,
					 &list, error) &&
		       refuse_unknown(run, pool, &report, &list, error);
	good = good && ledger_book(run->job->history, &report, &list, error);
	for (size_t i = 0; good && i < list.count; i++) {
		if (list.items[i].state == LEDGER_GIVEN_UP)
			send_count(run, &list.items[i]);
	}
	pool_free(pool);
	return good;
}

bool send_begin_failures(struct send_run *run, struct error *error)
{
	const struct report_options *options = &run->arguments->options;
	struct pool *last_pool = pool_new();
	struct incident after = {.day = 0};
	struct incidents list = {.count = 1};
	bool good = true;

	while (good && list.count > 0) {
		struct pool *pool = pool_new();

		good = incident_unreported(run->job->history, pool, options->first, options->last,
					   &after, &list, error);
		for (size_t i = 0; good && i < list.count; i++) {
			after = list.items[i];
			if (reporting_is_wanted(&run->reporting, after.domain))
				good = begin_failure(run, &after, error);
		}
		pool_free(last_pool); /* after is of the page before until here */
		last_pool = pool;
	}
	pool_free(last_pool);
	return good;
}
