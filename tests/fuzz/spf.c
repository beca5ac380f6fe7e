/*
 * spf - records, macros and all: a client, and a zone that answers
 *
 * The input is a line each with the address of the client, its HELO name and the sender, a line
 * "%%", and a zone file. Matching is libspf2's.
 */
#include "spf/evaluate.h"
#include "spf/spf_received.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/input.h"
#include "fuzz.h"
#include "spf/spf_flatten.h"
#include "spf/spf_lint.h"

#define RECEIVER       "mx.example.net"
#define SECONDS        60  /* there is no waiting in a zone file */
#define TXT_STRING_LEN 255 /* RFC 1035 3.3: a character-string */

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* check_result - what holds for every verdict */
static void check_result(const struct spf_query *query, const struct spf_result *result)
{
	fuzz_expect(result->result <= RESULT_PERMERROR && result->result != RESULT_POLICY);
	fuzz_expect(result->reason != NULL && is_printable(result->reason));
	fuzz_expect(result->domain != NULL && result->sender != NULL);
	fuzz_expect(result->lookups <= SPF_LOOKUPS_MAX + 1);
	fuzz_expect(result->void_lookups <= SPF_VOID_LOOKUPS_MAX + 1);
	fuzz_expect(result->lookups <= SPF_LOOKUPS_MAX || result->result == RESULT_PERMERROR);
	fuzz_expect(result->void_lookups <= SPF_VOID_LOOKUPS_MAX ||
		    result->result == RESULT_PERMERROR);
	fuzz_expect(result->explanation == NULL ||
		    (result->result == RESULT_FAIL && is_printable(result->explanation)));
	fuzz_expect(query->client.family != 0);
}

/* check_received - what DMARC reads in our Received-SPF field is the result, or nothing */
static void check_received(struct pool *pool, const struct spf_query *query,
			   const struct spf_result *result)
{
	static const struct dmarc_trust trust = {.id = RECEIVER, .hops = 1};
	const char *text =
	    pool_printf(pool, "%s\nReceived: x\n\n", spf_received_field(pool, query, result));
	struct message *message = message_new();
	struct dmarc_input input;
	struct error error;

	fuzz_expect(
	    message_read_header(message, source_of_fd(fuzz_file(1, slice_of(text))), &error));
	fuzz_expect(message_field_count(message) == 2);
	dmarc_input_gather(pool, message, &trust, NULL, &input);
	if (input.spf != NULL) {
		fuzz_expect(result->identity == SPF_MAILFROM || query->sender[0] == '\0');
		fuzz_expect(input.spf->result == result->result);
		fuzz_expect(fuzz_same_text(input.spf->domain, result->domain));
	}
	message_free(message);
}

/* check - one identity, twice: the answers that are remembered change nothing */
static void check(struct pool *pool, const struct spf_query *query, enum spf_identity identity,
		  struct dns *dns)
{
	struct dns_budget budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	struct spf_result result;
	struct spf_result again;

	spf_check(pool, query, identity, dns, &budget, NULL, &result);
	fuzz_expect(budget.queries != 0);
	check_result(query, &result);
	if (result.domain[0] != '\0')
		check_received(pool, query, &result);
	budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	spf_check(pool, query, identity, dns, &budget, NULL, &again);
	fuzz_expect(again.result == result.result);
	fuzz_expect(again.lookups == result.lookups);
	fuzz_expect(again.void_lookups == result.void_lookups);
	fuzz_expect(fuzz_same_text(again.reason, result.reason));
	fuzz_expect(fuzz_same_text(again.mechanism, result.mechanism));
	fuzz_expect(fuzz_same_text(again.explanation, result.explanation));
}

