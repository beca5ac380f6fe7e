/*
 * host_list_test - opendkim's and opendmarc's lists of hosts
 */
#include "mail/host_list.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

/* list_of - a list from entries that all have to be good, ended by NULL */
static struct host_list *list_of(struct pool *pool, const char *const *entries)
{
	struct host_list *list = host_list_new(pool);
	struct error error;

	for (; *entries != NULL; entries++) {
		if (!host_list_add(list, slice_of(*entries), &error))
			ok(false, "entry %s: %s", *entries, error.text);
	}
	return list;
}

/* contains - is the client of that address (NULL: unknown) and name in the list? */
static bool contains(const struct host_list *list, const char *address, const char *name)
{
	struct ip_address host = {.family = 0};

	if (address != NULL && !ip_address_parse(slice_of(address), &host))
		ok(false, "address %s", address);
	return host_list_contains(list, &host, name);
}

static void test_addresses(struct pool *pool)
{
	const char *const entries[] = {"127.0.0.1",
				       "192.168.0.1/24",
				       "10.0.0.0/8",
				       "!10.1.0.0/16",
				       "10.1.2.3",
				       "!10.9.9.9",
				       "2001:db8::/33",
				       "[::1]",
				       "::ffff:198.51.100.0/120",
				       "[203.0.113.4]",
				       NULL};
	static const struct {
		const char *address;
		bool contained;
		const char *name;
	} cases[] = {
	    {"127.0.0.1", true, "an address"},
	    {"127.0.0.2", false, "its neighbour is not in"},
	    {"192.168.0.77", true, "a network written with a host part"},
	    {"192.168.1.1", false, "after the end of the network"},
	    {"10.2.3.4", true, "a network"},
	    {"10.1.9.9", false, "a smaller network is excepted from it"},
	    {"10.1.2.3", true, "and one host of that is in again"},
	    {"10.9.9.9", false, "an address is excepted"},
	    {"2001:db8:7fff::1", true, "an IPv6 network, prefix not at an octet"},
	    {"2001:db8:8000::1", false, "after the end of the IPv6 network"},
	    {"::1", true, "an address in brackets"},
	    {"[IPv6:::1]", true, "a client as SMTP writes it"},
	    {"IPv6:2001:db8::2", true, "a client as Postfix writes it"},
	    {"::ffff:127.0.0.1", true, "an IPv4-mapped client is an IPv4 client"},
	    {"198.51.100.9", true, "an IPv4-mapped network is an IPv4 network"},
	    {"198.51.101.9", false, "and no more than that"},
	    {"203.0.113.4", true, "an IPv4 address in brackets"},
	};
	struct host_list *list = list_of(pool, entries);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(contains(list, cases[i].address, NULL) == cases[i].contained, "%s: %s",
		   cases[i].address, cases[i].name);
}

static void test_names(struct pool *pool)
{
	const char *const entries[] = {"localhost",          ".example.com",  "!bad.example.com",
				       "!.dyn.example.com",  "*.Example.NET", "!192.0.2.1",
				       "x.dyn.example.com.", "192.0.2.2",     NULL};
	struct host_list *list = list_of(pool, entries);

	ok(contains(list, NULL, "localhost"), "a name");
	ok(contains(list, NULL, "a.b.example.com"), "a name below a domain");
	ok(!contains(list, NULL, "example.com"), "the domain itself is not below it");
	ok(!contains(list, NULL, "badexample.com"), "a name that only ends alike");
	ok(!contains(list, NULL, "bad.example.com"), "an excepted name");
	ok(!contains(list, NULL, "h.dyn.example.com"), "an excepted domain below");
	ok(contains(list, NULL, "x.dyn.example.com"), "a name in an excepted domain");
	ok(contains(list, NULL, "host.example.net"), "a domain with an asterisk, in other case");
	ok(contains(list, "192.0.2.1", "host.example.com"), "a name goes before an address");
	ok(!contains(list, "192.0.2.1", NULL), "without the name the address decides");
	ok(!contains(list, "192.0.2.2", "bad.example.com"), "also when the name is excepted");
	ok(contains(list, "192.0.2.2", "other.example.org"), "a name that no entry has: address");
	ok(!contains(list, NULL, NULL), "a client of which nothing is known");
}

static void test_equals(struct pool *pool)
{
	const char *const first[] = {"192.0.2.1", "!192.0.2.1", NULL};
	const char *const second[] = {"!192.0.2.1", "192.0.2.1", NULL};
	const char *const all[] = {"0.0.0.0/0", NULL};

	ok(!contains(list_of(pool, first), "192.0.2.1", NULL), "of two equals the exception: last");
	ok(!contains(list_of(pool, second), "192.0.2.1", NULL), "and when it stands first");
	ok(contains(list_of(pool, all), "203.0.113.9", NULL), "a network of no bits: everybody");
	ok(!contains(list_of(pool, all), "2001:db8::1", NULL), "but of the other family nobody");
}

static void test_wrong(struct pool *pool)
{
	static const char *const wrong[] = {"",
					    "!",
					    "10.0.0.0/33",
					    "10.0.0.0/",
					    "::/129",
					    "300.1.1.1",
					    "10.0.0",
					    "a b",
					    "a/24",
					    "fe80::1%eth0",
					    "..",
					    "a,b",
					    "::ffff:1.2.3.4/95",
					    "[10.0.0.1",
					    "10.0.0.0/-1"};
	struct host_list *list = host_list_new(pool);
	struct error error;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!host_list_add(list, slice_of(wrong[i]), &error), "\"%s\" is no entry",
		   wrong[i]);
}

/* read_text - a list from a file with that text */
static struct host_list *read_text(struct pool *pool, const char *text, struct error *error)
{
	char path[] = "/tmp/host_list_test.XXXXXX";
	int fd = mkstemp(path);
	struct host_list *list;

	if (write(fd, text, strlen(text)) < 0)
		ok(false, "write");
	close(fd);
	list = host_list_read(pool, pool_printf(pool, "refile:%s", path), error);
	unlink(path);
	return list;
}

static void test_file(struct pool *pool)
{
	struct error error;
	struct host_list *list = read_text(
	    pool, "# trusted\n\n127.0.0.1\r\n  .example.com  # ours\n!10.0.0.1\n10.0.0.0/8",
	    &error);

	ok(list != NULL, "a file with comments, empty lines and CRLF");
	if (list != NULL) {
		ok(contains(list, "127.0.0.1", NULL), "its first entry");
		ok(contains(list, NULL, "mx.example.com"), "an entry before a comment");
		ok(contains(list, "10.0.0.2", NULL), "an entry without a line end");
		ok(!contains(list, "10.0.0.1", NULL), "an exception");
	}
	ok(read_text(pool, "127.0.0.1\n\n10.0.0.0/99\n", &error) == NULL, "a file with an error");
	ok(strstr(error.text, ":3: \"10.0.0.0/99\"") != NULL, "its message has the line: %s",
	   error.text);
	ok(host_list_read(pool, "/nonexistent/hosts", &error) == NULL &&
	       strstr(error.text, "/nonexistent/hosts") != NULL,
	   "a file that is not there");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_addresses(pool);
	test_names(pool);
	test_equals(pool);
	test_wrong(pool);
	test_file(pool);
	pool_free(pool);
	return done();
}
