/*
 * spf_check_test - what comes out of check_host(), over zones written on the spot
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "spf/evaluate.h"
#include "tap.h"

#define SECONDS 20 /* for a check, RFC 7208 4.6.4: at least these */

/* A question; what is not set has a default. */
struct question {
	const char *zone;
	const char *ip;
	const char *helo;
	const char *sender;
	enum spf_identity identity;
	bool no_time;     /* the deadline has passed */
	unsigned queries; /* allowed, 0 for the default */
};

static struct dns *open_zone(const char *text, const struct trace *trace)
{
	char path[] = "/tmp/spf_check_test.XXXXXX";
	int fd = mkstemp(path);
	struct error error;
	struct dns *dns = NULL;

	if (fd >= 0 && dprintf(fd, "%s", text) >= 0)
		dns = dns_open_zone(path, trace, &error);
	if (dns == NULL)
		printf("Bail out! no zone: %s\n", text);
	unlink(path);
	close(fd);
	return dns;
}

/* check - asks; the result lives in pool */
static struct spf_result check(struct pool *pool, const struct question *question,
			       const struct trace *trace)
{
	struct dns *dns = open_zone(question->zone, trace);
	struct dns_budget budget =
	    dns_budget_for(question->no_time ? 0 : SECONDS,
			   question->queries != 0 ? question->queries : DNS_QUERIES_MAX);
	struct spf_query query = {
	    .helo = question->helo != NULL ? question->helo : "mail.example.org",
	    .sender = question->sender != NULL ? question->sender : "alice@example.org",
	    .receiver = "mx.example.net",
	    .now = 1234567890,
	};
	struct spf_result result = {.reason = "no check"};

	ip_address_parse(slice_of(question->ip != NULL ? question->ip : "192.0.2.1"),
			 &query.client);
	if (dns != NULL)
		spf_check(pool, &query, question->identity, dns, &budget, trace, &result);
	dns_close(dns);
	return result;
}

/* result_is - the result of a zone for 192.0.2.1 and alice@example.org */
static struct spf_result result_is(struct pool *pool, const char *zone, enum result wanted,
				   const char *name)
{
	struct spf_result result = check(pool, &(struct question){.zone = zone}, NULL);

	if (!ok(result.result == wanted, "%s: %s", name, result_word(wanted)))
		printf("# %s: %s\n", result_word(result.result), result.reason);
	return result;
}

static const struct {
	const char *zone;
	enum result result;
	const char *mechanism;
	const char *reason;
	const char *name;
} reason_cases[] = {
    {"example.org TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n", RESULT_PASS, "ip4:192.0.2.0/24",
     "example.org: \"ip4:192.0.2.0/24\" permits 192.0.2.1", "pass"},
    {"example.org TXT \"v=spf1 -ALL\"\n", RESULT_FAIL, "-ALL",
     "example.org: \"-ALL\" does not permit 192.0.2.1", "fail, the term as written"},
    {"example.org TXT \"v=spf1 ~all\"\n", RESULT_SOFTFAIL, "~all",
     "example.org: \"~all\" probably does not permit 192.0.2.1", "softfail"},
    {"example.org TXT \"v=spf1 ?all\"\n", RESULT_NEUTRAL, "?all",
     "example.org: \"?all\" says nothing about 192.0.2.1", "neutral"},
    {"example.org TXT \"v=spf1 -a:x.example.org\"\nx.example.org A 192.0.2.2\n", RESULT_NEUTRAL,
     "default", "example.org: no mechanism matches 192.0.2.1", "no match"},
    {"example.org TXT \"v=spf2.0/pra\"\n", RESULT_NONE, NULL, "example.org: no SPF record",
     "no record among the texts"},
    {"example.org A 192.0.2.1\n", RESULT_NONE, NULL, "example.org: no SPF record", "no text"},
    {"example.com A 192.0.2.1\n", RESULT_NONE, NULL, "example.org: no such domain", "no such name"},
    {"example.org SERVFAIL\n", RESULT_TEMPERROR, NULL, "example.org: DNS SERVFAIL",
     "servers that fail"},
    {"example.org TIMEOUT\n", RESULT_TEMPERROR, NULL, "example.org: DNS timeout",
     "servers that are silent"},
    {"example.org TXT \"v=spf1 -all\"\nexample.org TXT \"V=SPF1 +all\"\n", RESULT_PERMERROR, NULL,
     "example.org: 2 SPF records (RFC 7208 4.5)", "two records"},
    {"example.org TXT \"v=spf1 ip4:1.2.3 -all\"\n", RESULT_PERMERROR, NULL,
     "example.org: \"ip4:1.2.3\" at position 7: bad address (RFC 7208 5.6)", "a bad record"},
    {"example.org TXT \"v=spf1 a\\010b\\000c -all\"\n", RESULT_PERMERROR, NULL,
     "example.org: \"a?b?c\" at position 7: an unexpected character after the name (RFC 7208 5.3)",
     "control characters"},
    {"example.org TXT \"v=spf1 include:_spf.example.net -all\"\n_spf.example.net TIMEOUT\n",
     RESULT_TEMPERROR, NULL, "example.org: include:_spf.example.net: DNS timeout",
     "an include that is silent"},
    {"example.org TXT \"v=spf1 include:_spf.example.net -all\"\n", RESULT_PERMERROR, NULL,
     "example.org: include:_spf.example.net: no such domain", "an include that is not there"},
    {"example.org TXT \"v=spf1 include:%{d1}.example.net -all\"\n"
     "org.example.net TXT \"v=spf1 moo\"\n",
     RESULT_PERMERROR, NULL,
     "example.org: include:%{d1}.example.net: (org.example.net) "
     "\"moo\" at position 7: unknown mechanism (RFC 7208 4.6.1)",
     "a bad record after a macro"},
    {"example.org TXT \"v=spf1 redirect=example.net\"\nexample.net TXT \"v=spf1 -all\"\n",
     RESULT_FAIL, "-all", "example.org: redirect=example.net: \"-all\" does not permit 192.0.2.1",
     "a redirect"},
    {"example.org TXT \"v=spf1 redirect=example.net\"\n", RESULT_PERMERROR, NULL,
     "example.org: redirect=example.net: no such domain", "a redirect to nowhere"},
    {"example.org TXT \"v=spf1 a:h.example.org -all\"\nh.example.org SERVFAIL\n", RESULT_TEMPERROR,
     NULL, "example.org: a:h.example.org: DNS SERVFAIL for h.example.org A",
     "an address that cannot be had"},
};

