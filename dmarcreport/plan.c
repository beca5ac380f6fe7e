/*
 * dmarcreport - where a report is to go (RFC 9990 sections 3.5 and 4)
 */
#include "dmarcreport.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/destination.h"

#define PAUSE_FIRST 900   /* seconds after the first failure; doubled with each further one */
#define PAUSE_MAX   86400 /* reports are daily */

long long plan_pause(unsigned tries)
{
	long long pause = PAUSE_FIRST;

	for (unsigned i = 1; i < tries && pause < PAUSE_MAX; i++)
		pause *= 2;
	return pause < PAUSE_MAX ? pause : PAUSE_MAX;
}

bool plan_is_suppressed(struct job *job, struct pool *pool, const char *domain, const char *address,
			const char **reason, struct error *error)
{
	const char *came_back;
	const char *compared = suppress_address(pool, address);

	*reason = NULL;
	if (job->suppressed != NULL && (suppress_list_has_domain(job->suppressed, domain) ||
					suppress_list_has_address(job->suppressed, address)))
		*reason = "is in the list of --suppress";
	if (*reason != NULL || compared == NULL)
		return true;
	if (!ledger_suppressed(job->history, pool, compared, &came_back, error))
		return false;
	if (came_back != NULL)
		*reason = pool_printf(pool, "mail to this address came back: %s", came_back);
	return true;
}

/* What is at hand for the destinations of one policy domain. */
struct plan {
	struct job *job;
	struct pool *pool;
	const char *domain;
	struct dns_budget budget;
	struct dmarc_discovery *discovery;
};

static void open_plan(struct plan *plan, struct job *job, struct pool *pool, const char *domain)
{
	*plan = (struct plan){.job = job, .pool = pool, .domain = domain};
	plan->budget = tool_budget(&job->context);
	plan->discovery =
	    dmarc_discovery_new(pool, job->context.dns, &plan->budget, &job->context.trace);
}

/* new_destination - not judged yet */
static struct ledger_destination new_destination(const struct plan *plan,
						 const struct dmarc_destination *parsed)
{
	return (struct ledger_destination){
	    .uri = parsed->uri,
	    .address = parsed->address != NULL ? parsed->address : "",
	    .state = LEDGER_PENDING,
	    .changed = plan->job->context.options.now,
	    .reason = "",
	};
}

static void give_up(struct ledger_destination *destination, const char *reason)
{
	destination->state = LEDGER_GIVEN_UP;
	destination->reason = reason;
}

/* add - to a list, unless the address is in it already */
static void add(const struct plan *plan, struct ledger_destinations *list,
		struct ledger_destination destination)
{
	for (size_t i = 0; i < list->count && *destination.address != '\0'; i++) {
		if (strcmp(list->items[i].address, destination.address) == 0)
			return;
	}
	list->items = pool_grow(plan->pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = destination;
}

/* take_instead - those that a destination names instead of itself; it may be among them */
static bool take_instead(const struct plan *plan, const struct dmarc_destinations *instead,
			 struct ledger_destination *old, struct ledger_destinations *added,
			 struct error *error)
{
	bool keeps_itself = false;
	const char *reason;

	for (size_t i = 0; i < instead->count && i < plan->job->destinations_max; i++) {
		struct ledger_destination destination = new_destination(plan, &instead->items[i]);

		if (strcmp(destination.address, old->address) == 0) {
			keeps_itself = true;
			continue;
		}
		if (!plan_is_suppressed(plan->job, plan->pool, plan->domain, destination.address,
					&reason, error))
			return false;
		if (reason != NULL)
			give_up(&destination, reason);
		add(plan, added, destination);
	}
	if (!keeps_itself)
		give_up(old, "has named others on its host instead of itself");
	return true;
}

/* set_unanswered - DNS will be asked again */
static void set_unanswered(const struct plan *plan, struct ledger_destination *destination)
{
	destination->state = LEDGER_UNVERIFIED;
	destination->tries++;
	destination->next = plan->job->context.options.now + plan_pause(destination->tries);
	destination->reason = "DNS has not said whether reports on this domain are welcome";
}

/* verify - RFC 9990 section 4 */
static bool verify(struct plan *plan, const struct dmarc_destination *parsed,
		   struct ledger_destination *destination, struct ledger_destinations *added,
		   struct error *error)
{
	struct dmarc_destinations instead;
	const char *name;

	switch (dmarc_destination_verify(plan->pool, plan->discovery, plan->job->context.dns,
					 &plan->budget, plan->domain, parsed, &instead, &name)) {
	case DMARC_UNANSWERED: set_unanswered(plan, destination); return true;
	case DMARC_REFUSED:
		give_up(destination,
			pool_printf(plan->pool, "%s has no record that allows reports", name));
		return true;
	default: break;
	}
	if (instead.count > 0)
		return take_instead(plan, &instead, destination, added, error);
	return true;
}

/* judge - one destination */
static bool judge(struct plan *plan, const struct dmarc_destination *parsed,
		  struct ledger_destination *destination, struct ledger_destinations *added,
		  struct error *error)
{
	const char *reason = parsed->blocked_reason;

	destination->state = LEDGER_PENDING;
	destination->reason = "";
	if (reason == NULL && !plan_is_suppressed(plan->job, plan->pool, plan->domain,
						  parsed->address, &reason, error))
		return false;
	if (reason == NULL)
		return verify(plan, parsed, destination, added, error);
	give_up(destination, reason);
	return true;
}

/* add_rest - one entry tells about all that are too many */
static void add_rest(const struct plan *plan, const struct dmarc_destinations *published,
		     size_t first, struct ledger_destinations *list)
{
	struct ledger_destination rest = new_destination(plan, &published->items[first]);

	rest.address = "";
	give_up(&rest, pool_printf(plan->pool, "%zu of %zu destinations are beyond our limit of %u",
				   published->count - first, published->count,
				   plan->job->destinations_max));
	add(plan, list, rest);
}

bool plan_destinations(struct job *job, struct pool *pool, const char *domain, const char *record,
		       struct ledger_destinations *list, struct error *error)
{
	const struct dmarc_record *policy = dmarc_record_parse(pool, slice_of(record));
	struct dmarc_destinations published = {.count = 0};
	struct ledger_destinations added = {.count = 0};
	struct plan plan;

	open_plan(&plan, job, pool, domain);
	*list = (struct ledger_destinations){.count = 0};
	if (policy->rua != NULL)
		dmarc_destinations_parse(pool, slice_of(policy->rua), &published);
	for (size_t i = 0; i < published.count; i++) {
		struct ledger_destination destination = new_destination(&plan, &published.items[i]);

		if (i == job->destinations_max) {
			add_rest(&plan, &published, i, list);
			break;
		}
		if (!judge(&plan, &published.items[i], &destination, &added, error))
			return false;
		add(&plan, list, destination);
	}
	for (size_t i = 0; i < added.count; i++)
		add(&plan, list, added.items[i]);
	return true;
}

bool plan_again(struct job *job, struct pool *pool, const char *domain,
		struct ledger_destination *destination, struct ledger_destinations *added,
		struct error *error)
{
	struct dmarc_destinations parsed;
	struct plan plan;

	open_plan(&plan, job, pool, domain);
	*added = (struct ledger_destinations){.count = 0};
	destination->changed = job->context.options.now;
	dmarc_destinations_parse(pool, slice_of(destination->uri), &parsed);
	return judge(&plan, &parsed.items[0], destination, added, error);
}
