/*
 * discovery_test - tree walks: what is asked, what is found, what is remembered
 */
#include "dmarc/discovery.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

#define R "TXT \"v=DMARC1; p=reject\"\n"
#define N "TXT \"v=DMARC1; p=reject; psd=n\"\n"
#define Y "TXT \"v=DMARC1; p=reject; psd=y\"\n"

/* What a test works with. */
struct fixture {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget budget;
	struct dmarc_discovery *discovery;
};

/* set_up - a discovery over this zone */
static struct fixture set_up(const char *zone, unsigned queries)
{
	struct fixture fixture = {.pool = pool_new(), .budget = dns_budget_for(10, queries)};
	int fd = memfd_create("zone", 0);
	struct error error;

	if (fd >= 0 && io_write(fd, zone, strlen(zone)))
		fixture.dns =
		    dns_open_zone(pool_printf(fixture.pool, "/proc/self/fd/%d", fd), NULL, &error);
	if (fixture.dns == NULL) {
		printf("Bail out! no zone\n");
		exit(1);
	}
	close(fd);
	return fixture;
}

/* begin - a fresh discovery; the fixture stays where it is from now on */
static void begin(struct fixture *fixture)
{
	fixture->discovery =
	    dmarc_discovery_new(fixture->pool, fixture->dns, &fixture->budget, NULL);
}

static void tear_down(struct fixture *fixture)
{
	dns_close(fixture->dns);
	pool_free(fixture->pool);
}

/* joined - the names that were asked, divided by spaces, without "_dmarc." */
static const char *joined(struct pool *pool, const struct policy_discovery *found)
{
	const char *text = "";

	for (size_t i = 0; i < found->query_count; i++)
		text = pool_printf(pool, "%s%s%s", text, i != 0 ? " " : "",
				   found->queries[i] + strlen("_dmarc."));
	return text;
}

/* One search: zone, author domain, and what it must find. */
struct search {
	const char *name;
	const char *zone;
	const char *author;
	const char *domain;         /* of the policy, NULL: none */
	const char *organizational; /* NULL: could not be found out */
	const char *queries;
};

static const struct search searches[] = {
    {"nothing", "x.test A 192.0.2.1\n", "a.b.test", NULL, "a.b.test", "a.b.test b.test test"},
    {"one label", "x.test A 192.0.2.1\n", "test", NULL, "test", "test"},
    {"own record", "_dmarc.a.b.test " R "_dmarc.b.test " R, "a.b.test", "a.b.test", "b.test",
     "a.b.test"},
    {"own record only", "_dmarc.a.b.test " R, "a.b.test", "a.b.test", "a.b.test", "a.b.test"},
    {"organizational domain", "_dmarc.b.test " R, "a.b.test", "b.test", "b.test",
     "a.b.test b.test test"},
    {"fewest labels", "_dmarc.c.d.test " R "_dmarc.d.test " R, "a.b.c.d.test", "d.test", "d.test",
     "a.b.c.d.test b.c.d.test c.d.test d.test test"},
    {"psd=n stops", "_dmarc.c.d.test " N "_dmarc.d.test " R, "a.b.c.d.test", "c.d.test", "c.d.test",
     "a.b.c.d.test b.c.d.test c.d.test"},
    {"psd=n of one's own", "_dmarc.a.b.test " N "_dmarc.b.test " R, "a.b.test", "a.b.test",
     "a.b.test", "a.b.test"},
    {"psd=y stops, one label below", "_dmarc.d.test " Y "_dmarc.test " R, "a.b.c.d.test", "d.test",
     "c.d.test", "a.b.c.d.test b.c.d.test c.d.test d.test"},
    {"psd=y and a record below", "_dmarc.d.test " Y "_dmarc.c.d.test " R, "a.b.c.d.test",
     "c.d.test", "c.d.test", "a.b.c.d.test b.c.d.test c.d.test d.test"},
    {"psd=y and a record too far below", "_dmarc.d.test " Y "_dmarc.b.c.d.test " R, "a.b.c.d.test",
     "d.test", "c.d.test", "a.b.c.d.test b.c.d.test c.d.test d.test"},
    {"psd=y of the parent", "_dmarc.b.test " Y, "a.b.test", "b.test", "a.b.test",
     "a.b.test b.test"},
    {"psd=y of one's own", "_dmarc.b.test " Y "_dmarc.test " Y, "b.test", "b.test", "b.test",
     "b.test"},
    {"two records", "_dmarc.a.b.test " R "_dmarc.a.b.test " N "_dmarc.b.test " R, "a.b.test",
     "b.test", "b.test", "a.b.test b.test test"},
    {"records that are none",
     "_dmarc.b.test TXT \"v=spf1\"\n_dmarc.b.test " R "_dmarc.b.test A "
     "192.0.2.1\n",
     "b.test", "b.test", "b.test", "b.test"},
    {"CNAME", "_dmarc.b.test CNAME d.host.test\nd.host.test " R, "b.test", "b.test", "b.test",
     "b.test"},
    {"eight labels", "_dmarc.b.c.d.e.f.g.h " R, "a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "b.c.d.e.f.g.h",
     "a.b.c.d.e.f.g.h b.c.d.e.f.g.h c.d.e.f.g.h d.e.f.g.h e.f.g.h f.g.h g.h h"},
    {"nine labels", "_dmarc.b.c.d.e.f.g.h " R, "z.a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h",
     "b.c.d.e.f.g.h", "z.a.b.c.d.e.f.g.h b.c.d.e.f.g.h c.d.e.f.g.h d.e.f.g.h e.f.g.h f.g.h g.h h"},
    {"psd=y after the jump", "_dmarc.b.c.d.e.f.g.h " Y "_dmarc.a.b.c.d.e.f.g.h " R,
     "y.z.a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "a.b.c.d.e.f.g.h",
     "y.z.a.b.c.d.e.f.g.h b.c.d.e.f.g.h"},
    {"SERVFAIL above an own record", "_dmarc.a.b.test " R "_dmarc.b.test SERVFAIL\n", "a.b.test",
     "a.b.test", NULL, "a.b.test"},
    {"SERVFAIL of one's own", "_dmarc.a.b.test SERVFAIL\n_dmarc.b.test " R, "a.b.test", NULL, NULL,
     "a.b.test"},
    {"time-out on the way", "_dmarc.b.test TIMEOUT\n_dmarc.test " R, "a.b.test", NULL, NULL,
     "a.b.test b.test"},
};

