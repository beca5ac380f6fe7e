/*
 * dmarc_lint_test - what is said of DMARC records, and where reports may go
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "dmarc/destination.h"
#include "dmarc/dmarc_lint.h"
#include "tap.h"

#define SECONDS 10
#define QUERIES 500
#define LONG    "a23456789b23456789c23456789d23456789e23456789f23456789g2345."

static const char zone[] =
    "_dmarc.example.org. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.sub.example.org. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.two.test. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.two.test. TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.beside.test. TXT \"v=spf1 -all\"\n"
    "_dmarc.beside.test. TXT \"v=DMARC1; p=reject; rua=mailto:a@beside.test\"\n"
    "_dmarc.broken.test. SERVFAIL\n"
    "_dmarc.asks.test. TXT \"v=DMARC1; p=reject; rua=mailto:a@no.test,mailto:b@yes.test\"\n"
    "asks.test._report._dmarc.yes.test. TXT \"v=DMARC1\"\n"
    "asks.test._report._dmarc.spf.test. TXT \"v=spf1 -all\"\n"
    "asks.test._report._dmarc.mute.test. TIMEOUT\n"
    "asks.test._report._dmarc.both.test. TXT \"hello\"\n"
    "asks.test._report._dmarc.both.test. TXT \"v=DMARC1; rua=mailto:new@both.test\"\n"
    "asks.test._report._dmarc.away.test. TXT \"v=DMARC1; rua=mailto:new@else.test\"\n"
    "_dmarc.dead.test. SERVFAIL\n"
    "*._report._dmarc.any.test. TXT \"v=DMARC1;\"\n";

static struct pool *pool;
static struct dns *dns;
static struct dns_budget budget;

/* lint - of a subject that can be looked at */
static struct dmarc_lint lint(const char *subject)
{
	struct dmarc_lint result;
	struct error error;

	if (!dmarc_lint(pool, subject, dns, &budget, &result, &error)) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	return result;
}

/* finding_with - the first finding whose text contains this, or NULL */
static const struct finding *finding_with(const struct dmarc_lint *result, const char *text)
{
	for (size_t i = 0; i < result->findings.count; i++) {
		if (strstr(result->findings.items[i].text, text) != NULL)
			return &result->findings.items[i];
	}
	return NULL;
}

