/*
 * plan - where a report is to go; see plan.h
 */
#include "plan.h"

#include <string.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "dmarc/destination.h"
#include "mail/domain.h"
#include "report/suppression.h"

#define PAUSE_FIRST 900   /* seconds after the first failure; doubled with each further one */
#define PAUSE_MAX   86400 /* reports are daily */

/*
 * A round: the seconds that a destination may take, and how often its name servers may have kept
 * us waiting. With a thousand of them that never answer, the first one takes 20 seconds.
 */
static const struct {
	double seconds;
	unsigned delays;
} rounds[PLAN_ROUNDS] = {{0.02, 0}, {0.5, 3}, {5, 10}, {30, 1000000}};

long long plan_pause(unsigned tries)
{
	long long pause = PAUSE_FIRST;

	for (unsigned i = 1; i < tries && pause < PAUSE_MAX; i++)
		pause *= 2;
	return pause < PAUSE_MAX ? pause : PAUSE_MAX;
}

bool plan_is_suppressed(struct reporting *reporting, struct pool *pool, const char *domain,
			const char *address, const char **reason, struct error *error)
{
	const struct suppress_list *list = reporting->suppressed;
	const char *came_back;
	const char *compared = suppress_address(pool, address);

	*reason = NULL;
	if (list != NULL &&
	    (suppress_list_has_domain(list, domain) || suppress_list_has_address(list, address)))
		*reason = "is in the list of --suppress";
	if (*reason != NULL || compared == NULL)
		return true;
	if (!suppression_find(reporting->job->history, pool, domain, compared,
			      reporting->job->context.options.now, &came_back, error))
		return false;
	if (came_back != NULL)
		*reason = pool_printf(pool, "mail to this address came back: %s", came_back);
	return true;
}

/* new_destination - not judged yet */
static struct ledger_destination new_destination(const struct reporting *reporting,
						 const struct dmarc_destination *parsed)
{
	return (struct ledger_destination){
	    .uri = parsed->uri,
	    .address = parsed->address != NULL ? parsed->address : "",
	    .state = LEDGER_UNVERIFIED,
	    .changed = reporting->job->context.options.now,
	    .reason = "",
	};
}

static void give_up_planned(struct ledger_destination *destination, const char *reason)
{
	destination->state = LEDGER_GIVEN_UP;
	destination->reason = reason;
}

/* add_to_plan - to a list, unless the address is in it already */
static void add_to_plan(struct pool *pool, struct ledger_destinations *list,
			struct ledger_destination destination)
{
	for (size_t i = 0; i < list->count && *destination.address != '\0'; i++) {
		if (strcmp(list->items[i].address, destination.address) == 0)
			return;
	}
	list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = destination;
}

/* add_rest - one entry tells about all that are too many */
static void add_rest(const struct reporting *reporting, struct pool *pool,
		     const struct dmarc_destinations *published, size_t first,
		     struct ledger_destinations *list)
{
	struct ledger_destination rest = new_destination(reporting, &published->items[first]);

	rest.address = "";
	give_up_planned(&rest,
			pool_printf(pool, "%zu of %zu destinations are beyond our limit of %u",
				    published->count - first, published->count,
				    reporting->options->destinations_max));
	add_to_plan(pool, list, rest);
}

/* judge_planned - what can be said without DNS */
static bool judge_planned(struct reporting *reporting, struct pool *pool, const char *domain,
			  const struct dmarc_destination *parsed,
			  struct ledger_destination *destination, struct error *error)
{
	const char *reason = parsed->blocked_reason;

	if (reason == NULL &&
	    !plan_is_suppressed(reporting, pool, domain, parsed->address, &reason, error))
		return false;
	if (reason != NULL)
		give_up_planned(destination, reason);
	return true;
}

bool plan_destinations(struct reporting *reporting, struct pool *pool, const char *domain,
		       const char *list, struct ledger_destinations *destinations,
		       struct error *error)
{
	struct dmarc_destinations published = {.count = 0};

	*destinations = (struct ledger_destinations){.count = 0};
	if (list != NULL)
		dmarc_destinations_parse(pool, slice_of(list), &published);
	for (size_t i = 0; i < published.count; i++) {
		struct ledger_destination destination =
		    new_destination(reporting, &published.items[i]);

		if (i == reporting->options->destinations_max) {
			add_rest(reporting, pool, &published, i, destinations);
			break;
		}
		if (!judge_planned(reporting, pool, domain, &published.items[i], &destination,
				   error))
			return false;
		add_to_plan(pool, destinations, destination);
	}
	return true;
}

/* take_instead - those that a destination names instead of itself; it may be among them */
static bool take_instead(struct reporting *reporting, struct pool *pool, const char *domain,
			 const struct dmarc_destinations *instead, struct ledger_destination *old,
			 struct ledger_destinations *added, struct error *error)
{
	bool keeps_itself = false;

