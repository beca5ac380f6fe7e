/*
 * dmarc - a record, a line "%%", a zone file, a line "%%", and a message
 *
 * The record is read, and looked at by the record checker. The message is judged by the zone, and
 * what is kept of that is written to a line of the history, read again and reported.
 */
#include "dmarc/judgement.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/counting.h"
#include "dmarc/destination.h"
#include "dmarc/dmarc_lint.h"
#include "dmarc/input.h"
#include "dmarc/record_text.h"
#include "fuzz.h"
#include "history/dmarc_row.h"
#include "mail/domain.h"
#include "report/aggregate_xml.h"

#define ID      "mx.example.net"
#define SECONDS 60
#define NOW     1700000000
#define URIS    4 /* of a record, that are verified */

static struct dns_budget budget_of_message(void)
{
	return dns_budget_for(SECONDS, DNS_QUERIES_MAX);
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* check_form - a record that can be used, in its one form, is read as what it was */
static void check_form(struct pool *pool, const struct dmarc_record *record)
{
	const char *text = dmarc_record_text(pool, record);
	const struct dmarc_record *again;

	fuzz_expect(dmarc_record_is(slice_of(text)));
	again = dmarc_record_parse(pool, slice_of(text));
	fuzz_expect(again->usable == record->usable);
	fuzz_expect(again->p == record->p && again->sp == record->sp && again->np == record->np);
	fuzz_expect(again->psd == record->psd && again->testing == record->testing);
	fuzz_expect(again->dkim_strict == record->dkim_strict);
	fuzz_expect(again->spf_strict == record->spf_strict);
	fuzz_expect(fuzz_same_text(again->rua, record->rua));
	fuzz_expect(fuzz_same_text(again->ruf, record->ruf));
	fuzz_expect(fuzz_same_text(again->fo, record->fo));
	fuzz_expect(fuzz_same_text(dmarc_record_text(pool, again), text));
}

/* check_destination - an address in one domain, or blocked_reason */
static void check_destination(const struct dmarc_destination *destination)
{
	if (destination->blocked_reason != NULL)
		return;
	fuzz_expect(destination->address != NULL && destination->host != NULL);
	fuzz_expect(strpbrk(destination->address, " \t\r\n") == NULL);
}

/* check_destinations - where reports on the record's domain would go */
static void check_destinations(struct pool *pool, const char *value, const char *domain,
			       struct dns *dns)
{
	struct dns_budget budget = budget_of_message();
	struct dmarc_discovery *discovery = dmarc_discovery_new(pool, dns, &budget, NULL);
	struct dmarc_destinations list;
	struct dmarc_destinations instead;
	const char *name;

	dmarc_destinations_parse(pool, slice_of(value), &list);
	for (size_t i = 0; i < list.count; i++) {
		check_destination(&list.items[i]);
		if (i >= URIS || list.items[i].blocked_reason != NULL)
			continue;
		dmarc_destination_verify(pool, discovery, dns, &budget, domain, &list.items[i],
					 &instead, &name);
		for (size_t j = 0; j < instead.count; j++)
			fuzz_expect(domain_equal(instead.items[j].host, list.items[i].host));
	}
}

/* check_record - a text that may be a record */
static void check_record(struct pool *pool, struct slice text, struct dns *dns)
{
	struct dns_budget budget = budget_of_message();
	const struct dmarc_record *record;
	struct dmarc_lint lint;
	struct error error;

	if (dmarc_lint(pool, slice_copy(pool, text), dns, &budget, &lint, &error)) {
		for (size_t i = 0; i < lint.findings.count; i++)
			fuzz_expect(is_printable(lint.findings.items[i].text));
	}
	if (!dmarc_record_is(text))
		return;
	record = dmarc_record_parse(pool, text);
	fuzz_expect(is_printable(record->text));
	if (record->usable)
		check_form(pool, record);
	if (record->rua != NULL)
		check_destinations(pool, record->rua, "example.com", dns);
}

/* check_result - what holds for every verdict */
static void check_result(const struct dmarc_input *input, const struct dmarc_result *result)
{
	const struct author *author = &input->author;

	fuzz_expect(author->count + author->guess_count <= AUTHOR_DOMAINS_MAX);
	fuzz_expect((author->count == 0) == (author->kind == AUTHOR_NONE));
	fuzz_expect((author->count > 1) == (author->kind == AUTHOR_SEVERAL));
	fuzz_expect(author->reason != NULL || author->kind == AUTHOR_EXACT);
	fuzz_expect(result->reason != NULL && is_printable(result->reason));
	fuzz_expect(result->query_count <= 2 * DMARC_WALK_MAX);
	fuzz_expect(result->result != RESULT_PASS || !author->incomplete);
	fuzz_expect((result->record == NULL) == (result->policy_domain == NULL));
	/* What cannot be judged is not treated better than what fails. */
	if (result->result == RESULT_PERMERROR)
		fuzz_expect(result->disposition >= DMARC_DISPOSITION_QUARANTINE);
	if (result->result == RESULT_PASS)
		fuzz_expect(result->disposition == DMARC_DISPOSITION_NONE);
	if (result->policy_domain != NULL)
		fuzz_expect(domain_is_within(result->author_domain, result->policy_domain));
	if (result->org_domain != NULL)
		fuzz_expect(domain_is_within(result->author_domain, result->org_domain));
}

/* check_row - to a line and back, and into a report */
static void check_row(struct pool *pool, const struct history_row *row)
{
	const struct aggregate_report report = {
	    .submitter = &(struct report_submitter){"org", "a@example.net", NULL, "example.net"},
	    .id = "1",
	    .policy_domain = row->policy_domain,
	    .policy = dmarc_record_parse(pool, slice_of(row->policy_record))};
	struct history_texts texts;
	struct history_texts again;
	struct history_row read;
	struct buffer xml;
	const char *line;

	history_row_write(pool, row, &texts);
	line = history_line_write(pool, &texts);
	fuzz_expect(strchr(line, '\n') == NULL);
	fuzz_expect(history_line_read(pool, slice_of(line), &again));
	fuzz_expect(history_row_read(pool, &again, &read));
	fuzz_expect(read.day == row->day && read.count == row->count);
	fuzz_expect(read.dkim_count == row->dkim_count && read.reason_count == row->reason_count);
	history_row_write(pool, &read, &texts);
	fuzz_expect(fuzz_same_text(history_line_write(pool, &texts), line));
	buffer_init(&xml, SIZE_MAX);
	report_xml_head(&xml, &report);
	report_xml_record(&xml, &report, &read);
	report_xml_tail(&xml);
	fuzz_expect(fuzz_is_xml(buffer_slice(&xml)));
	buffer_free(&xml);
}

/* local_rules - of a site that knows a list, and believes a sealer */
static struct dmarc_local_rules local_rules(struct pool *pool)
{
	struct dmarc_local_rules rules = {.forwarders = NULL, .at_most = DMARC_POLICY_QUARANTINE};
	struct host_list *lists = host_list_new(pool);
	struct host_list *sealers = host_list_new(pool);
	struct error error;