/* Records, or domains, and one thing that is said of each. */
static const struct {
	const char *subject;
	enum finding_severity severity;
	long position; /* -1: of the record as a whole */
	const char *text;
} examples[] = {
    {"v=dmarc1; p=none", FINDING_ERROR, -1, "does not begin with v=DMARC1"},
    {" v=DMARC1; p=none", FINDING_ERROR, -1, "does not begin with v=DMARC1"},
    {"v=DMARC1, p=none", FINDING_ERROR, -1, "there is a comma or a colon after v=DMARC1"},
    {"v=DMARC1; p=monitor", FINDING_ERROR, 10, "is none of none, quarantine, reject"},
    {"v=DMARC1; p=none; sp=x", FINDING_ERROR, 18, "is none of none, quarantine, reject"},
    {"v=DMARC1; p=none; p=reject", FINDING_ERROR, 18, "only the first counts"},
    {"v=DMARC1; p=none; hello; t=y", FINDING_ERROR, 18, "is not of the form tag=value"},
    {"v=DMARC1; p=none; rua=a@example.org", FINDING_ERROR, 22, "\"mailto:\" is missing"},
    {"v=DMARC1; p=none; rua=mailto:a@b.test, http://c.test/", FINDING_ERROR, 39, "scheme"},
    {"v=DMARC1; p=none; rua=mailto:%00@b.test", FINDING_ERROR, 22, "is no mailto URI"},
    {"v=DMARC1; p=none; rua=mailto:a@b.test!10m", FINDING_WARNING, 22, "size limit"},
    {"v=DMARC1; p=reject; pct=10", FINDING_WARNING, 20, "t=y stands for pct=0"},
    {"v=DMARC1; p=reject; rf=afrf", FINDING_WARNING, 20, "one format"},
    {"v=DMARC1; p=reject; ri=3600", FINDING_WARNING, 20, "once a day"},
    {"v=DMARC1; p=reject; foo=1", FINDING_WARNING, 20, "is no tag of DMARC"},
    {"v=DMARC1; p=reject; P=none", FINDING_ERROR, 20, "is there a second time"},
    {"v=DMARC1; P=reject", FINDING_WARNING, 10, "has capital letters"},
    {"v=DMARC1; p=reject; adkim=x", FINDING_ERROR, 20, "counts as r"},
    {"v=DMARC1; p=reject; psd=x", FINDING_ERROR, 20, "counts as u"},
    {"v=DMARC1; p=reject; t=1", FINDING_ERROR, 20, "counts as n"},
    {"v=DMARC1; p=reject; fo=1", FINDING_WARNING, 20, "without ruf"},
    {"v=DMARC1; p=reject; ruf=mailto:a@b.test; fo=2", FINDING_ERROR, 41, "counts as 0"},
    {"v=DMARC1; p=reject", FINDING_WARNING, -1, "there is no rua"},
    {"v=DMARC1; p=none", FINDING_WARNING, -1, "does nothing at all"},
    {"v=DMARC1; p=none; rua=mailto:a@b.test", FINDING_WARNING, -1, "protects nobody"},
    {"v=DMARC1; rua=mailto:a@b.test", FINDING_ERROR, -1, "counts as p=none"},
    {"v=DMARC1", FINDING_ERROR, -1, "does not count"},
    {"v=DMARC1; p=reject; sp=none", FINDING_WARNING, -1, "takes a subdomain"},
    {"v=DMARC1; p=reject; np=none", FINDING_WARNING, -1, "np is weaker"},
    {"v=DMARC1; p=reject; t=y", FINDING_WARNING, -1, "one level less"},
    {"v=DMARC1; p=reject; psd=y", FINDING_WARNING, -1, "for registries"},
    {"none.test", FINDING_ERROR, -1, "anybody may use the name"},
    {"x.example.org", FINDING_WARNING, -1, "that of example.org applies"},
    {"sub.example.org", FINDING_WARNING, -1, "get the policy of example.org"},
    {"two.test", FINDING_ERROR, -1, "none of them counts"},
    {"beside.test", FINDING_WARNING, 0, "is no DMARC record"},
    {"asks.test", FINDING_ERROR, -1, "asks.test._report._dmarc.no.test. TXT \"v=DMARC1\""},
};

static void test_examples(void)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct dmarc_lint result = lint(examples[i].subject);
		const struct finding *finding = finding_with(&result, examples[i].text);
		long position = -1;

		ok(finding != NULL, "%s: %s", examples[i].subject, examples[i].text);
		if (finding == NULL)
			continue;
		if (finding->term != NULL)
			position = (long)finding->position;
		is_number(position, examples[i].position, "where");
		is_number(finding->severity, examples[i].severity, "how bad");
	}
}

static void test_good(void)
{
	struct dmarc_lint result =
	    lint("v=DMARC1; p=reject; rua=mailto:a@example.org; adkim=s; aspf=r; psd=n;");
	struct error error;

	is_number((long long)result.findings.count, 0, "a good record has no findings");
	result = lint("asks.test");
	ok(finding_with(&result, "yes.test") == NULL, "a destination that allows it is fine");
	ok(!dmarc_lint(pool, "broken.test", dns, &budget, &result, &error),
	   "a domain that DNS does not answer for cannot be looked at");
	result = lint("no domain");
	ok(finding_with(&result, "neither") != NULL,
	   "what is neither domain nor record is an error");
}

/* verify - one destination; *instead may have others */
static enum dmarc_permission verify(const char *domain, const char *uri,
				    struct dmarc_destinations *instead)
{
	struct dmarc_destinations list;
	const char *name;

	dmarc_destinations_parse(pool, slice_of(uri), &list);
	return dmarc_destination_verify(pool, dmarc_discovery_new(pool, dns, &budget, NULL), dns,
					&budget, domain, &list.items[0], instead, &name);
}