static void test_reasons(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(reason_cases) / sizeof(reason_cases[0]); i++) {
		struct spf_result result = result_is(pool, reason_cases[i].zone,
						     reason_cases[i].result, reason_cases[i].name);

		is_text(result.reason, reason_cases[i].reason, "... the reason");
		is_text(result.mechanism, reason_cases[i].mechanism, "... the mechanism");
	}
}

#define EXISTS(name) name " A 127.0.0.2\n"

static const struct {
	const char *ip;
	const char *zone;
	enum result result;
	const char *name;
} match_cases[] = {
    {"192.0.2.127", "example.org TXT \"v=spf1 ip4:192.0.2.1/25 -all\"\n", RESULT_PASS,
     "ip4 with the last address of a prefix"},
    {"192.0.2.128", "example.org TXT \"v=spf1 ip4:192.0.2.1/25 -all\"\n", RESULT_FAIL,
     "ip4 with the address after it"},
    {"203.0.113.9", "example.org TXT \"v=spf1 ip4:192.0.2.1/0 -all\"\n", RESULT_PASS,
     "ip4/0 is everybody"},
    {"2001:db8::1", "example.org TXT \"v=spf1 ip4:192.0.2.1/0 -all\"\n", RESULT_FAIL,
     "but not in IPv6"},
    {"2001:db8::1", "example.org TXT \"v=spf1 ip6:::/0 -all\"\n", RESULT_PASS,
     "ip6/0 is everybody there"},
    {"192.0.2.1", "example.org TXT \"v=spf1 ip6:::/0 -all\"\n", RESULT_FAIL, "but not in IPv4"},
    {"::ffff:192.0.2.1", "example.org TXT \"v=spf1 ip6:::/0 -ip4:192.0.2.1\"\n", RESULT_FAIL,
     "a mapped client is an IPv4 client"},
    {"2001:db8:0:ffff::1", "example.org TXT \"v=spf1 ip6:2001:db8::/33 -all\"\n", RESULT_PASS,
     "ip6 with a prefix inside of an octet"},
    {"2001:db8:8000::1", "example.org TXT \"v=spf1 ip6:2001:db8::/33 -all\"\n", RESULT_FAIL,
     "ip6 one bit beside it"},
    {"::192.0.2.9", "example.org TXT \"v=spf1 ip6:::192.0.2.1/120 -all\"\n", RESULT_PASS,
     "ip6 with an embedded address"},
    {"127.0.0.1", "example.org TXT \"v=spf1 -all\"\n", RESULT_FAIL,
     "a loopback client is a client"},
    {"::1", "example.org TXT \"v=spf1 -all\"\n", RESULT_FAIL, "also in IPv6"},
    {"192.0.2.9", "example.org TXT \"v=spf1 a/24 -all\"\nexample.org A 192.0.2.1\n", RESULT_PASS,
     "a with a prefix"},
    {"192.0.2.9", "example.org TXT \"v=spf1 a//24 -all\"\nexample.org A 192.0.2.1\n", RESULT_FAIL,
     "a with a prefix for the other family"},
    {"203.0.113.9", "example.org TXT \"v=spf1 a/0 -all\"\nexample.org A 192.0.2.1\n", RESULT_PASS,
     "a/0 with an address"},
    {"203.0.113.9", "example.org TXT \"v=spf1 a/0 -all\"\nexample.org AAAA ::1\n", RESULT_FAIL,
     "a/0 without one"},
    {"2001:db8::9", "example.org TXT \"v=spf1 a/8//64 -all\"\nexample.org AAAA 2001:db8::1\n",
     RESULT_PASS, "a with both prefixes"},
    {"2001:db8::9", "example.org TXT \"v=spf1 a -all\"\nexample.org AAAA 2001:db8::1\n",
     RESULT_FAIL, "a without a prefix is the whole address"},
    {"2001:db8::1", "example.org TXT \"v=spf1 a//128 -all\"\nexample.org AAAA 2001:db8::1\n",
     RESULT_PASS, "a with all bits"},
    {"192.0.2.1", "example.org TXT \"v=spf1 a/32 -all\"\nexample.org A 192.0.2.1\n", RESULT_PASS,
     "a with all bits in IPv4"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 a -all\"\nexample.org CNAME h.example.net\n"
     "h.example.net TXT \"v=spf1 a -all\"\nh.example.net A 192.0.2.1\n",
     RESULT_PASS, "an alias"},
    {"192.0.2.9",
     "example.org TXT \"v=spf1 mx/24 -all\"\nexample.org MX 5 a.example\n"
     "example.org MX 1 b.example\na.example A 203.0.113.1\nb.example A 192.0.2.1\n",
     RESULT_PASS, "mx with a prefix, the second host"},
    {"192.0.2.1", "example.org TXT \"v=spf1 mx -all\"\nexample.org A 192.0.2.1\n", RESULT_FAIL,
     "mx does not fall back to the address"},
    {"192.0.2.1", "example.org TXT \"v=spf1 mx/0 -all\"\nexample.org MX 0 .\n", RESULT_FAIL,
     "a null MX is no host"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa PTR A.Example.ORG\n"
     "a.example.org A 192.0.2.1\n",
     RESULT_PASS, "ptr with a name below, in any case"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa PTR badexample.org\n"
     "badexample.org A 192.0.2.1\n",
     RESULT_FAIL, "ptr with a name beside"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa PTR a.example.org\n"
     "a.example.org A 192.0.2.2\n",
     RESULT_FAIL, "ptr with a name that is not confirmed"},
    {"192.0.2.1", "example.org TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa SERVFAIL\n",
     RESULT_FAIL, "ptr without an answer does not match"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 ptr -all\"\n1.2.0.192.in-addr.arpa PTR x.example.org\n"
     "1.2.0.192.in-addr.arpa PTR y.example.org\nx.example.org TIMEOUT\n"
     "y.example.org A 192.0.2.1\n",
     RESULT_PASS, "ptr skips a name without an answer"},
    {"2001:db8::1",
     "example.org TXT \"v=spf1 ptr:Example.Com. -all\"\n"
     "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR example.com\n"
     "example.com AAAA 2001:db8::1\n",
     RESULT_PASS, "ptr in IPv6, another domain"},
    {"2001:db8::1",
     "example.org TXT \"v=spf1 exists:%{v}.%{i1}.x.example -all\"\n" EXISTS("ip6.1.x.example"),
     RESULT_PASS, "exists asks for A whatever the client"},
    {"2001:db8::1",
     "example.org TXT \"v=spf1 exists:x.example -all\"\nx.example AAAA 2001:db8::1\n", RESULT_FAIL,
     "and for nothing else"},
    {"192.0.2.1",
     "example.org TXT \"v=spf1 exists:%{l}.%{o}.%{h}._.x.example -all\"\n" EXISTS(
	 "alice.example.org.mail.example.org._.x.example"),
     RESULT_PASS, "local part, domain and HELO name in a name"},
    {"192.0.2.1", "example.org TXT \"v=spf1 a:a..example.org mx:%{l}@.%{d1r}.org ?all\"\n",
     RESULT_NEUTRAL, "names that cannot be asked for do not match"},
    {"192.0.2.1", "example.org TXT \"v=spf1 include:a..example.org ?all\"\n", RESULT_PERMERROR,
     "but an include of one is an error"},
    {"192.0.2.1", "example.org TXT \"v=spf1 redirect=a..example.org\"\n", RESULT_PERMERROR,
     "and a redirect too"},
};

