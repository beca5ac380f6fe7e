/*
 * match: one mechanism against a client, one macro letter, and what makes an answer empty
 */
#include "spf/match.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

static const char zone[] = "host.example.org. A 192.0.2.1\n"
			   "host.example.org. AAAA 2001:db8::1\n"
			   "six.example.org. AAAA 2001:db8::1\n"
			   "near.example.org. A 192.0.2.200\n"
			   "alias.example.org. CNAME host.example.org.\n"
			   "mx.example.org. MX 10 near.example.org.\n"
			   "mx.example.org. MX 5 host.example.org.\n"
			   "nomx.example.org. MX 0 .\n"
			   "text.example.org. TXT \"x\"\n"
			   "broken.example.org. SERVFAIL\n"
			   "1.2.0.192.in-addr.arpa. PTR liar.example.net.\n"
			   "1.2.0.192.in-addr.arpa. PTR host.example.org.\n"
			   "liar.example.net. A 198.51.100.1\n"
			   "9.2.0.192.in-addr.arpa. SERVFAIL\n";

/* A matcher, and what it needs. */
struct bench {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget budget;
	struct spf_query query;
	struct spf_matcher *matcher;
};

/* set_up - for that client, with text besides the zone */
static struct bench *set_up(const char *client, const char *more)
{
	struct pool *pool = pool_new();
	struct bench *bench = pool_alloc(pool, sizeof(*bench));
	char path[] = "/tmp/match_test.XXXXXX";
	int fd = mkstemp(path);
	struct error error;

	bench->pool = pool;
	bench->budget = dns_budget_for(20, DNS_QUERIES_MAX);
	if (fd < 0 || dprintf(fd, "%s%s", zone, more) < 0 ||
	    (bench->dns = dns_open_zone(path, NULL, &error)) == NULL) {
		printf("Bail out! no zone\n");
		exit(1);
	}
	unlink(path);
	close(fd);
	bench->query = (struct spf_query){.helo = "mail.example.org",
					  .sender = "alice@example.org",
					  .receiver = "mx.example.net"};
	ip_address_parse(slice_of(client), &bench->query.client);
	bench->matcher = spf_matcher_new(bench->pool, &bench->query, bench->dns, &bench->budget);
	return bench;
}

static void tear_down(struct bench *bench)
{
	spf_matcher_free(bench->matcher);
	dns_close(bench->dns);
	pool_free(bench->pool);
}

/* match_of - a mechanism; without a domain-spec that of text.example.org */
static enum spf_match match_of(struct bench *bench, const char *mechanism)
{
	struct spf_record record;
	const char *text = pool_printf(bench->pool, "v=spf1 %s", mechanism);
	const char *target = "text.example.org";

	if (!spf_record_parse(bench->pool, slice_of(text), &record) || record.count != 1) {
		printf("# no term: %s\n", mechanism);
		return (enum spf_match) - 1;
	}
	if (record.terms[0].domain_spec.data != NULL)
		target = slice_copy(bench->pool, record.terms[0].domain_spec);
	return spf_matcher_test(bench->matcher, &record.terms[0], target);
}

