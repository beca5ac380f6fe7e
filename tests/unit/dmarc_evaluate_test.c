/*
 * dmarc_evaluate_test - the judgement for one author domain (RFC 9989 5.3)
 *
 * The rules themselves are tested case by case in tests/data/dmarc; here is what
 * cannot be seen from outside: costs, limits, fields of the result.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "dmarc/discovery.h"
#include "dmarc/evaluation.h"
#include "tap.h"

#define REJECT   "_dmarc.good.test TXT \"v=DMARC1; p=reject\"\n"
#define MANY     20000
#define TIME_MAX (10 * CLOCKS_PER_SEC)

static struct pool *pool;

/* file_of - a file with this content, at its start */
static int file_of(const char *content)
{
	int fd = memfd_create("test", 0);

	if (fd < 0 || !io_write(fd, content, strlen(content)) || lseek(fd, 0, SEEK_SET) != 0) {
		printf("Bail out! no file\n");
		exit(1);
	}
	return fd;
}

/* zone_of - DNS from this zone file */
static struct dns *zone_of(const char *zone)
{
	struct error error;
	int fd = file_of(zone);
	struct dns *dns = dns_open_zone(pool_printf(pool, "/proc/self/fd/%d", fd), NULL, &error);

	close(fd);
	if (dns == NULL) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	return dns;
}

/* One judgement and what it has cost. */
struct outcome {
	struct dmarc_result result;
	unsigned queries;
	clock_t time;
};

/* judge_within - one judgement with a budget of so many queries */
static struct outcome judge_within(const char *zone, const struct dmarc_input *input,
				   unsigned queries)
{
	struct dns *dns = zone_of(zone);
	struct dns_budget budget = dns_budget_for(10, queries);
	struct outcome outcome;
	clock_t start = clock();

	dmarc_evaluate(pool, input, dns, &budget, NULL, &outcome.result);
	outcome.time = clock() - start;
	outcome.queries = queries - budget.queries;
	dns_close(dns);
	return outcome;
}

static struct outcome judge(const char *zone, const struct dmarc_input *input)
{
	return judge_within(zone, input, DNS_QUERIES_MAX);
}

/* judge_dkim - with these signatures */
static struct outcome judge_dkim(const char *zone, const char *author,
				 const struct dmarc_identifier *dkim, size_t count)
{
	const struct dmarc_input input = {
	    .author_domain = author, .dkim = dkim, .dkim_count = count};

	return judge(zone, &input);
}

