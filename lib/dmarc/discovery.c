/*
 * discovery - the DNS tree walk of DMARC (RFC 9989 section 4.10); see discovery.h
 *
 * A walk is done in steps of one query. The search for a policy ends with the
 * record of the author domain itself, if there is one; only if the organizational
 * domain is needed too is the same walk taken up again where it was left.
 */
#include "dmarc/discovery.h"

#include "base/pool.h"
#include "mail/domain.h"

#define DMARC_LABEL     "_dmarc"
#define WALK_LABELS_MAX (DMARC_WALK_MAX - 1) /* RFC 9989 4.10 step 4: of the second target */

/* A record and where it was found. */
struct finding {
	const char *domain;
	const struct dmarc_record *record;
};

/* One tree walk, complete when target is NULL. */
struct walk {
	const char *start;
	const char *target; /* the domain to be asked about next */
	struct dmarc_unanswered unanswered;
	size_t query_count;
	const char *queries[DMARC_WALK_MAX];
	size_t finding_count;
	struct finding findings[DMARC_WALK_MAX]; /* longest name first */
};

struct dmarc_discovery {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	const struct trace *trace;
	size_t walk_count;
	struct walk *walks[DMARC_WALKS_MAX];
};

struct dmarc_discovery *dmarc_discovery_new(struct pool *pool, struct dns *dns,
					    struct dns_budget *budget, const struct trace *trace)
{
	struct dmarc_discovery *discovery = pool_alloc(pool, sizeof(*discovery));

	*discovery = (struct dmarc_discovery){
	    .pool = pool,
	    .dns = dns,
	    .budget = budget,
	    .trace = trace,
	};
	return discovery;
}

/* walk_from - the walk that starts at a domain, begun or not; NULL if there are too many */
static struct walk *walk_from(struct dmarc_discovery *discovery, const char *domain)
{
	struct walk *walk;

	for (size_t i = 0; i < discovery->walk_count; i++) {
		if (domain_equal(discovery->walks[i]->start, domain))
			return discovery->walks[i];
	}
	if (discovery->walk_count == DMARC_WALKS_MAX)
		return NULL;
	walk = pool_alloc(discovery->pool, sizeof(*walk));
	walk->start = domain;
	walk->target = domain;
	discovery->walks[discovery->walk_count++] = walk;
	return walk;
}

/* select_record - the one policy record among the TXT records of a name (4.10 step 2), or NULL */
static const struct dmarc_record *select_record(struct dmarc_discovery *discovery,
						const struct dns_answer *answer, const char *name)
{
	const struct slice *text = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		if (!dmarc_record_is(answer->records[i].text))
			continue;
		if (text != NULL) {
			trace_print(discovery->trace, "%s: several DMARC records, none counts",
				    name);
			return NULL;
		}
		text = &answer->records[i].text;
	}
	if (text == NULL) {
		trace_print(discovery->trace, "%s: no DMARC record (%s)", name,
			    dns_status_word(answer->status));
		return NULL;
	}
	return dmarc_record_parse(discovery->pool, *text);
}

/* is_answer - did the question come to an end, be it without a record? */
static bool is_answer(enum dns_status status)
{
	return status == DNS_FOUND || status == DNS_NODATA || status == DNS_NXDOMAIN;
}

/* query_record - asks for the record at a name; NULL without one, and failure if unanswered */
static const struct dmarc_record *query_record(struct dmarc_discovery *discovery, const char *name,
					       struct dmarc_unanswered *unanswered)
{
	const struct dns_answer *answer =
	    dns_query(discovery->dns, name, DNS_TXT, discovery->budget);
	const struct dmarc_record *record;

	if (!is_answer(answer->status)) {
		*unanswered = (struct dmarc_unanswered){.status = answer->status, .name = name};
		trace_print(discovery->trace, "%s: %s", name, dns_status_word(answer->status));
		return NULL;
	}
	record = select_record(discovery, answer, name);
	if (record != NULL)
		trace_print(discovery->trace, "%s: %s", name, record->text);
	return record;
}