	for (size_t i = 0; i < instead->count && i < reporting->options->destinations_max; i++) {
		struct ledger_destination destination =
		    new_destination(reporting, &instead->items[i]);

		if (strcmp(destination.address, old->address) == 0) {
			keeps_itself = true;
			continue;
		}
		destination.state = LEDGER_PENDING;
		if (!judge_planned(reporting, pool, domain, &instead->items[i], &destination,
				   error))
			return false;
		add_to_plan(pool, added, destination);
	}
	if (!keeps_itself)
		give_up_planned(old, "has named others on its host instead of itself");
	return true;
}

/* set_unanswered - DNS will be asked again in another run */
static void set_unanswered(const struct reporting *reporting,
			   struct ledger_destination *destination, bool was_asked)
{
	destination->tries += was_asked ? 1 : 0;
	destination->next = reporting->job->context.options.now +
			    plan_pause(destination->tries > 0 ? destination->tries : 1);
	destination->reason = was_asked
				  ? "DNS has not said whether reports on this domain are welcome"
				  : "the time for DNS (-T) was used up before its turn";
}

/* An answer of DNS, and what it has cost. */
struct verification {
	enum dmarc_permission permission;
	struct dmarc_destinations instead;
	const char *name; /* that was asked for */
	bool late;        /* the time was up */
};

/* ask_planned - for so many seconds at most */
static struct verification ask_planned(struct reporting *reporting, struct pool *pool,
				       const char *domain, const struct dmarc_destination *parsed,
				       double seconds)
{
	struct job *job = reporting->job;
	const struct timespec begin = deadline_after(0);
	struct dns_budget budget = dns_budget_for(seconds, DNS_QUERIES_MAX);
	struct verification result;

	result.permission = dmarc_destination_verify(
	    pool, dmarc_discovery_new(pool, job->context.dns, &budget, &job->context.trace),
	    job->context.dns, &budget, domain, parsed, &result.instead, &result.name);
	result.late = dns_budget_left(&budget) <= 0;
	reporting->seconds_left -= deadline_passed(&begin);
	return result;
}

/* settle_plan - what the answer means */
static enum plan_outcome settle_plan(struct reporting *reporting, struct pool *pool,
				     const char *domain, const struct verification *answer,
				     struct ledger_destination *destination,
				     struct ledger_destinations *added, struct error *error)
{
	destination->changed = reporting->job->context.options.now;
	if (answer->permission == DMARC_UNANSWERED) {
		set_unanswered(reporting, destination, true);
		return PLAN_DECIDED;
	}
	destination->tries = 0;
	destination->next = 0;
	destination->reason = "";
	destination->state = LEDGER_PENDING;
	if (answer->permission == DMARC_REFUSED)
		give_up_planned(
		    destination,
		    pool_printf(pool, "%s has no record that allows reports", answer->name));
	else if (answer->instead.count > 0 &&
		 !take_instead(reporting, pool, domain, &answer->instead, destination, added,
			       error))
		return PLAN_ERROR;
	return PLAN_DECIDED;
}

/* is_slow - is its turn in a later round? */
static bool is_slow(const struct reporting *reporting, const char *domain, const char *host,
		    unsigned round)
{
	return slow_hosts_count(reporting->slow, host) > rounds[round].delays ||
	       slow_hosts_count(reporting->slow, domain) > rounds[round].delays;
}

enum plan_outcome plan_verify(struct reporting *reporting, struct pool *pool, const char *domain,
			      unsigned round, struct ledger_destination *destination,
			      struct ledger_destinations *added, struct error *error)
{
	double seconds = rounds[round].seconds;
	bool is_last = round + 1 == PLAN_ROUNDS;
	struct dmarc_destinations parsed;
	struct verification answer;
	const char *host;

	*added = (struct ledger_destinations){.count = 0};
	dmarc_destinations_parse(pool, slice_of(destination->uri), &parsed);
	host = parsed.count == 1 ? parsed.items[0].host : NULL;
	if (host == NULL) { /* a damaged file */
		give_up_planned(destination, "is no mailto URI of an address");
		return PLAN_DECIDED;
	}
	if (!domain_equal(host, domain) && !is_last && is_slow(reporting, domain, host, round))
		return PLAN_LATER;
	if (!domain_equal(host, domain) && reporting->seconds_left <= 0) {
		if (!is_last)
			return PLAN_LATER;
		set_unanswered(reporting, destination, false);
		return PLAN_DECIDED;
	}
	if (seconds > reporting->seconds_left && !domain_equal(host, domain))
		seconds = reporting->seconds_left;
	answer = ask_planned(reporting, pool, domain, &parsed.items[0], seconds);
	if (answer.permission == DMARC_UNANSWERED && answer.late) {
		slow_hosts_add(reporting->slow, host);
		slow_hosts_add(reporting->slow, domain);
		if (!is_last)
			return PLAN_LATER;
	}
	return settle_plan(reporting, pool, domain, &answer, destination, added, error);
}