/* signatures - of names made with this format, all with the same result */
static struct dmarc_identifier *signatures(const char *prefix, const char *suffix, size_t count,
					   enum result result)
{
	struct dmarc_identifier *items = pool_alloc(pool, count * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = (struct dmarc_identifier){
		    .result = result, .domain = pool_printf(pool, "%s%zu%s", prefix, i, suffix)};
	return items;
}

static void test_no_author(void)
{
	const struct dmarc_input input = {.author = {.reason = "two domains"}};
	const struct dmarc_input silent = {.author_domain = NULL};
	struct outcome outcome = judge(REJECT, &input);

	is_number(outcome.result.result, RESULT_PERMERROR, "no author domain: permerror");
	is_text(outcome.result.reason, "two domains", "no author domain: the reason is handed on");
	is_number(outcome.queries, 0, "no author domain: no query");
	is_number(outcome.result.disposition, DMARC_DISPOSITION_NONE,
		  "no author domain: disposition");
	ok(judge(REJECT, &silent).result.reason != NULL, "no author domain: always a reason");
}

static void test_reasons(void)
{
	const struct dmarc_identifier spf = {.result = RESULT_PASS, .domain = "bounce.esp.invalid"};
	const struct dmarc_identifier own = {.result = RESULT_PASS, .domain = "m.good.test"};
	const struct dmarc_input fail = {
	    .author_domain = "good.test", .spf = &spf, .dkim = &own, .dkim_count = 0};
	const struct dmarc_input both = {
	    .author_domain = "a.good.test", .spf = &own, .dkim = &own, .dkim_count = 1};
	const struct dmarc_input three = {.author_domain = "good.test",
					  .dkim = signatures("s", ".invalid", 3, RESULT_PASS),
					  .dkim_count = 3};
	struct outcome outcome = judge(REJECT, &fail);

	is_text(
	    outcome.result.reason,
	    "good.test: p=reject; neither SPF (pass for bounce.esp.invalid) nor DKIM (no result) "
	    "is aligned",
	    "reason of a fail");
	is_text(judge(REJECT, &both).result.reason,
		"a.good.test: p=reject of good.test; SPF (m.good.test) and DKIM (m.good.test) are "
		"aligned",
		"reason of a pass");
	is_text(judge("_dmarc.good.test TXT \"v=DMARC1; p=reject; t=y\"\n", &three).result.reason,
		"good.test: p=reject in test mode; neither SPF (no result) nor DKIM (pass for "
		"s0.invalid and 2 more) is aligned",
		"reason with test mode and many signatures");
	is_text(judge("a.test A 192.0.2.1\n", &fail).result.reason, "good.test: no DMARC record",
		"reason of none");
	is_text(judge("_dmarc.good.test TIMEOUT\n", &fail).result.reason,
		"good.test: policy unknown; neither SPF (pass for bounce.esp.invalid) nor DKIM (no "
		"result) is known to be aligned (_dmarc.good.test: timeout)",
		"reason of a temperror");
}

static void test_result(void)
{
	const struct dmarc_identifier equal = {.result = RESULT_PASS, .domain = "good.test"};
	const struct dmarc_input fail = {.author_domain = "good.test"};
	struct outcome outcome = judge(
	    "_dmarc.good.test TXT \"v=DMARC1; p=quarantine; t=y; rua=mailto:r@a.test\"\n", &fail);

	ok(outcome.result.test_mode, "test mode is told when it lowers the disposition");
	is_text(outcome.result.record->rua, "mailto:r@a.test", "the record is handed on");
	ok(!judge("_dmarc.good.test TXT \"v=DMARC1; p=none; t=y\"\n", &fail).result.test_mode,
	   "but not for p=none");
	outcome = judge_dkim("_dmarc.good.test TXT \"v=DMARC1; p=reject; t=y\"\n", "good.test",
			     &equal, 1);
	ok(!outcome.result.test_mode, "and not for a pass");
	outcome = judge_dkim("_dmarc.good.test SERVFAIL\n", "good.test", &equal, 1);
	ok(outcome.result.result == RESULT_PASS && outcome.result.record == NULL &&
	       outcome.result.policy_tag == NULL,
	   "equal names pass without a record when it could not be looked up");
	outcome = judge_dkim("_dmarc.good.test TXT \"v=DMARC1\"\n", "good.test", &equal, 1);
	ok(outcome.result.result == RESULT_NONE && outcome.result.record == NULL &&
	       outcome.result.policy_domain == NULL && !outcome.result.dkim_aligned,
	   "a record that is not usable is not handed on");
}

static void test_existence(void)
{
	const char *record = "_dmarc.good.test TXT \"v=DMARC1; p=none; np=reject\"\n";
	const struct dmarc_input input = {.author_domain = "a.good.test"};

	is_text(judge(record, &input).result.policy_tag, "np", "a name without any record");
	is_text(judge(pool_printf(pool, "%sa.good.test CNAME nowhere.invalid\n", record), &input)
		    .result.policy_tag,
		"p", "a CNAME makes a name exist, even if it leads nowhere");
	is_text(judge(pool_printf(pool, "%sb.a.good.test A 192.0.2.1\n", record), &input)
		    .result.policy_tag,
		"p", "so does a name below");
}

static void test_costs(void)
{
	const struct dmarc_identifier equal = {.result = RESULT_PASS, .domain = "good.test"};
	const struct dmarc_identifier foreign[] = {{.result = RESULT_PASS, .domain = "esp.invalid"},
						   {.result = RESULT_PASS, .domain = "esp.test"}};
	const struct dmarc_identifier same[] = {{.result = RESULT_PASS, .domain = "m.good.test"},
						{.result = RESULT_PASS, .domain = "m.good.test"},
						{.result = RESULT_PASS, .domain = "m.good.test"}};
	struct outcome outcome = judge_dkim(REJECT, "good.test", &equal, 1);

	is_number(outcome.queries, 1, "equal names and an own record: one query");
	is_text(outcome.result.org_domain, "good.test", "and they are the organizational domain");
	outcome = judge_dkim(REJECT, "good.test", foreign, 2);
	is_number(outcome.queries, 2, "foreign signatures are not walked from");
	outcome = judge_dkim(REJECT "_dmarc.m.good.test TXT \"v=DMARC1; p=none; psd=n\"\n",
			     "good.test", same, 3);
	is_number(outcome.queries, 3, "three signatures of one domain: one walk");
	is_number(outcome.result.result, RESULT_FAIL, "none of them aligned");
}

/* is_bounded - many signatures: the verdict, not more queries than that, and in time */
static void is_bounded(const char *name, const char *zone, struct dmarc_identifier *items,
		       enum result wanted, unsigned queries)
{
	struct outcome outcome = judge_dkim(zone, "good.test", items, MANY);

