/*
 * spf_lint: what is found in records, and what they cost
 */
#include "spf/spf_lint.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "spf/spf_lint_walk.h"
#include "tap.h"

/* A zone file that is gone again, its handle, and the last result. */
struct fixture {
	struct pool *pool;
	struct dns *dns;
	struct spf_lint lint;
	struct error error;
};

static void open_zone(struct fixture *fixture, const char *zone)
{
	char path[] = "/tmp/spf_lint_test.XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, zone, strlen(zone)) != (ssize_t)strlen(zone))
		abort();
	close(fd);
	fixture->pool = pool_new();
	fixture->dns = dns_open_zone(path, NULL, &fixture->error);
	unlink(path);
	if (fixture->dns == NULL)
		abort();
}

static void close_zone(struct fixture *fixture)
{
	dns_close(fixture->dns);
	pool_free(fixture->pool);
}

static bool lint(struct fixture *fixture, const char *subject)
{
	struct dns_budget budget = dns_budget_for(10, DNS_QUERIES_MAX);

	return spf_lint(fixture->pool, subject, fixture->dns, &budget, &fixture->lint,
			&fixture->error);
}

/* list - all findings as "e7:4.6.1 w0:3.4": severity, position, section */
static const char *list(struct fixture *fixture)
{
	const char *text = "";

	for (size_t i = 0; i < fixture->lint.findings.count; i++) {
		const struct finding *finding = &fixture->lint.findings.items[i];

		text = pool_printf(fixture->pool, "%s%s%c%zu:%s", text, i == 0 ? "" : " ",
				   finding->severity == FINDING_ERROR ? 'e' : 'w',
				   finding->position, finding->section);
	}
	return text;
}

