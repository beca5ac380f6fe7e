/*
 * dns_packet - what a name server sends: the type asked for, then the packet
 *
 * The question is for example.com with the ID of the packet, so that it depends on the rest
 * whether it is an answer.
 */
#include "dns/packet.h"

#include <string.h>

#include "base/pool.h"
#include "fuzz.h"

static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_PTR, DNS_TXT};

/* check_name - of a record: something that fits into text, escapes included */
static void check_name(const char *name)
{
	fuzz_expect(strlen(name) <= 4 * DNS_NAME_SIZE);
}

static void check_record(const struct dns_record *record, enum dns_type type)
{
	fuzz_expect(record->type == type);
	switch (type) {
	case DNS_MX: check_name(record->mx.exchange); break;
	case DNS_PTR:
	case DNS_CNAME: check_name(record->name); break;
	case DNS_TXT: fuzz_expect(record->text.data[record->text.len] == '\0'); break;
	default: break;
	}
}

static void check_reply(const struct dns_reply *reply, enum dns_type type)
{
	const struct dns_answer *answer = &reply->answer;

	fuzz_expect(reply->links <= DNS_CNAME_MAX);
	fuzz_expect((answer->status == DNS_FOUND) == (answer->count != 0));
	fuzz_expect(answer->status == DNS_FOUND || answer->status == DNS_NODATA ||
		    answer->status == DNS_NXDOMAIN || answer->status == DNS_SERVFAIL);
	fuzz_expect(!reply->continues || answer->status == DNS_NODATA);
	for (size_t i = 0; i < answer->count; i++)
		check_record(&answer->records[i], type);
}

/* is_same - a second reading finds the same */
static bool is_same(const struct dns_reply *a, const struct dns_reply *b)
{
	if (a->answer.status != b->answer.status || a->answer.count != b->answer.count ||
	    a->links != b->links || a->continues != b->continues ||
	    (a->continues && !dns_name_equal(&a->target, &b->target)))
		return false;
	for (size_t i = 0; i < a->answer.count; i++) {
		if (!fuzz_same_record(&a->answer.records[i], &b->answer.records[i]))
			return false;
	}
	return true;
}

void fuzz_one(struct slice input)
{
	struct dns_question question = {
	    .type = types[fuzz_choice(&input) % (sizeof(types) / sizeof(types[0]))]};
	struct pool *pool = pool_new();
	struct dns_reply reply = {.links = 0};
	struct dns_reply again = {.links = 0};
	uint16_t id = 0;
	enum dns_verdict verdict;

	if (input.len >= NS_INT16SZ)
		id = (uint16_t)ns_get16((const unsigned char *)input.data);
	fuzz_expect(dns_name_of_text(&question.name, "example.com"));
	verdict = dns_packet_read(pool, input, &question, id, &reply);
	fuzz_expect(verdict == dns_packet_read(pool, input, &question, id, &again));
	if (verdict == DNS_VERDICT_ANSWER)
		check_reply(&reply, question.type);
	fuzz_expect(is_same(&reply, &again));
	pool_free(pool);
}
