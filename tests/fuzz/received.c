/*
 * received - the client in a Received field, and what a Received-SPF field says
 */
#include "mail/received_field.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/input.h"
#include "fuzz.h"
#include "mail/domain.h"

#define NUMBER_MAX 3 /* of Received fields that are looked at */

static void check_address(const struct ip_address *address)
{
	struct ip_address again;

	fuzz_expect(ip_address_parse(slice_of(address->text), &again));
	fuzz_expect(again.family == address->family);
	fuzz_expect(strcmp(again.text, address->text) == 0);
}

static void check_client(const struct received_client *client)
{
	check_address(&client->address);
	fuzz_expect(strchr(client->helo, '\n') == NULL);
	fuzz_expect(client->sender == NULL || strchr(client->sender, '\n') == NULL);
}

/* check_identifier - a domain that is canonical, or none */
static void check_identifier(struct pool *pool, const struct dmarc_identifier *identifier)
{
	const char *domain = identifier->domain;

	if (domain != NULL)
		fuzz_expect(fuzz_same_text(domain_canonical(pool, slice_of(domain)), domain));
}

/*
 * check_results - what DMARC believes; hops tells how many Received fields are our own, sender may
 * be known
 */
static void check_results(struct pool *pool, struct message *message, unsigned hops,
			  const char *sender)
{
	static const char *const trusted_ids[] = {"filter.example.net"};
	struct dmarc_trust trust = {.id = "mx.example.com",
				    .trusted_ids = trusted_ids,
				    .trusted_count = 1,
				    .hops = hops,
				    .sender = sender};
	struct dmarc_input input;

	dmarc_input_gather(pool, message, &trust, NULL, &input);
	fuzz_expect(input.author_domain != NULL || input.author.reason != NULL);
	if (input.spf != NULL) {
		fuzz_expect(input.spf->domain != NULL);
		check_identifier(pool, input.spf);
	}
	fuzz_expect(sender != NULL || input.envelope_from == NULL || *input.envelope_from == '\0');
	for (size_t i = 0; i < input.dkim_count; i++)
		check_identifier(pool, &input.dkim[i]);
}

/* check_network - a text as an administrator's list could have it */
static void check_network(struct slice text)
{
	struct ip_network network;

	if (ip_network_parse(slice_trim(text), &network)) {
		check_address(&network.address);
		fuzz_expect(ip_network_contains(&network, &network.address));
	}
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct message *message = message_new();
	struct received_client client;
	struct error error;

	if (message_read_header(message, source_of_fd(fuzz_file(0, input)), &error)) {
		for (unsigned number = 1; number <= NUMBER_MAX; number++) {
			check_results(pool, message, number, NULL);
			if (!received_field_find(pool, message, number, &client, &error))
				continue;
			check_client(&client);
			check_results(pool, message, number, client.sender);
		}
		if (message_field_count(message) != 0)
			check_network(message_field(message, 0)->value);
	}
	message_free(message);
	pool_free(pool);
}
