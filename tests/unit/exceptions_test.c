/*
 * exceptions_test - local exceptions, messages that are not counted, rows of the history
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "dmarc/counting.h"
#include "history/dmarc_row.h"
#include "tap.h"

#define LIST_FIELD "List-Id: \"Devs <x.test>\" (c) <dev.lists.example.net>\n"
#define MANY       500

static struct pool *pool;

/* message_of - a message with these fields */
static struct message *message_of(const char *fields)
{
	const char *text = pool_printf(pool, "%s\nbody\n", fields);
	struct message *message = message_new();
	struct error error;
	int fd = memfd_create("test", 0);

	if (fd < 0 || !io_write(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error)) {
		printf("Bail out! no message\n");
		exit(1);
	}
	close(fd);
	return message;
}

/* list_of - a list with one entry */
static const struct host_list *list_of(const char *entry)
{
	struct host_list *list = host_list_new(pool);
	struct error error;

	host_list_add(list, slice_of(entry), &error);
	return list;
}

/* One case: what is known of a message, and what becomes of its disposition. */
struct example {
	const char *name;
	const char *fields;
	const char *client;
	const char *forwarder; /* entries of the lists, or NULL */
	const char *list;
	enum dmarc_policy at_most;
	const char *signer; /* of a signature that passed, or NULL */
	enum dmarc_disposition before;
	enum dmarc_disposition after;
	const char *reason; /* the last one; NULL: there is none */
};

#define LIST  "dev.lists.example.net"
#define NONE  DMARC_DISPOSITION_NONE
#define JUNK  DMARC_DISPOSITION_QUARANTINE
#define LOSE  DMARC_DISPOSITION_REJECT
#define UNSET DMARC_POLICY_UNSET

static const struct example examples[] = {
    {"no rule, no exception", LIST_FIELD, "192.0.2.1", NULL, NULL, UNSET, NULL, LOSE, LOSE, NULL},
    {"a trusted forwarder", "", "192.0.2.1", "192.0.2.0/24", NULL, UNSET, NULL, LOSE, NONE,
     "trusted_forwarder"},
    {"a forwarder by name", "", "198.51.100.1", ".forwarder.test", NULL, UNSET, NULL, LOSE, NONE,
     "trusted_forwarder"},
    {"another client", "", "198.51.100.1", "192.0.2.0/24", NULL, UNSET, NULL, LOSE, LOSE, NULL},
    {"an unknown client", "", "", "192.0.2.0/24", NULL, UNSET, NULL, LOSE, LOSE, NULL},
    {"a forwarder of mail that asks for nothing", "", "192.0.2.1", "192.0.2.1", NULL, UNSET, NULL,
     NONE, NONE, NULL},
    {"a known list whose host has signed", LIST_FIELD, "", NULL, LIST, UNSET, "lists.example.net",
     LOSE, NONE, "mailing_list"},
    {"a domain of known lists", LIST_FIELD, "", NULL, ".example.net", UNSET, "example.net", JUNK,
     NONE, "mailing_list"},
    {"a known list, unsigned: anybody can write a List-Id", LIST_FIELD, "", NULL, LIST, UNSET, NULL,
     LOSE, LOSE, NULL},
    {"a known list, signed by somebody else", LIST_FIELD, "", NULL, LIST, UNSET, "evil.test", LOSE,
     LOSE, NULL},
    {"a known list, signed by a name below it", LIST_FIELD, "", NULL, LIST, UNSET,
     "x.dev.lists.example.net", LOSE, LOSE, NULL},
    {"a known list, signed by the top-level domain", LIST_FIELD, "", NULL, LIST, UNSET, "net", LOSE,
     LOSE, NULL},
    {"an unknown list", LIST_FIELD, "", NULL, "other.example.net", UNSET, "example.net", LOSE, LOSE,
     NULL},
    {"two List-Ids", LIST_FIELD LIST_FIELD, "", NULL, LIST, UNSET, "example.net", LOSE, LOSE, NULL},
    {"a List-Id in a comment", "List-Id: (<dev.lists.example.net>)\n", "", NULL, LIST, UNSET,
     "example.net", LOSE, LOSE, NULL},
    {"a List-Id in a phrase", "List-Id: \"<dev.lists.example.net>\" <x.test>\n", "", NULL, LIST,
     UNSET, "example.net", LOSE, LOSE, NULL},
    {"text after the List-Id", "List-Id: <dev.lists.example.net> x\n", "", NULL, LIST, UNSET,
     "example.net", LOSE, LOSE, NULL},
    {"an unfinished List-Id", "List-Id: <dev.lists.example.net\n", "", NULL, LIST, UNSET,
     "example.net", LOSE, LOSE, NULL},
    {"our limit", "", "", NULL, NULL, DMARC_POLICY_QUARANTINE, NULL, LOSE, JUNK, "local_policy"},
    {"our limit is not met", "", "", NULL, NULL, DMARC_POLICY_QUARANTINE, NULL, JUNK, JUNK, NULL},
    {"our limit is none", "", "", NULL, NULL, DMARC_POLICY_NONE, NULL, JUNK, NONE, "local_policy"},
};