static void test_matches(struct pool *pool)
{
	for (size_t i = 0; i < sizeof(match_cases) / sizeof(match_cases[0]); i++) {
		struct question question = {.zone = match_cases[i].zone, .ip = match_cases[i].ip};
		struct spf_result result = check(pool, &question, NULL);

		if (!ok(result.result == match_cases[i].result, "%s: %s", match_cases[i].name,
			result_word(match_cases[i].result)))
			printf("# %s: %s\n", result_word(result.result), result.reason);
	}
}

static const struct {
	enum result inner;
	const char *record;
	enum result outer;
} include_cases[] = {
    {RESULT_PASS, "+all", RESULT_SOFTFAIL},      {RESULT_FAIL, "-all", RESULT_NEUTRAL},
    {RESULT_SOFTFAIL, "~all", RESULT_NEUTRAL},   {RESULT_NEUTRAL, "?all", RESULT_NEUTRAL},
    {RESULT_PERMERROR, "moo", RESULT_PERMERROR},
};

static void test_includes(struct pool *pool)
{
	struct spf_result result;

	for (size_t i = 0; i < sizeof(include_cases) / sizeof(include_cases[0]); i++) {
		const char *zone =
		    pool_printf(pool,
				"example.org TXT \"v=spf1 ~include:i.example.net ?all\"\n"
				"i.example.net TXT \"v=spf1 %s\"\n",
				include_cases[i].record);

		result = check(pool, &(struct question){.zone = zone}, NULL);
		ok(result.result == include_cases[i].outer, "an included %s becomes %s",
		   result_word(include_cases[i].inner), result_word(include_cases[i].outer));
	}
	result = result_is(pool,
			   "example.org TXT \"v=spf1 ~include:%{d}.i.example.net -all\"\n"
			   "example.org.i.example.net TXT \"v=spf1 a exp=x.example.net -all\"\n"
			   "example.org.i.example.net A 192.0.2.1\n",
			   RESULT_SOFTFAIL, "in an include, the current domain is its own");
	is_text(result.mechanism, "~include:%{d}.i.example.net",
		"the include is the mechanism that decides");
}