static void test_mechanisms(void)
{
	static const struct {
		const char *client;
		const char *mechanism;
		enum spf_match match;
	} cases[] = {
	    {"192.0.2.1", "ip4:192.0.2.1", SPF_MATCH_YES},
	    {"192.0.2.1", "ip4:192.0.2.2", SPF_MATCH_NO},
	    {"192.0.2.1", "ip4:192.0.2.128/24", SPF_MATCH_YES},
	    {"192.0.2.1", "ip4:192.0.2.128/25", SPF_MATCH_NO},
	    {"192.0.2.1", "ip4:10.0.0.0/0", SPF_MATCH_YES},
	    {"2001:db8::1", "ip4:10.0.0.0/0", SPF_MATCH_NO},
	    {"::ffff:192.0.2.1", "ip4:192.0.2.1", SPF_MATCH_YES}, /* RFC 7208 5 */
	    {"2001:db8::1", "ip6:2001:db8::/32", SPF_MATCH_YES},
	    {"2001:db9::1", "ip6:2001:db8::/32", SPF_MATCH_NO},
	    {"2001:db8::1", "ip6:::/0", SPF_MATCH_YES},
	    {"192.0.2.1", "ip6:::/0", SPF_MATCH_NO},
	    {"192.0.2.1", "a:host.example.org", SPF_MATCH_YES},
	    {"2001:db8::1", "a:host.example.org", SPF_MATCH_YES},
	    {"192.0.2.1", "a:alias.example.org", SPF_MATCH_YES},
	    {"192.0.2.1", "a:six.example.org", SPF_MATCH_NO},
	    {"192.0.2.1", "a:near.example.org", SPF_MATCH_NO},
	    {"192.0.2.1", "a:near.example.org/24", SPF_MATCH_YES},
	    {"192.0.2.1", "a:near.example.org/25", SPF_MATCH_NO},
	    {"203.0.113.1", "a:near.example.org/0", SPF_MATCH_YES},
	    {"203.0.113.1", "a:nothing.example.org/0", SPF_MATCH_NO},
	    {"2001:db8::ffff", "a:six.example.org//64", SPF_MATCH_YES},
	    {"192.0.2.1", "a", SPF_MATCH_NO},
	    {"192.0.2.1", "a:broken.example.org", SPF_MATCH_TEMPERROR},
	    {"192.0.2.1", "mx:mx.example.org", SPF_MATCH_YES},
	    {"192.0.2.200", "mx:mx.example.org", SPF_MATCH_YES},
	    {"192.0.2.2", "mx:mx.example.org", SPF_MATCH_NO},
	    {"192.0.2.1", "mx:host.example.org", SPF_MATCH_NO}, /* 5.4: no implicit MX */
	    {"192.0.2.1", "mx:nomx.example.org", SPF_MATCH_NO}, /* RFC 7505 */
	    {"192.0.2.1", "mx:broken.example.org", SPF_MATCH_TEMPERROR},
	    {"192.0.2.1", "exists:host.example.org", SPF_MATCH_YES},
	    {"2001:db8::1", "exists:host.example.org", SPF_MATCH_YES},
	    {"2001:db8::1", "exists:six.example.org", SPF_MATCH_NO}, /* 5.7: A, always */
	    {"192.0.2.1", "exists:text.example.org", SPF_MATCH_NO},
	    {"192.0.2.1", "exists:broken.example.org", SPF_MATCH_TEMPERROR},
	    {"192.0.2.1", "ptr:example.org", SPF_MATCH_YES},
	    {"192.0.2.1", "ptr:host.example.org", SPF_MATCH_YES},
	    {"192.0.2.1", "ptr:st.example.org", SPF_MATCH_NO},
	    {"192.0.2.1", "ptr:example.net", SPF_MATCH_NO}, /* a name that is not its own */
	    {"192.0.2.9", "ptr:example.org", SPF_MATCH_NO}, /* 5.5: an error is no match */
	    {"192.0.2.77", "ptr:example.org", SPF_MATCH_NO},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = set_up(cases[i].client, "");
		enum spf_match match = match_of(bench, cases[i].mechanism);

		if (!ok(match == cases[i].match, "%s, %s", cases[i].mechanism, cases[i].client))
			printf("# %d, not %d: %s\n", match, cases[i].match,
			       spf_matcher_reason(bench->matcher));
		if (match == SPF_MATCH_TEMPERROR || match == SPF_MATCH_PERMERROR)
			ok(*spf_matcher_reason(bench->matcher) != '\0', "... with a reason");
		tear_down(bench);
	}
}

/* hosts - so many records of that form, with a number in it */
static const char *hosts(struct pool *pool, const char *owner, const char *type, unsigned count)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, 100000);
	for (unsigned i = 1; i <= count; i++) {
		buffer_printf(&text, "%s. %s h%u.example.org.\n", owner, type, i);
		buffer_printf(&text, "h%u.example.org. A %s\n", i,
			      i == count ? "192.0.2.5" : "192.0.2.6");
	}
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