static void test_search(const struct search *search)
{
	struct fixture fixture = set_up(search->zone, DNS_QUERIES_MAX);
	struct dmarc_unanswered unanswered;
	struct policy_discovery found;

	begin(&fixture);
	found = dmarc_discover_policy(fixture.discovery, search->author);
	is_text(found.domain, search->domain,
		pool_printf(fixture.pool, "%s: policy", search->name));
	ok((found.record != NULL) == (search->domain != NULL), "%s: record", search->name);
	is_text(joined(fixture.pool, &found), search->queries,
		pool_printf(fixture.pool, "%s: queries", search->name));
	is_text(
	    dmarc_discover_organizational_domain(fixture.discovery, search->author, &unanswered),
	    search->organizational,
	    pool_printf(fixture.pool, "%s: organizational domain", search->name));
	ok((unanswered.name != NULL) == (search->organizational == NULL), "%s: failure",
	   search->name);
	tear_down(&fixture);
}

/* spent - how much of the budget is gone */
static unsigned spent(const struct fixture *fixture)
{
	return DNS_QUERIES_MAX - fixture->budget.queries;
}

static void test_memory(void)
{
	struct fixture fixture = set_up("_dmarc.a.b.test " R "_dmarc.b.test " R, DNS_QUERIES_MAX);
	struct dmarc_unanswered unanswered;

	begin(&fixture);
	dmarc_discover_policy(fixture.discovery, "a.b.test");
	is_number(spent(&fixture), 1, "an own record takes one query");
	dmarc_discover_organizational_domain(fixture.discovery, "a.b.test", &unanswered);
	is_number(spent(&fixture), 3, "the same walk goes on where it was left");
	dmarc_discover_policy(fixture.discovery, "a.b.test");
	dmarc_discover_organizational_domain(fixture.discovery, "a.b.test", &unanswered);
	is_number(spent(&fixture), 3, "nothing is asked again");
	dmarc_discover_organizational_domain(fixture.discovery, "c.b.test", &unanswered);
	is_number(spent(&fixture), 6, "another name is another walk");
	tear_down(&fixture);
}

static void test_failure_is_remembered(void)
{
	struct fixture fixture = set_up("_dmarc.b.test SERVFAIL\n", DNS_QUERIES_MAX);
	struct dmarc_unanswered unanswered;

	begin(&fixture);
	dmarc_discover_organizational_domain(fixture.discovery, "a.b.test", &unanswered);
	is_number(unanswered.status, DNS_SERVFAIL, "what went wrong is told");
	is_text(unanswered.name, "_dmarc.b.test", "and where");
	ok(dmarc_discover_organizational_domain(fixture.discovery, "a.b.test", &unanswered) ==
		   NULL &&
	       unanswered.status == DNS_SERVFAIL,
	   "it is told again");
	is_number(spent(&fixture), 2, "without another query");
	tear_down(&fixture);
}

static void test_limit(void)
{
	struct fixture fixture = set_up("_dmarc.b.test " R, DNS_QUERIES_MAX);
	struct dmarc_unanswered unanswered;
	struct policy_discovery found;

	begin(&fixture);
	for (unsigned i = 0; i < DMARC_WALKS_MAX; i++)
		dmarc_discover_organizational_domain(
		    fixture.discovery, pool_printf(fixture.pool, "a%u.b.test", i), &unanswered);
	ok(unanswered.name == NULL, "%d walks are done", DMARC_WALKS_MAX);
	is_number(spent(&fixture), 3 * DMARC_WALKS_MAX, "each asks its own names");
	ok(dmarc_discover_organizational_domain(fixture.discovery, "z.b.test", &unanswered) ==
		   NULL &&
	       unanswered.status == DNS_EXHAUSTED,
	   "one more is refused");
	found = dmarc_discover_policy(fixture.discovery, "y.b.test");
	ok(found.unanswered.status == DNS_EXHAUSTED && found.query_count == 0,
	   "a search for a policy is refused as well");
	is_text(dmarc_discover_organizational_domain(fixture.discovery, "a7.b.test", &unanswered),
		"b.test", "a walk that was done is still known");
	is_number(spent(&fixture), 3 * DMARC_WALKS_MAX, "and nothing more was asked");
	tear_down(&fixture);
}

static void test_budget(void)
{
	struct fixture fixture = set_up("_dmarc.b.test " R, 2);
	struct policy_discovery found;

	begin(&fixture);
	found = dmarc_discover_policy(fixture.discovery, "a.b.test");
	ok(found.record == NULL && found.unanswered.status == DNS_EXHAUSTED,
	   "a walk that the budget ends finds nothing");
	is_text(found.unanswered.name, "_dmarc.test", "and says what it could not ask");
	tear_down(&fixture);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++)
		test_search(&searches[i]);
	test_memory();
	test_failure_is_remembered();
	test_limit();
	test_budget();
	return done();
}