	is_text(result_word(outcome.result.result), result_word(wanted), name);
	ok(outcome.queries <= queries, "  with %u queries", outcome.queries);
	ok(outcome.time < TIME_MAX, "  in time");
}

static void test_many(void)
{
	const char *leaves = REJECT "*.good.test TXT \"v=DMARC1; p=none; psd=n\"\n";
	const char *silent = REJECT "*.good.test SERVFAIL\n";
	struct dmarc_identifier *items = signatures("s", ".good.test", MANY, RESULT_PASS);
	const unsigned walks = 2 + DMARC_WALKS_MAX - 1;

	is_bounded("many foreign signatures", REJECT, signatures("s", ".test", MANY, RESULT_PASS),
		   RESULT_FAIL, 2);
	is_bounded("many foreign temperrors", REJECT,
		   signatures("s", ".test", MANY, RESULT_TEMPERROR), RESULT_FAIL, 2);
	is_bounded("many subdomains, all aligned", REJECT, items, RESULT_PASS, 5);
	is_bounded("many subdomains, none aligned: the limit makes it a fail", leaves, items,
		   RESULT_FAIL, walks);
	is_bounded("many subdomains, none answers", silent, items, RESULT_TEMPERROR, walks);
	items[MANY - 1].domain = "good.test";
	is_bounded("equal names after many others", leaves, items, RESULT_PASS, 1);
	items = signatures("s", ".good.test", MANY, RESULT_TEMPERROR);
	is_bounded("many temperrors, none could be aligned", leaves, items, RESULT_FAIL, walks);
	items = signatures("s", ".good.test", MANY, RESULT_PASS);
	for (size_t i = 0; i < MANY; i++)
		items[i].domain = NULL;
	is_bounded("many without a domain", leaves, items, RESULT_FAIL, 2);
}

static void test_budget(void)
{
	const struct dmarc_identifier sub = {.result = RESULT_PASS, .domain = "m.good.test"};
	const struct dmarc_input input = {
	    .author_domain = "good.test", .dkim = &sub, .dkim_count = 1};

	is_number(judge_within(REJECT, &input, 0).result.result, RESULT_TEMPERROR,
		  "no query left for the policy: temperror");
	is_number(judge_within(REJECT, &input, 1).result.result, RESULT_TEMPERROR,
		  "no query left for the organizational domain of the author: temperror");
	is_number(judge_within(REJECT, &input, 3).result.result, RESULT_FAIL,
		  "no query left for an identifier: it is not aligned");
	is_number(judge_within(REJECT, &input, 5).result.result, RESULT_PASS,
		  "enough queries: pass");
}

int main(void)
{
	pool = pool_new();
	test_no_author();
	test_reasons();
	test_result();
	test_existence();
	test_costs();
	test_many();
	test_budget();
	pool_free(pool);
	return done();
}