/* Records that need no DNS: each rule, found at its place. */
static void test_records(void)
{
	static const struct {
		const char *record;
		const char *wanted;
	} cases[] = {
	    {"v=spf1 -all", ""},
	    {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all", ""},
	    {"V=SPF1 -ALL", ""},
	    {"v=spf1 x-mod=%{i} -all", ""},
	    {"v=spf1 ip4=192.0.2.1 Include=example.org -all", "w7:6 w21:6"},
	    {"v=spf1", "w0:4.7"},
	    {"v=spf1 ip4:192.0.2.1", "w0:4.7"},
	    {"v=spf1 +all", "w7:5.1"},
	    {"v=spf1 all", "w7:5.1"},
	    {"v=spf1 ?all", "w7:5.1"},
	    {"v=spf1 ptr -all", "w7:5.5"},
	    {"v=spf1 -ptr:example.org -all", "w7:5.5"},
	    {"v=spf1 -all a mx ip4:192.0.2.1", "w12:5.1"},
	    {"v=spf1 -all exp=x.example.org", "w12:6.2"},
	    {"v=spf1 redirect=x.example -all", "w7:6.1"},
	    {"v=spf1 -all redirect=x.example", "w12:6.1"},
	    {"v=spf1 redirect=%{d}.example", ""},
	    {"v=spf1 foo -all", "e7:4.6.1"},
	    {"v=spf1 ip4:1.2.3 bar", "e11:5.6 e17:4.6.1"},
	    {"v=spf1 a:%{z}.example -all", NULL}, /* position and section are spf_macro's */
	    {"v=spf10 -all", "e6:4.5"},
	    {"v=spf1; -all", "e6:4.5"},
	    {"v=spf2 -all", "e5:4.5"},
	};
	struct fixture fixture;

	open_zone(&fixture, "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok(lint(&fixture, cases[i].record), "judged: %s", cases[i].record);
		if (cases[i].wanted != NULL)
			is_text(list(&fixture), cases[i].wanted, cases[i].record);
		else
			ok(findings_have(&fixture.lint.findings, FINDING_ERROR), "an error: %s",
			   cases[i].record);
	}
	close_zone(&fixture);
}

/* record_of - a good record of so many octets */
static const char *record_of(struct pool *pool, size_t octets)
{
	static const char start[] = "v=spf1 x=";
	static const char end[] = " -all";
	size_t filler = octets - strlen(start) - strlen(end);
	char *text = pool_alloc(pool, filler + 1);

	memset(text, 'y', filler);
	return pool_printf(pool, "%s%s%s", start, text, end);
}

static void test_size(void)
{
	struct fixture fixture;

	open_zone(&fixture, "");
	lint(&fixture, record_of(fixture.pool, 450));
	is_number((long long)fixture.lint.octets, 450, "size of the record");
	is_text(list(&fixture), "", "450 octets");
	lint(&fixture, record_of(fixture.pool, 451));
	is_text(list(&fixture), "w0:3.4", "451 octets");
	close_zone(&fixture);
}

/* subjects that are domains */
static void test_domains(void)
{
	struct fixture fixture;

	open_zone(&fixture, "good.example TXT \"v=spf1 -all\"\n"
			    "good.example TXT \"something else\"\n"
			    "two.example TXT \"v=spf1 -all\"\n"
			    "two.example TXT \"v=spf1 ~all\"\n"
			    "none.example TXT \"v=spf10 -all\"\n"
			    "dead.example SERVFAIL\n");
	ok(lint(&fixture, "GOOD.example."), "a domain");
	is_text(list(&fixture), "", "nothing to say about it");
	is_text(fixture.lint.lines[0].domain, "good.example", "whose record it is");
	is_text(fixture.lint.lines[0].text, "v=spf1 -all", "the record");
	lint(&fixture, "two.example");
	is_text(list(&fixture), "e0:4.5", "several records");
	lint(&fixture, "none.example");
	is_text(list(&fixture), "e6:4.5", "something that is almost one");
	lint(&fixture, "absent.example");
	is_text(list(&fixture), "e0:4.5", "no domain");
	lint(&fixture, "no domain");
	is_text(list(&fixture), "e0:4.3", "neither domain nor record");
	lint(&fixture, "");
	is_text(list(&fixture), "e0:4.3", "nothing at all");
	ok(!lint(&fixture, "dead.example"), "DNS does not answer");
	is_text(fixture.error.status, STATUS_DNS, "and that is said");
	close_zone(&fixture);
}

/* find_line - the line of a term */
static const struct spf_lint_line *find_line(const struct fixture *fixture, const char *text)
{
	static const struct spf_lint_line none = {.lookups = 999, .void_lookups = 999};

	for (size_t i = 0; i < fixture->lint.line_count; i++) {
		if (strcmp(fixture->lint.lines[i].text, text) == 0)
			return &fixture->lint.lines[i];
	}
	return &none;
}

static void is_cost(const struct fixture *fixture, const char *term, unsigned lookups,
		    unsigned voids)
{
	const struct spf_lint_line *line = find_line(fixture, term);

	ok(line->lookups == lookups && line->void_lookups == voids,
	   "%s costs %u lookups, %u of them void", term, lookups, voids);
}

static void test_costs(void)
{
	struct fixture fixture;

	open_zone(&fixture,
		  "own.example TXT \"v=spf1 a mx include:inner.example a:gone.example "
		  "exists:%{i}.x.example ip4:192.0.2.1 redirect=last.example\"\n"
		  "own.example A 192.0.2.1\n"
		  "own.example MX 10 own.example\n"
		  "inner.example TXT \"v=spf1 a:six.example ptr include:deep.example ?all a\"\n"
		  "deep.example TXT \"v=spf1 exists:gone.example +all\"\n"
		  "six.example AAAA 2001:db8::1\n"
		  "last.example TXT \"v=spf1 mx:gone.example\"\n");
	lint(&fixture, "own.example");
	is_cost(&fixture, "a", 1, 0);
	is_cost(&fixture, "mx", 1, 0);
	is_cost(&fixture, "include:inner.example", 5, 1);
	is_cost(&fixture, "a:six.example", 1, 0);
	is_cost(&fixture, "ptr", 1, 0);
	is_cost(&fixture, "include:deep.example", 2, 1);
	is_cost(&fixture, "exists:gone.example", 1, 1);
	is_cost(&fixture, "a:gone.example", 1, 1);
	is_cost(&fixture, "exists:%{i}.x.example", 1, 0);
	is_cost(&fixture, "ip4:192.0.2.1", 0, 0);
	is_cost(&fixture, "redirect=last.example", 2, 1);
	is_number(fixture.lint.lookups, 11, "lookups in all");
	is_number(fixture.lint.void_lookups, 3, "void lookups in all");
	is_number(find_line(&fixture, "exists:gone.example")->depth, 2, "depth of a term");
	is_number((long long)find_line(&fixture, "exists:gone.example")->position, 7,
		  "position in its own record");
	is_text(list(&fixture),
		"w21:5.5 w27:5.1 w7:4.6.4 w34:4.6.4 w0:4.7 w7:4.6.4 w0:4.6.4 w0:4.6.4 w0:4.6.4",
		"ptr, +all, void exists, void a, redirected without all, void mx, three limits");
	close_zone(&fixture);
}

static void test_followed(void)
{
	static const struct {
		const char *record;
		const char *wanted;
		const char *name;
	} cases[] = {
	    {"v=spf1 include:absent.example -all", "w7:5.2", "include of nothing"},
	    {"v=spf1 redirect=absent.example", "w7:6.1", "redirect to nothing"},
	    {"v=spf1 include:two.example -all", "e0:4.5", "include of several records"},
	    {"v=spf1 include:dead.example -all", "w7:4.4", "include without an answer"},
	    {"v=spf1 include:broken.example -all", "e7:4.6.1", "include with an error"},
	    {"v=spf1 include:loop.example -all", "w7:4.6.4", "include of itself"},
	    {"v=spf1 include:soft.example -all", "", "a quiet include"},
	    {"v=spf1 redirect=neutral.example", "w21:5.1", "?all after redirect is our own"},
	    {"v=spf1 include:neutral.example -all", "", "?all in an include is not"},
	    {"v=spf1 mx:many.example -all", "w7:4.6.4", "eleven mail hosts"},
	    {"v=spf1 mx:nomail.example -all", "", "a null MX is an answer, and no host to ask for"},
	    {"v=spf1 a:dead.example -all", "w7:5 w7:5", "an address without an answer"},
	    {"v=spf1 a mx -all", "", "without a domain these are not asked for"},
	};
	struct fixture fixture;
	const char *zone = "two.example TXT \"v=spf1 -all\"\n"
			   "two.example TXT \"v=spf1 ~all\"\n"
			   "dead.example TIMEOUT\n"
			   "nomail.example MX 0 .\n"
			   "broken.example TXT \"v=spf1 foo\"\n"
			   "loop.example TXT \"v=spf1 include:loop.example\"\n"
			   "soft.example TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n"
			   "neutral.example TXT \"v=spf1 ip4:192.0.2.1 ?all\"\n";
	struct pool *pool = pool_new();

	for (int i = 0; i < 11; i++)
		zone = pool_printf(pool, "%smany.example MX 10 m%d.example\n", zone, i);
	open_zone(&fixture, zone);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lint(&fixture, cases[i].record);
		is_text(list(&fixture), cases[i].wanted, cases[i].name);
	}
	close_zone(&fixture);
	pool_free(pool);
}