/* many - a record of a text repeated, in character-strings of its own, with an end */
static const char *many(struct pool *pool, const char *owner, const char *text, size_t count,
			const char *end)
{
	struct buffer zone;
	const char *copy;

	buffer_init(&zone, 1 << 20);
	buffer_printf(&zone, "%s TXT \"v=spf1\"", owner);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&zone, " \"%s\"", text);
	buffer_printf(&zone, " \"%s\"\n", end);
	copy = slice_copy(pool, buffer_slice(&zone));
	buffer_free(&zone);
	return copy;
}

static void test_lookup_limit(struct pool *pool)
{
	const char *host = "h.example.org A 203.0.113.1\n";
	const char *zone = many(pool, "example.org", " a:h.example.org", 10, " -all");
	struct spf_result result;

	result = result_is(pool, pool_printf(pool, "%s%s", zone, host), RESULT_FAIL,
			   "ten terms that ask DNS");
	is_number(result.lookups, 10, "ten lookups");
	zone = many(pool, "example.org", " a:h.example.org", 11, " -all");
	result = result_is(pool, pool_printf(pool, "%s%s", zone, host), RESULT_PERMERROR,
			   "eleven terms that ask DNS");
	is_text(result.reason,
		"example.org: a:h.example.org: more than 10 terms that ask DNS (RFC 7208 4.6.4)",
		"... the reason");
	zone = many(pool, "i.example.org", " a:h.example.org", 4, "");
	zone = pool_printf(pool,
			   "%s%sexample.org TXT \"v=spf1 include:i.example.org "
			   "include:i.example.org a:h.example.org -all\"\n",
			   zone, host);
	result_is(pool, zone, RESULT_PERMERROR, "the limit is one for all includes");
	result_is(pool, "example.org TXT \"v=spf1 include:example.org -all\"\n", RESULT_PERMERROR,
		  "an include of itself");
	result_is(pool, "example.org TXT \"v=spf1 redirect=example.org\"\n", RESULT_PERMERROR,
		  "a redirect to itself");
	result = result_is(pool, many(pool, "example.org", " ip4:203.0.113.0/24", 1000, " -all"),
			   RESULT_FAIL, "a thousand ip4 terms do not hide the last term");
	is_number(result.lookups, 0, "and are no lookups");
}

