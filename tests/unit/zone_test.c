/*
 * zone_test - the zone file after dns_query(), and what dns.c adds to every source
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "dns/dns.h"
#include "dns/zone_file.h"
#include "tap.h"

/* write_file - a file with this content; the path is to be freed */
static char *write_file(const char *content, size_t len)
{
	char *path = strdup("/tmp/dns_zone_test.XXXXXX");
	int fd = mkstemp(path);

	if (fd == -1 || write(fd, content, len) != (ssize_t)len || close(fd) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	return path;
}

/* open_bytes - a zone of this content; NULL is a failure that error explains */
static struct dns *open_bytes(const char *content, size_t len, const struct trace *trace,
			      struct error *error)
{
	char *path = write_file(content, len);
	struct dns *dns = dns_open_zone(path, trace, error);

	unlink(path);
	free(path);
	return dns;
}

/* open_zone - one that must be readable */
static struct dns *open_zone(const char *content)
{
	struct error error;
	struct dns *dns = open_bytes(content, strlen(content), NULL, &error);

	if (dns == NULL) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	return dns;
}

/* ask - one question with a fresh budget */
static const struct dns_answer *ask(struct dns *dns, const char *name, enum dns_type type)
{
	struct dns_budget budget = dns_budget_for(0, DNS_QUERIES_MAX);

	return dns_query(dns, name, type, &budget);
}

/* is_status - the answer to a question ends so */
static void is_status(struct dns *dns, const char *name, enum dns_type type, enum dns_status status,
		      const char *claim)
{
	is_text(dns_status_word(ask(dns, name, type)->status), dns_status_word(status), claim);
}

/* is_count - the question finds so many records */
static void is_count(struct dns *dns, const char *name, enum dns_type type, unsigned count,
		     const char *claim)
{
	is_number((long long)ask(dns, name, type)->count, count, claim);
}

/* is_txt - the question has one TXT record with this text */
static void is_txt(struct dns *dns, const char *name, const char *text, const char *claim)
{
	const struct dns_answer *answer = ask(dns, name, DNS_TXT);

	is_text(answer->count == 1 ? answer->records[0].text.data : NULL, text, claim);
}

static void test_types(void)
{
	struct dns *dns = open_zone("host.example. A 192.0.2.1\n"
				    "host.example. 300 IN A 192.0.2.2\n"
				    "host.example. IN 1h30m AAAA 2001:db8::1\n"
				    "host.example. TXT one\n"
				    "host.example. mx 10 Mail.Example.\n"
				    "null.example MX 0 .\n"
				    "1.2.0.192.in-addr.arpa. PTR host.Example.\n");
	const struct dns_answer *answer = ask(dns, "host.example", DNS_A);
	char text[INET6_ADDRSTRLEN];

	is_number((long long)answer->count, 2, "both A records are found");
	is_text(inet_ntop(AF_INET, &answer->records[0].a, text, sizeof(text)), "192.0.2.1",
		"records keep the order of the file: first");
	is_text(inet_ntop(AF_INET, &answer->records[1].a, text, sizeof(text)), "192.0.2.2",
		"records keep the order of the file: second");
	answer = ask(dns, "host.example", DNS_AAAA);
	is_number((long long)answer->count, 1, "AAAA with class before TTL");
	is_text(inet_ntop(AF_INET6, &answer->records[0].aaaa, text, sizeof(text)), "2001:db8::1",
		"AAAA address");
	answer = ask(dns, "HOST.Example.", DNS_MX);
	is_number((long long)answer->count, 1, "names are compared without case and trailing dot");
	is_number(answer->records[0].type, DNS_MX, "a record knows its type");
	is_number(answer->records[0].mx.preference, 10, "MX preference");
	is_text(answer->records[0].mx.exchange, "mail.example",
		"names in data are lower-case without trailing dot");
	is_text(ask(dns, "null.example", DNS_MX)->records[0].mx.exchange, "",
		"the null MX has an empty exchange");
	is_text(ask(dns, "1.2.0.192.in-addr.arpa", DNS_PTR)->records[0].name, "host.example",
		"PTR");
	dns_close(dns);
}

static void test_existence(void)
{
	struct dns *dns = open_zone("a.b.example. TXT x\n"
				    "only.example. SRV 0 0 25 mail.example.\n"
				    "only.example. TYPE65 \\# 3 abcdef\n"
				    "number.example. TYPE16 \"by number\"\n"
				    "signed.example. NSEC a.example. A RRSIG\n"
				    "bad.example. SERVFAIL\n"
				    "slow.example. TIMEOUT\n"
				    "gone.example. NXDOMAIN\n"
				    "gone.example. TXT \"not to be had\"\n");

	is_status(dns, "a.b.example", DNS_A, DNS_NODATA, "other types of a name are NODATA");
	is_status(dns, "b.example", DNS_TXT, DNS_NODATA, "a name above a listed one is NODATA");
	is_status(dns, "example", DNS_TXT, DNS_NODATA, "so is the top label");
	is_status(dns, "x.a.b.example", DNS_TXT, DNS_NXDOMAIN, "a name below a listed one is not");
	is_status(dns, "aa.b.example", DNS_TXT, DNS_NXDOMAIN, "nor one that only looks similar");
	is_status(dns, "b.b.example", DNS_TXT, DNS_NXDOMAIN, "nor a sibling");
	is_status(dns, "zzz", DNS_TXT, DNS_NXDOMAIN, "nor one after all others");
	is_status(dns, "only.example", DNS_TXT, DNS_NODATA, "an unused type makes its owner exist");
	is_status(dns, "signed.example", DNS_TXT, DNS_NODATA, "so does NSEC");
	is_txt(dns, "number.example", "by number", "a known type by its number");
	is_status(dns, "bad.example", DNS_MX, DNS_SERVFAIL, "SERVFAIL");
	is_status(dns, "slow.example", DNS_A, DNS_TIMEOUT, "TIMEOUT");
	is_status(dns, "gone.example", DNS_TXT, DNS_NXDOMAIN, "NXDOMAIN, whatever else is listed");
	is_status(dns, "below.bad.example", DNS_A, DNS_NXDOMAIN, "they hold for the owner only");
	dns_close(dns);
}

static void test_no_names(void)
{
	struct dns *dns = open_zone("a.example. TXT x\n"
				    "*. TXT any\n");
	char label[66] = {0};
	char name[300];

	is_status(dns, "", DNS_TXT, DNS_NXDOMAIN, "the empty text is no name");
	is_status(dns, ".", DNS_TXT, DNS_NXDOMAIN, "nor is the root");
	is_status(dns, "a..example", DNS_TXT, DNS_NXDOMAIN, "nor one with an empty label");
	is_status(dns, ".example", DNS_TXT, DNS_NXDOMAIN, "nor one with an empty first label");
	is_status(dns, "example..", DNS_TXT, DNS_NXDOMAIN, "nor one with two dots at its end");
	memset(label, 'a', 63);
	is_status(dns, label, DNS_TXT, DNS_FOUND, "a label may have 63 octets");
	label[63] = 'a';
	is_status(dns, label, DNS_TXT, DNS_NXDOMAIN, "but not 64");
	label[61] = '\0';
	snprintf(name, sizeof(name), "aa%s.aa%s.aa%s.%s", label, label, label, label);
	is_number((long long)strlen(name), 253, "(253 octets of text are 255 on the wire)");
	is_status(dns, name, DNS_TXT, DNS_FOUND, "a name may have 253 octets");
	snprintf(name, sizeof(name), "aa%s.aa%s.aa%s.a%s", label, label, label, label);
	is_status(dns, name, DNS_TXT, DNS_NXDOMAIN, "but not 254");
	dns_close(dns);
}

/* test_wildcards - RFC 4592: the example of section 2.2.1, in a form of our own, and more */
static void test_wildcards(void)
{
	struct dns *dns = open_zone("*.example. TXT wild\n"
				    "*.example. MX 10 mail.example.\n"
				    "sub.*.example. TXT below\n"
				    "host1.example. A 192.0.2.1\n"
				    "_ssh._tcp.host2.example. SRV 0 0 22 host1.example.\n"
				    "host3.example. NXDOMAIN\n"
				    "*.broken.example. SERVFAIL\n"
				    "*.alias.example. CNAME host4.example.\n"
				    "deep.*.empty.example. TXT x\n");

	is_txt(dns, "host4.example", "wild", "a wildcard answers for a name that is not listed");
	is_txt(dns, "a.b.c.example", "wild", "over any number of labels");
	is_count(dns, "x.example", DNS_MX, 1, "for each of its types");
	is_status(dns, "x.example", DNS_A, DNS_NODATA, "other types are NODATA");
	is_status(dns, "host1.example", DNS_TXT, DNS_NODATA, "a listed name is not answered by it");
	is_status(dns, "x.host1.example", DNS_TXT, DNS_NXDOMAIN,
		  "nor are names below it: the closest encloser has no wildcard");
	is_status(dns, "_tcp.host2.example", DNS_TXT, DNS_NODATA, "nor an empty non-terminal");
	is_status(dns, "_udp.host2.example", DNS_TXT, DNS_NXDOMAIN, "nor names below that");
	is_txt(dns, "*.example", "wild", "the wildcard itself can be asked for");
	is_txt(dns, "sub.*.example", "below", "and names below it");
	is_status(dns, "x.*.example", DNS_TXT, DNS_NXDOMAIN, "which it does not answer itself");
	is_status(dns, "host3.example", DNS_TXT, DNS_NXDOMAIN, "NXDOMAIN makes a hole in it");
	is_status(dns, "x.broken.example", DNS_TXT, DNS_SERVFAIL, "a wildcard of SERVFAIL");
	is_status(dns, "x.empty.example", DNS_TXT, DNS_NODATA,
		  "a wildcard that exists only above a listed name is NODATA");
	is_txt(dns, "x.alias.example", "wild", "a wildcard of CNAME is followed");
	dns_close(dns);
}

static void test_cnames(void)
{
	struct buffer chain;
	struct dns *dns;

	buffer_init(&chain, 10000);
	for (int i = 0; i <= DNS_CNAME_MAX; i++)
		buffer_printf(&chain, "c%d.example. CNAME c%d.example.\n", i, i + 1);
	buffer_printf(&chain, "c%d.example. TXT end\n", DNS_CNAME_MAX + 1);
	buffer_add_text(&chain, "loop1.example. CNAME loop2.example.\n"
				"loop2.example. CNAME LOOP1.example.\n"
				"self.example. CNAME self.example.\n"
				"dangling.example. CNAME nowhere.example.\n"
				"fails.example. CNAME broken.example.\n"
				"broken.example. SERVFAIL\n"
				"root.example. CNAME .\n");
	buffer_add_byte(&chain, '\0');
	dns = open_zone(chain.data);
	is_txt(dns, "c1.example", "end", "a chain of the greatest length is followed");
	is_status(dns, "c0.example", DNS_TXT, DNS_SERVFAIL, "a longer one is SERVFAIL");
	is_status(dns, "c1.example", DNS_A, DNS_NODATA, "NODATA at the end of a chain");
	is_text(ask(dns, "c0.example", DNS_CNAME)->records[0].name, "c1.example",
		"a CNAME that is asked for is not followed");
	is_status(dns, "loop1.example", DNS_TXT, DNS_SERVFAIL, "a loop is SERVFAIL");
	is_status(dns, "self.example", DNS_TXT, DNS_SERVFAIL, "so is a loop of one");
	is_status(dns, "dangling.example", DNS_TXT, DNS_NXDOMAIN, "a target that does not exist");
	is_status(dns, "fails.example", DNS_TXT, DNS_SERVFAIL, "a target that fails");
	is_status(dns, "root.example", DNS_TXT, DNS_NXDOMAIN, "the root as target");
	dns_close(dns);
	buffer_free(&chain);
}

static void test_syntax(void)
{
	struct dns *dns = open_zone(
	    "; a comment\n# another; one\n   ; and one after blanks\n\n"
	    "plain.example TXT v=spf1 -all\r\n"
	    "quoted.example. TXT \"v=DKIM1; \" \"p=abc#d(e)\" ; comment\n"
	    "escaped.example. TXT \"a\\\"b\\\\c\\;d\\065\\e\" f\\032g\\\"\\;\\(\n"
	    "empty.example. TXT \"\"\n"
	    "group.example. IN TXT ( \"one \" ; first\n   \"two \"\n\t\"three\" ) # done\n"
	    "below.group.example. TXT ( a\n\n(b) c )\n"
	    "(outer.example. TXT\n x)\n"
	    "same.example. TXT x\n\tA 192.0.2.1\n  \n 60 IN AAAA 2001:db8::1\n"
	    "sp\\032ace\\.dot.example. TXT odd\n"
	    "a\\bc.example. TXT letters\n"
	    "upper.EXAMPLE. in txt case\n"
	    "class.example. CLASS1 TXT generic\n"
	    "hash.example. TXT a#b #c\n"
	    "last.example. TXT \"no line end\"");

	is_txt(dns, "plain.example", "v=spf1-all", "words are character-strings, CRLF ends a line");
	is_txt(dns, "quoted.example", "v=DKIM1; p=abc#d(e)", "strings are joined as they are");
	is_txt(dns, "escaped.example", "a\"b\\c;dAef g\";(", "escapes in strings and in words");
	is_txt(dns, "empty.example", "", "an empty string is a record");
	is_txt(dns, "group.example", "one two three", "parentheses join lines");
	is_txt(dns, "below.group.example", "abc", "parentheses may be nested and hold empty lines");
	is_txt(dns, "outer.example", "x", "parentheses may begin before the owner");
	is_count(dns, "same.example", DNS_A, 1, "white space repeats the owner");
	is_count(dns, "same.example", DNS_AAAA, 1, "also over a blank line, with TTL");
	is_status(dns, "sp ace.dot.example", DNS_TXT, DNS_NXDOMAIN,
		  "an escaped dot does not separate labels");
	is_txt(dns, "abc.example", "letters", "an escaped letter is that letter");
	is_txt(dns, "upper.example", "case", "classes and types in lower case, owner in upper");
	is_txt(dns, "class.example", "generic", "CLASS1 is IN");
	is_txt(dns, "hash.example", "a#b", "# begins a comment only in front of a word");
	is_txt(dns, "last.example", "no line end", "the last line needs no end");
	dns_close(dns);
}

static void test_nul(void)
{
	static const char zone[] = "nul.example. TXT \"a\\000b\" c\n"
				   "raw.example. TXT \"x\0y\xff\"\n";
	struct error error;
	struct dns *dns = open_bytes(zone, sizeof(zone) - 1, NULL, &error);
	struct slice text = ask(dns, "nul.example", DNS_TXT)->records[0].text;

	ok(text.len == 4 && memcmp(text.data, "a\0bc", 5) == 0, "an escaped NUL octet is kept");
	text = ask(dns, "raw.example", DNS_TXT)->records[0].text;
	ok(text.len == 4 && memcmp(text.data, "x\0y\xff", 5) == 0, "so are octets as they are");
	dns_close(dns);
}

static void test_origin(void)
{
	struct dns *dns = open_zone("before.example TXT absolute\n"
				    "$TTL 1d\n"
				    "$ORIGIN example.net.\n"
				    "@ TXT apex\n"
				    "www MX 5 mail\n"
				    "full.example. CNAME www.example.com.\n"
				    "$ORIGIN sub\n"
				    "x TXT nested\n"
				    "alias CNAME @\n"
				    "$ORIGIN .\n"
				    "after.example TXT absolute again\n");

	is_txt(dns, "before.example", "absolute", "a name is absolute before $ORIGIN");
	is_txt(dns, "example.net", "apex", "@ is the origin");
	is_text(ask(dns, "www.example.net", DNS_MX)->records[0].mx.exchange, "mail.example.net",
		"owner and data are completed by it");
	is_text(ask(dns, "full.example", DNS_CNAME)->records[0].name, "www.example.com",
		"names with a trailing dot are not");
	is_txt(dns, "x.sub.example.net", "nested", "an origin may be relative to the one before");
	is_text(ask(dns, "alias.sub.example.net", DNS_CNAME)->records[0].name, "sub.example.net",
		"@ in data");
	is_txt(dns, "after.example", "absoluteagain", "the root as origin");
	dns_close(dns);
}

/* test_dig - as dig prints it, with tabs, TTL, class and split strings */
static void test_dig(void)
{
	struct dns *dns = open_zone(
	    "www.example.org.\t3600\tIN\tCNAME\thost.example.org.\n"
	    "host.example.org.\t300\tIN\tA\t198.51.100.7\n"
	    "s1._domainkey.example.org. 3600 IN\tTXT\t\"v=DKIM1; k=rsa; p=MII\" \"Bdef\"\n"
	    "example.org.\t\t3600\tIN\tCAA\t0 issue \"ca.example\"\n"
	    "example.org. 60 IN RRSIG TXT 13 2 60 20300101000000 20200101000000 1 example.org. "
	    "aGk=\n"
	    ";; Query time: 3 msec\n");

	is_count(dns, "www.example.org", DNS_A, 1, "CNAME and A as dig prints them");
	is_txt(dns, "s1._domainkey.example.org", "v=DKIM1; k=rsa; p=MIIBdef", "a split key");
	is_status(dns, "example.org", DNS_TXT, DNS_NODATA, "types without use here");
	dns_close(dns);
}

/* test_errors - each is refused with its line and reason */
static void test_errors(void)
{
	static const struct {
		const char *zone;
		const char *error; /* after the path */
	} cases[] = {
	    {"a.example. TXT x\nb.example. TXTT x\n", ":2: unknown record type 'TXTT'"},
	    {"a.example.\n", ":1: record type is missing"},
	    {"a.example. 300 IN\n", ":1: record type is missing"},
	    {"a.example. A\n", ":1: address is missing"},
	    {"a.example. A 192.0.2\n", ":1: not an address: '192.0.2'"},
	    {"a.example. A 192.0.2.1 192.0.2.2\n", ":1: unexpected '192.0.2.2'"},
	    {"a.example. AAAA 192.0.2.1\n", ":1: not an address: '192.0.2.1'"},
	    {"a.example. MX mail.example.\n", ":1: not a preference: 'mail.example.'"},
	    {"a.example. MX 70000 mail.example.\n", ":1: not a preference: '70000'"},
	    {"a.example. MX 10\n", ":1: domain name is missing"},
	    {"a.example. TXT\n", ":1: character-string is missing"},
	    {"a.example. TXT \"abc\nb.example. A 192.0.2.1\n", ":1: quoted string is not closed"},
	    {"a.example. TXT \"abc\\\"\n", ":1: quoted string is not closed"},
	    {"a.example. TXT \"\\256\"\n", ":1: '\\' needs three digits up to 255 after it"},
	    {"a.example. TXT \"\\25\"\n", ":1: '\\' needs three digits up to 255 after it"},
	    {"a.example. TXT abc\\\n", ":1: nothing after '\\'"},
	    {"a.example. TXT \\# 2 0161\n", ":1: generic data (RFC 3597) are not supported"},
	    {"a.example. TXT ( \"a\"\n\"b\"\n", ":3: '(' is not closed"},
	    {"a.example. TXT a )\n", ":1: unexpected ')'"},
	    {"a..example. TXT a\n", ":1: not a domain name: 'a..example.'"},
	    {"a.example. CNAME b..example.\n", ":1: not a domain name: 'b..example.'"},
	    {"a.example. SERVFAIL now\n", ":1: unexpected 'now'"},
	    {"\n a.example. TXT x\n", ":2: no owner before this record"},
	    {"@ TXT x\n", ":1: '@' without $ORIGIN"},
	    {"a.example. CH TXT x\n", ":1: only class IN is supported, not 'CH'"},
	    {"a.example. 1x TXT x\n", ":1: not a TTL: '1x'"},
	    {"a.example. 4294967296 TXT x\n", ":1: not a TTL: '4294967296'"},
	    {"$TTL\n", ":1: TTL is missing"},
	    {"$TTL one\n", ":1: not a TTL: 'one'"},
	    {"\n\n$INCLUDE other.zone\n", ":3: unsupported directive '$INCLUDE'"},
	    {"$ORIGIN\n", ":1: domain name is missing"},
	    {"$ORIGIN example. extra\n", ":1: unexpected 'extra'"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {.text = ""};
		struct dns *dns = open_bytes(cases[i].zone, strlen(cases[i].zone), NULL, &error);
		const char *text = strchr(error.text, ':');

		ok(dns == NULL, "refused: case %zu", i);
		is_text(text, cases[i].error, "with file, line and reason");
		dns_close(dns);
	}
}

/* test_long_names - limits of a label, a name, and a name with its origin */
static void test_long_names(void)
{
	struct error error = {.text = ""};
	char label[66] = {0};
	char zone[400];

	memset(label, 'a', 64);
	snprintf(zone, sizeof(zone), "%s.example. TXT x\n", label);
	ok(open_bytes(zone, strlen(zone), NULL, &error) == NULL, "a label of 64 octets is refused");
	label[60] = '\0';
	snprintf(zone, sizeof(zone), "%s.%s.%s.%s.123456789. TXT x\n", label, label, label, label);
	dns_close(open_zone(zone));
	snprintf(zone, sizeof(zone), "%s.%s.%s.%s.1234567890. TXT x\n", label, label, label, label);
	ok(open_bytes(zone, strlen(zone), NULL, &error) == NULL, "a name of 256 octets is refused");
	snprintf(zone, sizeof(zone), "$ORIGIN %s.%s.\n%s.%s.123456789 TXT x\n", label, label, label,
		 label);
	dns_close(open_zone(zone));
	snprintf(zone, sizeof(zone), "$ORIGIN %s.%s.\n%s.%s.1234567890 TXT x\n", label, label,
		 label, label);
	ok(open_bytes(zone, strlen(zone), NULL, &error) == NULL,
	   "so is one that becomes too long by its origin");
}

static void test_files(void)
{
	struct error error = {.text = ""};
	struct dns *dns;

	ok(dns_open_zone("/nonexistent/zone", NULL, &error) == NULL, "a missing file is refused");
	is_text(error.text, "/nonexistent/zone: No such file or directory", "with the reason");
	is_text(error.status, STATUS_CONFIG, "as an error of configuration");
	ok(dns_open_zone("/", NULL, &error) == NULL, "a directory is refused");
	is_text(error.text, "/: Is a directory", "with the reason");
	dns = open_zone("");
	is_status(dns, "a.example", DNS_A, DNS_NXDOMAIN, "in an empty file no name exists");
	dns_close(dns);
}

/* test_large - loading and asking stay cheap with many records */
static void test_large(void)
{
	enum { OWNERS = 20000 };
	struct buffer zone;
	struct timespec start;
	struct timespec end;
	struct dns *dns;
	unsigned found = 0;

	buffer_init(&zone, 10U << 20);
	for (unsigned i = 0; i < OWNERS; i++)
		buffer_printf(&zone, "n%u.example. TXT \"value %u\"\n", i, i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	dns = open_bytes(zone.data, zone.len, NULL, NULL);
	for (unsigned i = 0; i < OWNERS; i++) {
		char name[40];

		snprintf(name, sizeof(name), "n%u.example", i);
		found += ask(dns, name, DNS_TXT)->count == 1;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	is_number(found, OWNERS, "all of 20000 owners are found");
	ok(end.tv_sec - start.tv_sec <= 5, "in a few seconds at most");
	dns_close(dns);
	buffer_free(&zone);
}

static void test_budget(void)
{
	struct dns *dns = open_zone("a.example. TXT x\n");
	struct dns_budget budget = dns_budget_for(0, 2);

	is_number(dns_query(dns, "a.example", DNS_TXT, &budget)->status, DNS_FOUND,
		  "a zone file has no deadline");
	is_number(budget.queries, 1, "a question is taken from the budget");
	is_number(dns_query(dns, "a..example", DNS_TXT, &budget)->status, DNS_NXDOMAIN,
		  "what is no name is not asked for");
	is_number(budget.queries, 1, "and costs nothing");
	dns_query(dns, "a.example", DNS_TXT, &budget);
	is_number(budget.queries, 0, "an answer from memory costs one, too");
	is_number(dns_query(dns, "a.example", DNS_TXT, &budget)->status, DNS_EXHAUSTED,
		  "nothing is asked beyond the budget");
	is_number(budget.queries, 0, "and nothing is taken from it");
	budget.queries = 1;
	is_number(dns_query(dns, "a.example", DNS_TXT, &budget)->status, DNS_FOUND,
		  "that was not remembered");
	budget = dns_budget_for(2.75, 1);
	ok(dns_budget_left(&budget) > 1 && dns_budget_left(&budget) <= 2.75,
	   "a budget knows the time left");
	budget = dns_budget_for(-1, 1);
	ok(dns_budget_left(&budget) == 0, "none is left of a negative time");
	budget = dns_budget_for(1e300, 1);
	ok(dns_budget_left(&budget) > 1e8, "much is left of an absurd time");
	dns_close(dns);
}

static void test_memory(void)
{
	static const char zone[] = "a.example. TXT x\nb.example. SERVFAIL\n";
	char *said = NULL;
	size_t size;
	struct trace trace = {.file = open_memstream(&said, &size), .tool = "tool"};
	struct error error;
	struct dns *dns = open_bytes(zone, sizeof(zone) - 1, &trace, &error);
	const struct dns_answer *first = ask(dns, "a.example", DNS_TXT);

	ok(ask(dns, "A.example.", DNS_TXT) == first, "the same question is answered from memory");
	ok(ask(dns, "a.example", DNS_A) != first, "another type is another question");
	ask(dns, "b.example", DNS_TXT);
	ask(dns, "b.example", DNS_TXT);
	dns_forget(dns);
	ask(dns, "a.example", DNS_TXT);
	fclose(trace.file);
	ok(strstr(said, "tool: DNS TXT a.example: found, 1 record, ") == said,
	   "the trace tells name, type, status and count");
	ok(strstr(said, "DNS TXT A.example.: found, 1 record, remembered\n") != NULL,
	   "and what was remembered");
	ok(strstr(said, "DNS TXT b.example: SERVFAIL, 0 records, remembered\n") != NULL,
	   "failures are remembered");
	ok(strstr(strstr(said, "b.example"), "DNS TXT a.example: found, 1 record, remembered") ==
	       NULL,
	   "nothing is after dns_forget()");
	dns_close(dns);
	free(said);
}

/* test_late - the resolver, as far as it goes without a name server */
static void test_late(void)
{
	char *said = NULL;
	size_t size;
	struct trace trace = {.file = open_memstream(&said, &size), .tool = "tool"};
	struct dns *dns = dns_open_resolver(&trace);

	is_status(dns, "a.example", DNS_TXT, DNS_TIMEOUT, "nothing is asked past the deadline");
	is_status(dns, "a.example", DNS_TXT, DNS_TIMEOUT, "however often");
	is_status(dns, "a..example", DNS_TXT, DNS_NXDOMAIN, "what is no name needs no server");
	fclose(trace.file);
	ok(strstr(said, "remembered") == NULL, "and a later question may still be answered");
	dns_close(dns);
	free(said);
}

static void test_names_and_words(void)
{
	struct pool *pool = pool_new();
	struct dns_name name = {0};

	is_text(dns_status_word(DNS_NXDOMAIN), "NXDOMAIN", "the word of a status");
	is_text(dns_type_word(DNS_AAAA), "AAAA", "the word of a type");
	is_text(dns_name_text(pool, &name), "", "the root as text");
	dns_name_add_label(&name, "A.b\0\\", 5);
	dns_name_add_label(&name, "Com", 3);
	is_text(dns_name_text(pool, &name), "a\\046b\\000\\.com",
		"what text cannot carry in a label is shown by number");
	dns_close(NULL);
	pool_free(pool);
}

int main(void)
{
	test_types();
	test_existence();
	test_no_names();
	test_wildcards();
	test_cnames();
	test_syntax();
	test_nul();
	test_origin();
	test_dig();
	test_errors();
	test_long_names();
	test_files();
	test_large();
	test_budget();
	test_memory();
	test_late();
	test_names_and_words();
	return done();
}