static void test_limits(void)
{
	struct pool *pool = pool_new();
	struct bench *bench =
	    set_up("192.0.2.5", hosts(pool, "many.example.org", "MX 1", SPF_MX_MAX));

	is_number(match_of(bench, "mx:many.example.org"), SPF_MATCH_YES,
		  "10 hosts of MX are looked at");
	tear_down(bench);
	bench = set_up("192.0.2.7", hosts(pool, "many.example.org", "MX 1", SPF_MX_MAX + 1));
	is_number(match_of(bench, "mx:many.example.org"), SPF_MATCH_PERMERROR,
		  "... 11 are an error (RFC 7208 4.6.4)");
	tear_down(bench);
	bench = set_up("192.0.2.5", hosts(pool, "5.2.0.192.in-addr.arpa", "PTR", SPF_PTR_MAX + 1));
	ok(match_of(bench, "ptr:example.org") != SPF_MATCH_PERMERROR,
	   "11 names of the client are none");
	tear_down(bench);
	pool_free(pool);
}

static void test_budget(void)
{
	struct bench *bench = set_up("192.0.2.1", "");

	bench->budget = dns_budget_for(20, 0);
	is_number(match_of(bench, "a:host.example.org"), SPF_MATCH_TEMPERROR,
		  "without queries that are left: temperror");
	is_number(match_of(bench, "ip4:192.0.2.1"), SPF_MATCH_YES,
		  "... but not where nothing is asked");
	tear_down(bench);
}

static void test_void(void)
{
	struct bench *bench = set_up("192.0.2.1", "");

	match_of(bench, "a:host.example.org");
	ok(!spf_matcher_take_void(bench->matcher), "an answer is not void");
	match_of(bench, "a:nothing.example.org");
	ok(spf_matcher_take_void(bench->matcher), "NXDOMAIN is");
	ok(!spf_matcher_take_void(bench->matcher), "... once");
	match_of(bench, "exists:text.example.org");
	ok(spf_matcher_take_void(bench->matcher), "no such records is");
	match_of(bench, "a:broken.example.org");
	ok(!spf_matcher_take_void(bench->matcher), "SERVFAIL is not");
	tear_down(bench);
}

/* value_is - of a macro letter */
static void value_is(const char *client, char letter, const char *wanted)
{
	struct bench *bench = set_up(client, "");
	struct slice value = spf_matcher_value(bench->matcher, letter, "example.org");
	char name[] = "the value of x";

	name[strlen(name) - 1] = letter;
	is_text(value.data != NULL ? slice_copy(bench->pool, value) : NULL, wanted, name);
	tear_down(bench);
}

static void test_values(void)
{
	value_is("192.0.2.1", 's', "alice@example.org");
	value_is("192.0.2.1", 'l', "alice");
	value_is("192.0.2.1", 'o', "example.org");
	value_is("192.0.2.1", 'h', "mail.example.org");
	value_is("192.0.2.1", 'i', "192.0.2.1");
	value_is("192.0.2.1", 'c', "192.0.2.1");
	value_is("192.0.2.1", 'v', "in-addr");
	value_is("192.0.2.1", 'r', "mx.example.net");
	value_is("192.0.2.1", 'p', "host.example.org");
	value_is("192.0.2.77", 'p', "unknown");
	value_is("192.0.2.9", 'p', "unknown");
	value_is("2001:db8::1", 'v', "ip6");
	value_is("2001:db8::cb01", 'i',
		 "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1");
	value_is("192.0.2.1", 'd', NULL);
	value_is("192.0.2.1", 'x', NULL);
}

static void test_lists(void)
{
	struct bench *bench = set_up("192.0.2.1", "");
	struct spf_query *query = &bench->query;

	ok(spf_client_is_below(bench->pool, &query->client, "example.org", bench->dns,
			       &bench->budget),
	   "a client is below a domain by a validated name");
	ok(!spf_client_is_below(bench->pool, &query->client, "example.net", bench->dns,
				&bench->budget),
	   "... not by one that only its PTR has");
	ok(spf_client_is_host(bench->pool, &query->client, "host.example.org", bench->dns,
			      &bench->budget) &&
	       !spf_client_is_host(bench->pool, &query->client, "near.example.org", bench->dns,
				   &bench->budget),
	   "a client is a host by its address");
	tear_down(bench);
}

int main(void)
{
	test_mechanisms();
	test_limits();
	test_budget();
	test_void();
	test_values();
	test_lists();
	return done();
}