static void test_void_limit(struct pool *pool)
{
	struct spf_result result;

	result = result_is(pool, "example.org TXT \"v=spf1 a:x.example ptr -all\"\n", RESULT_FAIL,
			   "two void lookups");
	is_number(result.void_lookups, 2, "a name that is not there and a client without a name");
	result =
	    result_is(pool, "example.org TXT \"v=spf1 a:x.example exists:y.example ptr -all\"\n",
		      RESULT_PERMERROR, "three void lookups, ptr being the third");
	is_text(result.reason, "example.org: ptr: more than 2 void lookups (RFC 7208 4.6.4)",
		"... the reason");
	result_is(pool, "example.org TXT \"v=spf1 a:x.example a:x.example mx -all\"\n",
		  RESULT_PERMERROR, "asking for the same name again counts again");
	result_is(pool,
		  "example.org TXT \"v=spf1 mx -all\"\nexample.org MX 0 a.example\n"
		  "example.org MX 0 b.example\nexample.org MX 0 c.example\n",
		  RESULT_FAIL, "a term counts once, however many of its hosts are not there");
	result_is(pool,
		  "example.org TXT \"v=spf1 exists:%{p}.x.example exists:%{p}.y.example "
		  "exists:%{p}.z.example -all\"\nunknown.x.example A 203.0.113.1\n",
		  RESULT_PASS, "%{p} without a name is unknown");
	result_is(pool,
		  "example.org TXT \"v=spf1 -exists:%{p}.%{i}.x.example -exists:%{p}.x.example "
		  "exists:%{p}.y.example -all\"\nunknown.y.example A 203.0.113.1\n",
		  RESULT_PERMERROR, "and %{p} counts for each term that uses it");
	result_is(pool,
		  "example.org TXT \"v=spf1 ?include:%{p}.x.example -all\"\n"
		  "unknown.x.example TXT \"v=spf1 a mx -all\"\n",
		  RESULT_PERMERROR, "also for an include, apart from the terms in there");
	result_is(pool, "example.org TXT \"v=spf1 a:x.example a:y.example exp=z.example -all\"\n",
		  RESULT_FAIL, "exp= does not count");
}

/* hosts - count MX or PTR records of an owner, the last of them the only one with the address */
static const char *hosts(struct pool *pool, const char *owner, const char *type, size_t count)
{
	struct buffer zone;
	const char *copy;

	buffer_init(&zone, 1 << 20);
	for (size_t i = 1; i <= count; i++)
		buffer_printf(&zone, "%s %s h%zu.example.org\nh%zu.example.org A %s\n", owner, type,
			      i, i, i == count ? "192.0.2.1" : "203.0.113.1");
	copy = slice_copy(pool, buffer_slice(&zone));
	buffer_free(&zone);
	return copy;
}

static void test_host_limits(struct pool *pool)
{
	static const char mx[] = "example.org TXT \"v=spf1 mx -all\"\n%s";
	static const char ptr[] = "example.org TXT \"v=spf1 ptr -all\"\n%s";
	static const char reverse[] = "1.2.0.192.in-addr.arpa";
	struct spf_result result;

	result_is(pool, pool_printf(pool, mx, hosts(pool, "example.org", "MX 1", 10)), RESULT_PASS,
		  "mx with ten hosts");
	result = result_is(pool, pool_printf(pool, mx, hosts(pool, "example.org", "MX 1", 11)),
			   RESULT_PERMERROR, "mx with eleven");
	is_text(result.reason, "example.org: mx: 11 MX hosts, allowed are 10 (RFC 7208 4.6.4)",
		"... the reason");
	result_is(pool,
		  pool_printf(pool,
			      "%sh0.example.org A 192.0.2.1\nexample.org MX 0 h0.example.org\n",
			      pool_printf(pool, mx, hosts(pool, "example.org", "MX 1", 11))),
		  RESULT_PERMERROR, "also when the first of them would match");
	result_is(pool, pool_printf(pool, ptr, hosts(pool, reverse, "PTR", 10)), RESULT_PASS,
		  "ptr with ten names");
	result_is(pool, pool_printf(pool, ptr, hosts(pool, reverse, "PTR", 11)), RESULT_FAIL,
		  "of eleven names the last is not looked at");
}

