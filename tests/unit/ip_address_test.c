/*
 * ip_address: what MTAs write, and what lies in which network
 */
#include "mail/ip_address.h"

#include "tap.h"

static void test_addresses(void)
{
	static const struct {
		const char *text;
		const char *wanted; /* NULL: no address */
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"[192.0.2.1]", "192.0.2.1"},
	    {"2001:DB8::1", "2001:db8::1"},
	    {"IPv6:2001:db8::1", "2001:db8::1"},
	    {"[ipv6:2001:db8:0:0::1]", "2001:db8::1"},
	    {"::ffff:192.0.2.1", "192.0.2.1"},
	    {"IPv6:::ffff:c000:201", "192.0.2.1"},
	    {"::1", "::1"},
	    {"::192.0.2.1", "::192.0.2.1"},
	    {"IPv6:192.0.2.1", NULL},
	    {"", NULL},
	    {"[]", NULL},
	    {"IPv6:", NULL},
	    {"192.0.2", NULL},
	    {"192.0.2.1.", NULL},
	    {"192.0.2.256", NULL},
	    {" 192.0.2.1", NULL},
	    {"192.0.2.1/32", NULL},
	    {"2001:db8::1%eth0", "2001:db8::1"},
	    {"fe80::1%eth0", "fe80::1"},
	    {"IPv6:fe80::1%2", "fe80::1"},
	    {"fe80::1%", NULL},
	    {"192.0.2.1%eth0", NULL},
	    {"unknown", NULL},
	    {"2001:0db8:0000:0000:0000:0000:0000:0001:and:much:more:after:it", NULL},
	};
	struct ip_address address;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = ip_address_parse(slice_of(cases[i].text), &address);

		is_text(good ? address.text : NULL, cases[i].wanted, cases[i].text);
	}
	ok(!ip_address_parse(slice_from("1.2.3.4\0x", 9), &address), "a NUL byte does not end it");
}

static void test_networks(void)
{
	static const struct {
		const char *network;
		const char *address;
		bool wanted;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.77/24", "192.0.2.1", true},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"2001:db8::/33", "2001:db8:7fff::", true},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	    {"::/0", "2001:db8::1", true},
	    {"::/0", "192.0.2.1", false},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true},
	};
	static const char *const bad[] = {"192.0.2.0/33", "2001:db8::/129", "192.0.2.0/",
					  "192.0.2.0/a",  "::ffff:0:0/95",  "/24"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_network network;
		struct ip_address address;
		bool contains = ip_network_parse(slice_of(cases[i].network), &network) &&
				ip_address_parse(slice_of(cases[i].address), &address) &&
				ip_network_contains(&network, &address);

		ok(contains == cases[i].wanted, "%s in %s: %s", cases[i].address, cases[i].network,
		   cases[i].wanted ? "yes" : "no");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ip_network network;

		ok(!ip_network_parse(slice_of(bad[i]), &network), "no network: %s", bad[i]);
	}
}

int main(void)
{
	test_addresses();
	test_networks();
	return done();
}