static void test_example(const struct example *example)
{
	const struct dmarc_local_rules rules = {
	    .forwarders = example->forwarder != NULL ? list_of(example->forwarder) : NULL,
	    .lists = example->list != NULL ? list_of(example->list) : NULL,
	    .at_most = example->at_most,
	};
	const struct dmarc_identifier signature = {.result = RESULT_PASS,
						   .domain = example->signer};
	const struct dmarc_input input = {.author_domain = "example.org",
					  .dkim = &signature,
					  .dkim_count = example->signer != NULL ? 1 : 0};
	struct dmarc_result result = {
	    .result = RESULT_FAIL, .reason = "", .disposition = example->before};
	struct message *message = message_of(example->fields);
	struct dmarc_overrides overrides;
	struct ip_address address;
	const struct dmarc_client client = {.address = &address, .name = "mail.forwarder.test"};
	const char *reason = NULL;

	ip_address_parse(slice_of(example->client), &address);
	dmarc_except(pool, &rules, message, client, &input, &result, &overrides);
	if (overrides.count > 0)
		reason = dmarc_override_word(overrides.reasons[overrides.count - 1].type);
	is_number(result.disposition, example->after, example->name);
	is_text(reason, example->reason, "and its reason");
	message_free(message);
}

static void test_test_mode(void)
{
	const struct dmarc_local_rules rules = {.at_most = DMARC_POLICY_NONE};
	const struct dmarc_input input = {.author_domain = "example.org"};
	const struct ip_address address = {.family = 0};
	const struct dmarc_client client = {.address = &address};
	const struct dmarc_record record = {.p = DMARC_POLICY_REJECT};
	struct dmarc_result result = {
	    .result = RESULT_FAIL, .disposition = JUNK, .test_mode = true};
	struct message *message = message_of("");
	struct dmarc_overrides overrides;

	dmarc_except(pool, &rules, message, client, &input, &result, &overrides);
	is_number((long long)overrides.count, 2, "test mode and our limit are two reasons");
	is_number(overrides.reasons[0].type, DMARC_POLICY_TEST_MODE, "test mode first");
	result = (struct dmarc_result){.result = RESULT_TEMPERROR, .record = &record};
	dmarc_except(pool, &rules, message, client, &input, &result, &overrides);
	is_number(overrides.reasons[0].type, DMARC_OTHER, "a temperror is told as another reason");
	message_free(message);
}

/* uncounted_from - for a message with these fields and this domain in MAIL FROM */
static const char *uncounted_from(const char *envelope_from, const char *fields,
				  enum result verdict)
{
	const struct dmarc_input input = {.envelope_from = envelope_from};
	const struct dmarc_record record = {.p = DMARC_POLICY_REJECT};
	const struct dmarc_result result = {.result = verdict, .record = &record};
	struct message *message = message_of(fields);
	const char *why = dmarc_uncounted(pool, message, &input, &result, "Reports@MX.test");

	message_free(message);
	return why;
}

/* uncounted - the same if nobody knows MAIL FROM */
static const char *uncounted(const char *fields, enum result verdict)
{
	return uncounted_from(NULL, fields, verdict);
}