/* Hosts with addresses of one family only: no client of the other may pay for three of them. */
static void test_families(void)
{
	struct fixture fixture;

	open_zone(&fixture, "a.example A 192.0.2.1\nb.example A 192.0.2.1\n"
			    "c.example A 192.0.2.1\nc.example MX 10 a.example\n");
	lint(&fixture, "v=spf1 a:a.example a:b.example -all");
	is_text(list(&fixture), "", "two terms without AAAA");
	lint(&fixture, "v=spf1 a:a.example a:b.example mx:c.example -all");
	is_text(list(&fixture), "w0:4.6.4", "three terms without AAAA");
	is_number(fixture.lint.void_lookups, 0, "none of them is void for everybody");
	ok(strstr(fixture.lint.findings.items[0].text, "IPv6") != NULL, "IPv6 clients are named");
	close_zone(&fixture);
}

/* Sixteen records that include each other sixteen times: 16^10 ways. */
static void test_bomb(void)
{
	struct fixture fixture;
	struct pool *pool = pool_new();
	const char *zone = "";

	for (int i = 0; i < 16; i++) {
		zone = pool_printf(pool, "%sx%d.example TXT \"v=spf1", zone, i);
		for (int j = 0; j < 16; j++)
			zone = pool_printf(pool, "%s%s include:x%d.example", zone,
					   j == 8 ? "\" \"" : "", j);
		zone = pool_printf(pool, "%s -all\"\n", zone);
	}
	open_zone(&fixture, zone);
	ok(lint(&fixture, "x0.example"), "a bomb of includes ends");
	ok(fixture.lint.lookups > SPF_LINT_LOOKUPS_MAX, "after %u lookups", fixture.lint.lookups);
	ok(fixture.lint.line_count < 1000, "and %zu lines", fixture.lint.line_count);
	close_zone(&fixture);
	pool_free(pool);
}

int main(void)
{
	test_records();
	test_size();
	test_domains();
	test_costs();
	test_followed();
	test_families();
	test_bomb();
	return done();
}