static void test_client_name(struct pool *pool)
{
	static const char zone[] =
	    "example.org TXT \"v=spf1 exists:%%{p}.x.example ?exists:%%{p}.y.example "
	    "~exists:%%{p}.z.example -all\"\n"
	    "other.example.x.example A 127.0.0.2\n"
	    "a.example.org.y.example A 127.0.0.2\n"
	    "example.org.z.example A 127.0.0.2\n"
	    "other.example A 192.0.2.1\na.example.org A 192.0.2.1\n%s"
	    "1.2.0.192.in-addr.arpa PTR other.example\n"
	    "1.2.0.192.in-addr.arpa PTR a.example.org\n"
	    "1.2.0.192.in-addr.arpa PTR example.org\n";

	result_is(pool, pool_printf(pool, zone, "example.org A 192.0.2.1\n"), RESULT_SOFTFAIL,
		  "%{p} is the domain itself, if that is validated");
	result_is(pool, pool_printf(pool, zone, ""), RESULT_NEUTRAL, "or a name below it");
	result_is(pool,
		  "example.org TXT \"v=spf1 exists:%{p}.x.example -all\"\n"
		  "other.example.x.example A 127.0.0.2\nother.example A 192.0.2.1\n"
		  "1.2.0.192.in-addr.arpa PTR wrong.example\n"
		  "1.2.0.192.in-addr.arpa PTR other.example\n",
		  RESULT_PASS, "or any name that is validated");
}

static void test_deadline(struct pool *pool)
{
	static const char zone[] = "example.org TXT \"v=spf1 ptr -all\"\n"
				   "1.2.0.192.in-addr.arpa PTR a.example.org\n"
				   "a.example.org A 192.0.2.1\n";
	static const char silent[] = "example.org TXT \"v=spf1 ptr -all\"\n"
				     "1.2.0.192.in-addr.arpa TIMEOUT\n";
	struct spf_result result;

	result = check(pool, &(struct question){.zone = silent}, NULL);
	ok(result.result == RESULT_FAIL, "a silent server in a ptr mechanism: no match");
	result = check(pool, &(struct question){.zone = silent, .no_time = true}, NULL);
	ok(result.result == RESULT_TEMPERROR, "but not when the deadline has passed: temperror");
	result = check(pool, &(struct question){.zone = zone, .queries = 1}, NULL);
	ok(result.result == RESULT_TEMPERROR,
	   "queries used up in a ptr mechanism: temperror, although its DNS errors are no match");
	result = check(pool, &(struct question){.zone = zone, .queries = 3}, NULL);
	ok(result.result == RESULT_PASS, "just enough queries: pass");
}

static const struct {
	const char *zone;
	const char *sender;
	const char *explanation;
	const char *name;
} explain_cases[] = {
    {"e.example TXT \"%{i} is not a host of %{d}. %{s} %{h} %{r} %{t} %{c} %{v}\"\n", NULL,
     "192.0.2.1 is not a host of example.org. alice@example.org mail.example.org "
     "mx.example.net 1234567890 192.0.2.1 in-addr",
     "all macros but one"},
    {"e.example TXT \"100%%%_%-\"\n", NULL, "100% %20", "what stands for itself"},
    {"e.example TXT \"one\" \"two\"\n", NULL, "onetwo", "two strings are one text"},
    {"e.example TXT one\ne.example TXT two\n", NULL, NULL, "two texts are none"},
    {"e.example A 192.0.2.1\n", NULL, NULL, "no text"},
    {"e.example SERVFAIL\n", NULL, NULL, "no answer"},
    {"e.example TXT \"The %{x}-files\"\n", NULL, NULL, "a syntax error"},
    {"e.example TXT \"\"\n", NULL, NULL, "an empty text"},
    {"e.example TXT \"caf\\195\\169\"\n", NULL, NULL, "a text that is not ASCII"},
    {"e.example TXT \"a\\010b\"\n", NULL, NULL, "a line end in the text"},
    {"e.example TXT \"to %{l}\"\n", "a\nb@example.org", NULL, "a line end in the sender"},
    {"e.example TXT \"to %{L}\"\n", "a\nb@example.org", "to a%0Ab", "the same, escaped"},
    {"e.example TXT \"to %{l}\"\n", "j\303\274rgen@example.org", NULL,
     "a sender that is not ASCII"},
    {"e.example TXT \"to %{o}\"\n", "j\303\274rgen@example.org", "to example.org", "its domain is"},
};