static void test_verify(void)
{
	static const struct {
		const char *domain;
		const char *uri;
		enum dmarc_permission permission;
		const char *name;
	} cases[] = {
	    {"asks.test", "mailto:a@asks.test", DMARC_INTERNAL, "the domain itself"},
	    {"x.example.org", "mailto:a@y.example.org", DMARC_INTERNAL, "the same organization"},
	    {"asks.test", "mailto:a@yes.test", DMARC_PERMITTED, "a record allows it"},
	    {"asks.test", "mailto:a@any.test", DMARC_PERMITTED, "a wildcard allows it"},
	    {"asks.test", "mailto:a@no.test", DMARC_REFUSED, "no record"},
	    {"asks.test", "mailto:a@spf.test", DMARC_REFUSED, "another record"},
	    {"asks.test", "mailto:a@mute.test", DMARC_UNANSWERED, "no answer"},
	    {"asks.test", "mailto:a@dead.test", DMARC_UNANSWERED, "no answer for its organization"},
	    {"asks.test", "mailto:a@away.test", DMARC_REFUSED, "one that sends us elsewhere"},
	    {LONG LONG LONG LONG "test", "mailto:a@any.test", DMARC_REFUSED, "too long a name"},
	};
	struct dmarc_destinations instead;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_number(verify(cases[i].domain, cases[i].uri, &instead), cases[i].permission,
			  cases[i].name);
	is_number(verify("asks.test", "mailto:a@both.test", &instead), DMARC_PERMITTED,
		  "a destination names another on its host");
	is_number((long long)instead.count, 1, "which takes its place");
	is_text(instead.items[0].address, "new@both.test", "with its address");
}

static void test_destinations(void)
{
	struct dmarc_destinations list;

	dmarc_destinations_parse(
	    pool,
	    slice_of("mailto:a%2Bb@Example.ORG!5M , MAILTO:x@y.test?subject=z,,x:y,mailto:@z"),
	    &list);
	is_number((long long)list.count, 5, "a list is divided at its commas");
	is_text(list.items[0].address, "a+b@example.org", "percent-encoding is undone");
	is_text(list.items[0].host, "example.org", "the host is canonical");
	is_text(list.items[0].uri, "mailto:a%2Bb@Example.ORG", "the size is cut off");
	is_text(list.items[1].address, "x@y.test", "fields after an address are not part of it");
	ok(list.items[2].blocked_reason != NULL, "an empty one is of no use");
	ok(list.items[3].blocked_reason != NULL, "nor one of another scheme");
	ok(list.items[4].blocked_reason != NULL, "nor one without a mailbox");
}

/* test_foul_destinations - what would be another address, or several, in a To field */
static void test_foul_destinations(void)
{
	static const char *const foul[] = {
	    "mailto:a%3E%2Cb%3Cc@x.test",
	    "mailto:a%2Cb@x.test",
	    "mailto:a@x%3E%2Cb.x.test",
	    "mailto:a@x",
	    "mailto:a%28b@x.test",
	    "mailto:%22a%22%22@x.test",
	    "mailto:" LONG LONG LONG LONG "@x.test",
	};
	struct dmarc_destinations list;

	for (size_t i = 0; i < sizeof(foul) / sizeof(foul[0]); i++) {
		dmarc_destinations_parse(pool, slice_of(foul[i]), &list);
		ok(list.items[0].blocked_reason != NULL, "not an address: %s", foul[i]);
	}
	dmarc_destinations_parse(pool, slice_of("mailto:%22a%2Cb%22@x.test"), &list);
	is_text(list.items[0].address, "\"a,b\"@x.test", "but a quoted one is");
	dmarc_destinations_parse(pool, slice_of("mailto:%3Ca@x.test%3E"), &list);
	is_text(list.items[0].address, "a@x.test", "brackets are no part of it");
}

int main(void)
{
	struct error error;
	int fd = memfd_create("zone", 0);

	pool = pool_new();
	if (fd < 0 || !io_write(fd, zone, strlen(zone)))
		return 1;
	dns = dns_open_zone(pool_printf(pool, "/proc/self/fd/%d", fd), NULL, &error);
	if (dns == NULL) {
		printf("Bail out! %s\n", error.text);
		return 1;
	}
	budget = dns_budget_for(SECONDS, QUERIES);
	test_examples();
	test_good();
	test_verify();
	test_destinations();
	test_foul_destinations();
	dns_close(dns);
	close(fd);
	pool_free(pool);
	return done();
}