	fuzz_expect(host_list_add(lists, slice_of(".lists.example.org"), &error));
	fuzz_expect(host_list_add(sealers, slice_of("list.example"), &error));
	rules.lists = lists;
	rules.sealers = sealers;
	return rules;
}

/* check_sealed - only for the one author that the chain names, and by sealers that are believed */
static void check_sealed(const struct dmarc_input *input, const struct dmarc_result *result,
			 const struct dmarc_overrides *overrides)
{
	const struct dmarc_chain *chain = &input->arc;

	for (size_t i = 0; i < overrides->count; i++) {
		if (overrides->reasons[i].type != DMARC_TRUSTED_FORWARDER)
			continue;
		fuzz_expect(chain->result == RESULT_PASS && chain->sealer_count != 0);
		fuzz_expect(input->author.count == 1);
		fuzz_expect(domain_equal(chain->author, input->author.domains[0]));
		fuzz_expect(domain_equal(chain->author, result->author_domain));
		for (size_t j = 0; j < chain->sealer_count; j++)
			fuzz_expect(domain_equal(chain->sealers[j], "list.example"));
	}
}

/* judge - a message */
static void judge(struct pool *pool, const struct message *message, struct dns *dns)
{
	static const struct dmarc_trust trust = {.id = ID, .hops = 1};
	static const struct dmarc_demands demands = {.no_author = DMARC_DISPOSITION_QUARANTINE};
	struct dns_budget budget = budget_of_message();
	struct dmarc_local_rules rules = local_rules(pool);
	struct dmarc_overrides overrides = {.count = 0};
	struct dmarc_input input;
	struct dmarc_result result;
	struct history_row row;
	struct ip_address address;
	const struct dmarc_client client = {.address = &address, .name = "mail.example.net"};

	fuzz_expect(ip_address_parse(slice_of("2001:db8::1"), &address));
	dmarc_input_gather(pool, message, &trust, NULL, &input);
	dmarc_judge(pool, &input, &demands, dns, &budget, NULL, &result);
	check_result(&input, &result);
	dmarc_except(pool, &rules, message, client, &input, &result, &overrides);
	fuzz_expect(overrides.count <= DMARC_REASONS_MAX);
	check_sealed(&input, &result, &overrides);
	if (dmarc_uncounted(pool, message, &input, &result, "reports@example.net") != NULL)
		return;
	fuzz_expect(result.record != NULL);
	dmarc_history_row(pool, &input, &result, &overrides, &address, NOW, &row);
	check_row(pool, &row);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct slice record = fuzz_part(&input);
	struct slice zone = fuzz_part(&input);
	struct message *message = message_new();
	struct error error;
	struct dns *dns = dns_open_zone(fuzz_path(0, zone), NULL, &error);

	if (dns != NULL) {
		check_record(pool, record, dns);
		if (message_read_header(message, source_of_fd(fuzz_file(1, input)), &error))
			judge(pool, message, dns);
	}
	message_free(message);
	dns_close(dns);
	pool_free(pool);
}
