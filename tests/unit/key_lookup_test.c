/*
 * key_lookup_test - what asking for a key record leads to
 */
#include "dkim/key_lookup.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

/* zone_of - a zone with these lines */
static struct dns *zone_of(const char *text)
{
	struct error error;
	struct dns *dns;
	char path[40];
	int fd = memfd_create("zone", 0);

	if (fd < 0 || !io_write(fd, text, strlen(text)))
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	dns = dns_open_zone(path, NULL, &error);
	close(fd);
	if (dns == NULL)
		exit(1);
	return dns;
}

/* answers - what asking for a selector of example.com leads to */
static void answers(struct dns *dns, struct pool *pool, const char *selector, enum result result,
		    const char *reason)
{
	struct dns_budget budget = dns_budget_for(5, strcmp(selector, "late") == 0 ? 0 : 5);
	enum result got = RESULT_NONE;
	const char *why = NULL;
	const struct dns_answer *answer =
	    key_lookup(pool, dns, &budget, selector, "example.com", &got, &why);

	ok((answer != NULL) == (result == RESULT_NONE) && got == result, "%s: %s", selector,
	   result_word(result));
	is_text(why, reason, "the reason for it");
}

static void test_fetch(struct pool *pool)
{
	struct dns *dns = zone_of("good._domainkey.example.com. TXT \"p=\"\n"
				  "a.b._domainkey.example.com. TXT \"p=\"\n"
				  "other._domainkey.example.com. A 192.0.2.1\n"
				  "broken._domainkey.example.com. SERVFAIL\n"
				  "slow._domainkey.example.com. TIMEOUT\n");

	answers(dns, pool, "good", RESULT_NONE, NULL);
	answers(dns, pool, "a.b", RESULT_NONE, NULL);
	answers(dns, pool, "missing", RESULT_PERMERROR, "no key");
	answers(dns, pool, "other", RESULT_PERMERROR, "no key");
	answers(dns, pool, "broken", RESULT_TEMPERROR, "key unavailable: SERVFAIL");
	answers(dns, pool, "slow", RESULT_TEMPERROR, "key unavailable: timeout");
	answers(dns, pool, "late", RESULT_TEMPERROR, "key unavailable: query limit reached");
	dns_close(dns);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_fetch(pool);
	pool_free(pool);
	return done();
}