static void test_explanation(struct pool *pool)
{
	struct spf_result result;

	for (size_t i = 0; i < sizeof(explain_cases) / sizeof(explain_cases[0]); i++) {
		struct question question = {.sender = explain_cases[i].sender};

		question.zone =
		    pool_printf(pool, "example.org TXT \"v=spf1 exp=e.example -all\"\n%s",
				explain_cases[i].zone);
		result = check(pool, &question, NULL);
		ok(result.result == RESULT_FAIL, "explained or not, a fail is a fail");
		is_text(result.explanation, explain_cases[i].explanation, explain_cases[i].name);
	}
	result =
	    result_is(pool, "example.org TXT \"v=spf1 exp=e.example ~all\"\ne.example TXT text\n",
		      RESULT_SOFTFAIL, "exp= and no fail");
	is_text(result.explanation, NULL, "only a fail is explained");
	result = result_is(pool,
			   "example.org TXT \"v=spf1 -include:i.example exp=e.example\"\n"
			   "i.example TXT \"v=spf1 +all exp=wrong.example\"\n"
			   "e.example TXT right\nwrong.example TXT wrong\n",
			   RESULT_FAIL, "exp= beside an include");
	is_text(result.explanation, "right", "the including record explains");
	result = result_is(pool,
			   "example.org TXT \"v=spf1 exp=wrong.example redirect=r.example\"\n"
			   "r.example TXT \"v=spf1 -all exp=%{d}.e.example\"\n"
			   "r.example.e.example TXT \"%{d}\"\nwrong.example TXT wrong\n",
			   RESULT_FAIL, "exp= beside a redirect");
	is_text(result.explanation, "r.example", "the record redirected to explains");
}

static const struct {
	const char *sender, *helo;
	enum spf_identity identity;
	const char *domain, *shown;
	enum result result;
	const char *name;
} identity_cases[] = {
    {"alice@Example.ORG", "x", SPF_MAILFROM, "example.org", "alice@example.org", RESULT_FAIL,
     "a sender in any case"},
    {"alice@example.org.", "x", SPF_MAILFROM, "example.org", "alice@example.org", RESULT_FAIL,
     "a sender with a last dot"},
    {"@example.org", "x", SPF_MAILFROM, "example.org", "postmaster@example.org", RESULT_FAIL,
     "no local part"},
    {"example.org", "x", SPF_MAILFROM, "example.org", "postmaster@example.org", RESULT_FAIL,
     "no at sign"},
    {"\"a@b\"@example.org", "x", SPF_MAILFROM, "example.org", "\"a@b\"@example.org", RESULT_FAIL,
     "two at signs"},
    {"", "Example.ORG", SPF_MAILFROM, "example.org", "postmaster@example.org", RESULT_FAIL,
     "the null sender is the HELO name's"},
    {"alice@example.com", "example.org", SPF_HELO, "example.org", "postmaster@example.org",
     RESULT_FAIL, "the HELO identity"},
    {"", "OEMCOMPUTER", SPF_MAILFROM, "", "postmaster@oemcomputer", RESULT_NONE,
     "a HELO name of one label"},
    {"", "[192.0.2.1]", SPF_MAILFROM, "", "postmaster@[192.0.2.1]", RESULT_NONE,
     "an address literal"},
    {"", "", SPF_MAILFROM, "", "postmaster@", RESULT_NONE, "no name at all"},
    {"", "JUMPIN' JUPITER", SPF_HELO, "", "postmaster@JUMPIN' JUPITER", RESULT_NONE,
     "no domain name"},
    {"a@localhost", "example.org", SPF_MAILFROM, "", "a@localhost", RESULT_NONE,
     "a sender of one label does not fall back to HELO"},
    {"a@a..example.org", "x", SPF_MAILFROM, "", "a@a..example.org", RESULT_NONE, "an empty label"},
    {"a@b\303\274cher.example", "x", SPF_MAILFROM, "xn--bcher-kva.example",
     "a@xn--bcher-kva.example", RESULT_SOFTFAIL, "U-labels are looked up as A-labels"},
};

static void test_identities(struct pool *pool)
{
	static const char zone[] = "example.org TXT \"v=spf1 -all\"\n"
				   "xn--bcher-kva.example TXT \"v=spf1 ~all\"\n";

	for (size_t i = 0; i < sizeof(identity_cases) / sizeof(identity_cases[0]); i++) {
		struct question question = {
		    .zone = zone,
		    .sender = identity_cases[i].sender,
		    .helo = identity_cases[i].helo,
		    .identity = identity_cases[i].identity,
		};
		struct spf_result result = check(pool, &question, NULL);

		ok(result.result == identity_cases[i].result, "%s: %s", identity_cases[i].name,
		   result_word(identity_cases[i].result));
		is_text(result.domain, identity_cases[i].domain, "... the domain");
		is_text(result.sender, identity_cases[i].shown, "... the sender");
		ok(result.identity == identity_cases[i].identity, "... the identity");
	}
}