/* lint - the domain of the sender */
static void lint(struct pool *pool, const char *subject, struct dns *dns)
{
	struct dns_budget budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	struct spf_lint result;
	struct error error;

	if (!spf_lint(pool, subject, dns, &budget, &result, &error))
		return;
	for (size_t i = 0; i < result.findings.count; i++) {
		fuzz_expect(is_printable(result.findings.items[i].text));
		fuzz_expect(result.findings.items[i].remedy != NULL);
		fuzz_expect(is_printable(result.findings.items[i].remedy));
	}
	if (result.corrected != NULL) {
		struct spf_record record;

		fuzz_expect(is_printable(result.corrected));
		fuzz_expect(spf_record_parse(pool, slice_of(result.corrected), &record));
	}
	for (size_t i = 0; i < result.line_count; i++)
		fuzz_expect(is_printable(result.lines[i].text));
}

/* open_flat - a zone with nothing but what is to be published */
static struct dns *open_flat(const struct spf_flat *flat)
{
	struct buffer text;
	struct error error;
	struct dns *dns;

	buffer_init(&text, SIZE_MAX);
	for (size_t i = 0; i < flat->count; i++) {
		const struct spf_flat_record *record = &flat->records[i];

		buffer_printf(&text, "%s. TXT \"", record->owner);
		for (size_t j = 0; record->text[j] != '\0'; j++)
			buffer_printf(&text, "%s\\%03u",
				      j > 0 && j % TXT_STRING_LEN == 0 ? "\" \"" : "",
				      (unsigned)(unsigned char)record->text[j]);
		buffer_add_text(&text, "\"\n");
	}
	dns = dns_open_zone(fuzz_path(2, buffer_slice(&text)), NULL, &error);
	fuzz_expect(dns != NULL);
	buffer_free(&text);
	return dns;
}

/* check_flat - a record without names says of the client what the one with names says */
static void check_flat(struct pool *pool, const struct spf_query *query,
		       const struct spf_flat *flat, struct dns *dns)
{
	struct dns_budget budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	struct dns *published = open_flat(flat);
	struct spf_result with_names, without;

	spf_check(pool, query, SPF_HELO, dns, &budget, NULL, &with_names);
	budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	spf_check(pool, query, SPF_HELO, published, &budget, NULL, &without);
	if (with_names.result != RESULT_TEMPERROR && with_names.result != RESULT_PERMERROR &&
	    without.lookups <= SPF_LOOKUPS_MAX)
		fuzz_expect(without.result == with_names.result);
	dns_close(published);
}

/* flatten - what is to be published can be read */
static void flatten(struct pool *pool, const struct spf_query *query, struct dns *dns)
{
	struct dns_budget budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	struct spf_record record;
	struct spf_flat flat;
	struct error error;

	if (!spf_flatten(pool, query->helo, dns, &budget, &flat, &error))
		return;
	for (size_t i = 0; i < flat.count; i++)
		fuzz_expect(spf_record_parse(pool, slice_of(flat.records[i].text), &record));
	if (flat.kept_count == 0)
		check_flat(pool, query, &flat, dns);
}

/* next_line - of the first part, as text */
static const char *next_line(struct pool *pool, struct slice *rest)
{
	struct slice line = slice_of(NULL);

	slice_cut(rest, '\n', &line);
	return slice_copy(pool, line);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct slice lines = fuzz_part(&input);
	const char *client = next_line(pool, &lines);
	struct spf_query query = {
	    .helo = next_line(pool, &lines),
	    .sender = next_line(pool, &lines),
	    .receiver = RECEIVER,
	    .now = 1234567890,
	};
	struct error error;
	struct dns *dns = dns_open_zone(fuzz_path(0, input), NULL, &error);

	if (dns != NULL && ip_address_parse(slice_of(client), &query.client)) {
		check(pool, &query, SPF_MAILFROM, dns);
		check(pool, &query, SPF_HELO, dns);
		lint(pool, query.helo, dns);
		flatten(pool, &query, dns);
		lint(pool, next_line(pool, &lines), dns);
	}
	dns_close(dns);
	pool_free(pool);
}