static void test_uncounted(void)
{
	const struct dmarc_input input = {.envelope_from = NULL};
	const struct dmarc_result none = {.result = RESULT_NONE};
	struct message *message = message_of("");

	is_text(dmarc_uncounted(pool, message, &input, &none, NULL), "no policy",
		"without a policy");
	message_free(message);
	is_text(uncounted("Subject: x\n", RESULT_PASS), NULL, "a common message is counted");
	is_text(uncounted("Auto-Submitted: auto-generated\n", RESULT_FAIL), NULL,
		"an automatic one, too: a spoof can say that it is");
	is_text(uncounted("Return-Path: <>\n", RESULT_FAIL), NULL, "so is one like a bounce");
	is_text(uncounted("Subject:  report domain: a.test\n Submitter: b.test\n", RESULT_PASS),
		"an aggregate report", "an aggregate report is not");
	is_text(uncounted("Subject: Report Domain: a.test\n", RESULT_FAIL), NULL,
		"a forged one is counted");
	is_text(uncounted("From: Us <reports@mx.TEST>\n", RESULT_PASS), "a report of our own",
		"our own reports are not");
	is_text(uncounted("Return-Path: <>\nTo: reports@mx.test\n", RESULT_PASS),
		"a bounce to the report address", "nor bounces of them");
	is_text(uncounted_from("", "To: reports@mx.test\n", RESULT_PASS),
		"a bounce to the report address", "so is one of a known null sender");
	is_text(uncounted_from("mx.test", "To: reports@mx.test\n", RESULT_PASS), NULL,
		"but not of another sender");
	is_text(uncounted("From: Us <reports@mx.test>\n", RESULT_FAIL), NULL,
		"a spoof of our own address is counted");
	is_text(uncounted("Return-Path: <>\nTo: reports+20261122a.b@mx.test\n", RESULT_FAIL),
		"a bounce to the report address", "with the name of the mail in it");
	is_text(uncounted("Return-Path: <>\nTo: reports@mx.test, alice@mx.test\n", RESULT_FAIL),
		NULL, "not with others beside it");
	is_text(uncounted("Return-Path: <>\nTo: reports@mx.test\nCc: alice@mx.test\n", RESULT_FAIL),
		NULL, "nor in Cc");
	is_text(uncounted("Received: from a (b [192.0.2.1]) by mx.test for <alice@mx.test>; x\n"
			  "Return-Path: <>\nTo: reports@mx.test\n",
			  RESULT_FAIL),
		NULL, "what our own mail system says of the recipient counts");
	is_text(uncounted("Received: from a (b [192.0.2.1]) by mx.test for <reports@mx.test>; x\n"
			  "Return-Path: <>\nTo: you\n",
			  RESULT_FAIL),
		"a bounce to the report address", "also if To says something else");
	is_text(
	    uncounted("Content-Type: multipart/report; report-type=feedback-report\n", RESULT_PASS),
	    "a failure report", "failure reports of others are not counted");
	is_text(
	    uncounted("Content-Type: multipart/report; report-type=feedback-report\n", RESULT_FAIL),
	    NULL, "unless they are forged");
	is_text(uncounted("Return-Path: <>\nTo: alice@mx.test\n", RESULT_PASS), NULL,
		"bounces to others are counted");
	is_text(uncounted("Return-Path: <a@x.test>\nTo: reports@mx.test\n", RESULT_PASS), NULL,
		"and mail to the report address");
}

static void test_row(void)
{
	struct dmarc_identifier dkim[MANY];
	const struct dmarc_identifier spf = {.result = RESULT_NEUTRAL, .domain = "b.example.org"};
	struct dmarc_input input = {
	    .author_domain = "a.example.org", .spf = &spf, .dkim = dkim, .dkim_count = MANY};
	const struct dmarc_record record = {.p = DMARC_POLICY_REJECT, .psd = 'u', .fo = "0"};
	struct dmarc_result result = {.result = RESULT_PASS,
				      .author_domain = "a.example.org",
				      .org_domain = "example.org",
				      .policy_domain = "example.org",
				      .policy_tag = "p",
				      .policy = DMARC_POLICY_REJECT,
				      .disposition = NONE,
				      .record = &record};
	const struct dmarc_overrides overrides = {.count = 0};
	struct ip_address client;
	struct history_row row;

	for (size_t i = 0; i < MANY; i++)
		dkim[i] = (struct dmarc_identifier){
		    .result = RESULT_FAIL,
		    .domain = "example.org",
		    .selector = pool_printf(pool, "s%zu", i),
		};
	dkim[7] = (struct dmarc_identifier){.result = RESULT_PASS, .domain = "other.test"};
	dkim[8].result = RESULT_PASS;
	dkim[9] = (struct dmarc_identifier){
	    .result = RESULT_PASS, .domain = "a.example.org", .selector = "x y\nz"};
	dkim[10] = (struct dmarc_identifier){.result = RESULT_PASS, .domain = NULL};
	dkim[11] = dkim[7];
	ip_address_parse(slice_of("[IPv6:2001:DB8::1]"), &client);
	dmarc_history_row(pool, &input, &result, &overrides, &client, 86400 * 20000 + 86399, &row);
	is_number(row.day, 20000, "the day ends with its last second");
	is_text(row.source, "2001:db8::1", "the address is in its short form");
	is_text(row.disposition, "pass", "a pass under an enforcing policy is told as such");
	is_number((long long)row.dkim_count, HISTORY_SIGNATURES_MAX, "no more than 100 signatures");
	is_text(row.dkim[0].domain, "a.example.org", "the one of the author domain is first");
	is_text(row.dkim[0].selector, "", "what is no selector is not kept");
	is_text(row.dkim[1].selector, "s8", "then one of the organization");
	is_text(row.dkim[2].domain, "other.test", "then others that passed");
	is_number(row.dkim[3].result, RESULT_FAIL, "each once, then those that did not");
	result.policy = DMARC_POLICY_NONE;
	dmarc_history_row(pool, &input, &result, &overrides, &client, 0, &row);
	is_text(row.disposition, "none", "a pass under p=none is none");
}

int main(void)
{
	pool = pool_new();
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		test_example(&examples[i]);
	test_test_mode();
	test_uncounted();
	test_row();
	pool_free(pool);
	return done();
}