/* international - the result for a sender with a UTF-8 local part */
static enum result international(struct pool *pool, const char *record, const char *more)
{
	struct question question = {.sender = "j\303\274rgen@example.org"};

	question.zone = pool_printf(pool, "example.org TXT \"v=spf1 %s\"\n%s", record, more);
	return check(pool, &question, NULL).result;
}

static void test_international(struct pool *pool)
{
	static const char all[] = "*.x.example A 127.0.0.2\n*.x.example TXT \"v=spf1 +all\"\n";

	ok(international(pool, "exists:%{l}.x.example -all", all) == RESULT_FAIL,
	   "%%{l} that is not ASCII does not match");
	ok(international(pool, "exists:%{L1r-}.x.example -all", all) == RESULT_FAIL,
	   "not escaped either");
	ok(international(pool, "include:%{s}.x.example -all", all) == RESULT_FAIL,
	   "nor does an include with %%{s}");
	ok(international(pool, "redirect=%{l}.x.example", all) == RESULT_NEUTRAL,
	   "a redirect with it goes nowhere");
	ok(international(pool, "exists:%{o}.x.example -all", all) == RESULT_PASS,
	   "the domain of the sender can be used");
}

/* attack - a record that libspf2 alone does not survive */
static void attack(struct pool *pool, const char *record, const char *name)
{
	struct question question = {.zone = record};
	struct spf_result result = check(pool, &question, NULL);

	ok(result.result == RESULT_FAIL || result.result == RESULT_PERMERROR, "%s: survived (%s)",
	   name, result_word(result.result));
}

static void test_attacks(struct pool *pool)
{
	const char *literal = "abcdefghij.abcdefghij.abcdefghij.abcdefghij.abcdefghij.abcdefghij.";
	struct buffer text;
	const char *spec;

	buffer_init(&text, 1 << 20);
	for (size_t i = 0; i < 127; i++)
		buffer_add_text(&text, "\" \"%{d}");
	for (size_t i = 0; i < 100; i++)
		buffer_printf(&text, "\" \"%s", literal);
	spec = slice_copy(pool, buffer_slice(&text));
	attack(pool, pool_printf(pool, "example.org TXT \"v=spf1 exists:%scom -all\"\n", spec),
	       "exists with 127 macros and kilobytes of text");
	attack(pool, pool_printf(pool, "example.org TXT \"v=spf1 a:%scom/24 -all\"\n", spec),
	       "a with the same");
	attack(pool,
	       pool_printf(pool,
			   "example.org TXT \"v=spf1 exp=e.example -all\"\ne.example TXT \"%s\"\n",
			   spec),
	       "an explanation with the same");
	attack(pool,
	       pool_printf(pool, "example.org TXT \"v=spf1 exp=%scom include:%scom -all\"\n", spec,
			   spec),
	       "exp and include with the same");
	buffer_free(&text);
}

static void test_trace(struct pool *pool)
{
	static const char zone[] = "example.org TXT \"v=spf1 a include:i.example -all\"\n"
				   "i.example TXT \"v=spf1 ip4:203.0.113.1\"\n";
	char *said = NULL;
	size_t size = 0;
	struct trace trace = {.file = open_memstream(&said, &size), .tool = "test"};

	check(pool, &(struct question){.zone = zone}, &trace);
	fclose(trace.file);
	ok(strstr(said, "test: example.org: \"v=spf1 a include:i.example -all\"\n") != NULL,
	   "-v shows the record");
	ok(strstr(said, "test: example.org: a: no match (lookups: 1, void: 1)\n") != NULL,
	   "and each term with what came of it and the counts so far");
	ok(strstr(said, "test: i.example: \"v=spf1 ip4:203.0.113.1\"\n") != NULL,
	   "and the record of an include");
	ok(strstr(said, "test: example.org: include:i.example: no match (lookups: 2, void: 1)\n") !=
	       NULL,
	   "and what came of that");
	free(said);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_reasons(pool);
	test_matches(pool);
	test_includes(pool);
	test_lookup_limit(pool);
	test_void_limit(pool);
	test_host_limits(pool);
	test_client_name(pool);
	test_deadline(pool);
	test_explanation(pool);
	test_identities(pool);
	test_international(pool);
	test_attacks(pool);
	test_trace(pool);
	pool_free(pool);
	return done();
}