/* next_target - RFC 9989 4.10 steps 4 and 7: the parent, or what is left of a long name */
static const char *next_target(const char *domain)
{
	if (domain_label_count(domain) > WALK_LABELS_MAX)
		return domain_last_labels(domain, WALK_LABELS_MAX);
	return domain_parent(domain);
}

/* step - one query of a walk that is not complete */
static void step(struct dmarc_discovery *discovery, struct walk *walk)
{
	const char *domain = walk->target;
	const char *name = pool_printf(discovery->pool, DMARC_LABEL ".%s", domain);
	const struct dmarc_record *record = query_record(discovery, name, &walk->unanswered);

	walk->queries[walk->query_count++] = name;
	walk->target = walk->query_count < DMARC_WALK_MAX ? next_target(domain) : NULL;
	if (record != NULL)
		walk->findings[walk->finding_count++] =
		    (struct finding){.domain = domain, .record = record};
	if (walk->unanswered.name != NULL || (record != NULL && record->psd != 'u'))
		walk->target = NULL;
}

/* top - the record with the fewest labels, or NULL */
static const struct finding *top(const struct walk *walk)
{
	return walk->finding_count != 0 ? &walk->findings[walk->finding_count - 1] : NULL;
}

/* finding_at - what was found at this very domain, or NULL */
static const struct finding *finding_at(const struct walk *walk, const char *domain)
{
	for (size_t i = 0; i < walk->finding_count; i++) {
		if (domain_equal(walk->findings[i].domain, domain))
			return &walk->findings[i];
	}
	return NULL;
}

/*
 * organizational_domain - RFC 9989 4.10.2, of a complete walk
 *
 * psd=n and psd=y end a walk, so only its last record can have them. A record of a top-level domain
 * where psd=y was forgotten does not make one organization of all the domains below that have
 * records of their own.
 */
static const char *organizational_domain(const struct walk *walk)
{
	const struct finding *last = top(walk);

	if (last != NULL && last->record->psd != 'y' && domain_label_count(last->domain) == 1 &&
	    walk->finding_count > 1)
		last--;
	if (last == NULL)
		return walk->start;
	if (last->record->psd == 'y' && !domain_equal(last->domain, walk->start))
		return domain_last_labels(walk->start, domain_label_count(last->domain) + 1);
	return last->domain;
}

/* policy_finding - RFC 9989 4.10.1, of a walk that is complete or has a record at its start */
static const struct finding *policy_finding(const struct walk *walk)
{
	const struct finding *finding = finding_at(walk, walk->start);

	if (finding == NULL)
		finding = finding_at(walk, organizational_domain(walk));
	return finding != NULL ? finding : top(walk);
}

struct policy_discovery dmarc_discover_policy(struct dmarc_discovery *discovery,
					      const char *author_domain)
{
	struct walk *walk = walk_from(discovery, author_domain);
	struct policy_discovery found = {
	    .unanswered = {.status = DNS_EXHAUSTED, .name = author_domain}};
	const struct finding *finding;

	if (walk == NULL)
		return found;
	while (walk->target != NULL && finding_at(walk, walk->start) == NULL)
		step(discovery, walk);
	found =
	    (struct policy_discovery){.queries = walk->queries, .query_count = walk->query_count};
	if (walk->unanswered.name != NULL && finding_at(walk, walk->start) == NULL) {
		found.unanswered = walk->unanswered;
		return found;
	}
	finding = policy_finding(walk);
	if (finding != NULL) {
		found.record = finding->record;
		found.domain = finding->domain;
	}
	return found;
}

const char *dmarc_discover_organizational_domain(struct dmarc_discovery *discovery,
						 const char *domain,
						 struct dmarc_unanswered *unanswered)
{
	struct walk *walk = walk_from(discovery, domain);
	const char *organizational;

	*unanswered = (struct dmarc_unanswered){.status = DNS_EXHAUSTED, .name = domain};
	if (walk == NULL)
		return NULL;
	while (walk->target != NULL)
		step(discovery, walk);
	*unanswered = walk->unanswered;
	if (unanswered->name != NULL)
		return NULL;
	organizational = organizational_domain(walk);
	trace_print(discovery->trace, "%s: the organizational domain is %s", domain,
		    organizational);
	return organizational;
}
