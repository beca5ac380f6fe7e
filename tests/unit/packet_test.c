/*
 * packet_test - queries as octets, and responses made by hand, the hostile ones above all
 */
#include "dns/packet.h"

#include <stdlib.h>
#include <time.h>

#include "base/pool.h"
#include "tap.h"

#define ID          0x1234
#define RESPONSE    0x8180     /* a response, recursion desired and available */
#define TO_QUESTION "\xc0\x0c" /* a pointer to the name of the question */

/* A response under construction. */
struct message {
	struct buffer octets;
	unsigned counts[ns_s_max];
};

static void add16(struct buffer *octets, unsigned value)
{
	buffer_add_byte(octets, (char)(value >> 8));
	buffer_add_byte(octets, (char)value);
}

/* start - header and question; what it asks is "q.example" */
static struct message start(unsigned flags, enum dns_type type)
{
	struct message message = {.counts = {1, 0, 0, 0}};

	buffer_init(&message.octets, 100000);
	add16(&message.octets, ID);
	add16(&message.octets, flags);
	buffer_add(&message.octets, "\0\0\0\0\0\0\0\0", 8);
	buffer_add(&message.octets, "\1q\7example", 11);
	add16(&message.octets, type);
	add16(&message.octets, ns_c_in);
	return message;
}

/* add_full - one record with all its parts */
static void add_full(struct message *message, ns_sect section, struct slice owner, unsigned type,
		     unsigned class, unsigned ttl, struct slice data)
{
	buffer_add_slice(&message->octets, owner);
	add16(&message->octets, type);
	add16(&message->octets, class);
	add16(&message->octets, ttl >> 16);
	add16(&message->octets, ttl);
	add16(&message->octets, (unsigned)data.len);
	buffer_add_slice(&message->octets, data);
	message->counts[section]++;
}

/* bytes - a slice of a literal that may contain NUL octets */
#define bytes(literal) slice_from(literal, sizeof(literal) - 1)

/* add - one record of the answer section */
static void add(struct message *message, struct slice owner, unsigned type, struct slice data)
{
	add_full(message, ns_s_an, owner, type, ns_c_in, 60, data);
}

/* put_counts - into the header */
static void put_counts(struct message *message)
{
	for (size_t i = 0; i < ns_s_max; i++) {
		message->octets.data[4 + 2 * i] = (char)(message->counts[i] >> 8);
		message->octets.data[5 + 2 * i] = (char)message->counts[i];
	}
}

static struct dns_question question_of(const char *name, enum dns_type type)
{
	struct dns_question question = {.type = type};

	dns_name_of_text(&question.name, name);
	return question;
}

/* read_exactly - from memory that ends where the packet ends, for the sanitizer to see */
static enum dns_verdict read_exactly(struct pool *pool, struct slice packet,
				     const struct dns_question *question, struct dns_reply *reply)
{
	char *copy = malloc(packet.len);
	enum dns_verdict verdict;

	memcpy(copy, packet.data, packet.len);
	verdict = dns_packet_read(pool, slice_from(copy, packet.len), question, ID, reply);
	free(copy);
	return verdict;
}

/* read_message - completes, reads and releases it */
static enum dns_verdict read_message(struct pool *pool, struct message *message, enum dns_type type,
				     struct dns_reply *reply)
{
	struct dns_question question = question_of("Q.example", type);
	enum dns_verdict verdict;

	put_counts(message);
	verdict = read_exactly(pool, buffer_slice(&message->octets), &question, reply);
	buffer_free(&message->octets);
	return verdict;
}

/* is_verdict - a message is worth this */
static void is_verdict(struct message *message, enum dns_type type, enum dns_verdict verdict,
		       const char *claim)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};

	is_number(read_message(pool, message, type, &reply), verdict, claim);
	pool_free(pool);
}

/* is_answer - a message is an answer with this status */
static void is_answer(struct message *message, enum dns_type type, enum dns_status status,
		      const char *claim)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	enum dns_verdict verdict = read_message(pool, message, type, &reply);

	ok(verdict == DNS_VERDICT_ANSWER && reply.answer.status == status && !reply.continues, "%s",
	   claim);
	pool_free(pool);
}

static void test_query(void)
{
	static const char wanted[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1" /* id, RD, counts */
				     "\1q\7example\0\0\x10\0\1"
				     "\0\0\x29\x04\xd0\0\0\0\0\0\0"; /* OPT, 1232 */
	struct dns_question question = question_of("Q.Example.", DNS_TXT);
	unsigned char packet[DNS_QUERY_SIZE];
	char name[254];
	size_t len = dns_packet_write_query(packet, &question, ID, true);

	ok(len == sizeof(wanted) - 1 && memcmp(packet, wanted, len) == 0, "a query with EDNS0");
	len = dns_packet_write_query(packet, &question, ID, false);
	ok(len == sizeof(wanted) - 1 - DNS_OPT_SIZE && packet[11] == 0 &&
	       memcmp(packet + 12, wanted + 12, len - 12) == 0,
	   "and without it");
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 == 0 ? 'a' : '.';
	name[sizeof(name) - 1] = '\0';
	question = question_of(name, DNS_TXT);
	is_number((long long)dns_packet_write_query(packet, &question, ID, true), DNS_QUERY_SIZE,
		  "the longest name fills the query");
}

static void test_records(void)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	struct message message = start(RESPONSE, DNS_MX);

	add(&message, bytes("\1Q\7EXAMPLE\0"), DNS_MX, bytes("\0\x0a\4Mail" TO_QUESTION));
	add(&message, bytes(TO_QUESTION), ns_t_rrsig, bytes("whatever"));
	add(&message, bytes("\5other" TO_QUESTION), DNS_MX, bytes("\0\1\0"));
	add_full(&message, ns_s_an, bytes(TO_QUESTION), DNS_MX, ns_c_chaos, 60, bytes("\0\2\0"));
	add(&message, bytes(TO_QUESTION), DNS_MX, bytes("\1\0\0"));
	is_number(read_message(pool, &message, DNS_MX, &reply), DNS_VERDICT_ANSWER, "MX records");
	is_number((long long)reply.answer.count, 2, "those of other names, types, classes are not");
	is_number(reply.answer.records[0].mx.preference, 10, "preference of the first");
	is_text(reply.answer.records[0].mx.exchange, "mail.q.example", "its compressed exchange");
	is_number(reply.answer.records[1].mx.preference, 256, "preference of the second");
	is_text(reply.answer.records[1].mx.exchange, "", "its exchange, the root");

	message = start(RESPONSE, DNS_A);
	add(&message, bytes(TO_QUESTION), DNS_A, bytes("\xc0\0\2\1"));
	read_message(pool, &message, DNS_A, &reply);
	ok(reply.answer.count == 1 && memcmp(&reply.answer.records[0].a, "\xc0\0\2\1", 4) == 0,
	   "an A record");
	message = start(RESPONSE, DNS_AAAA);
	add(&message, bytes(TO_QUESTION), DNS_AAAA, bytes("0123456789abcdef"));
	read_message(pool, &message, DNS_AAAA, &reply);
	ok(reply.answer.count == 1 &&
	       memcmp(&reply.answer.records[0].aaaa, "0123456789abcdef", 16) == 0,
	   "an AAAA record");
	message = start(RESPONSE, DNS_PTR);
	add(&message, bytes(TO_QUESTION), DNS_PTR, bytes("\6a.b\0 c\3NET\0"));
	read_message(pool, &message, DNS_PTR, &reply);
	ok(reply.answer.count == 1 &&
	       strcmp(reply.answer.records[0].name, "a\\046b\\000 c.net") == 0,
	   "a PTR record; what text cannot carry is shown by number");
	pool_free(pool);
}

static void test_txt(void)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	struct message message = start(RESPONSE, DNS_TXT);
	struct buffer large;

	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes("\3a\0b\0\2cd"));
	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes("\0"));
	read_message(pool, &message, DNS_TXT, &reply);
	ok(reply.answer.count == 2 && reply.answer.records[0].text.len == 5 &&
	       memcmp(reply.answer.records[0].text.data, "a\0bcd", 6) == 0,
	   "strings are joined, NUL octets kept, a NUL after them");
	ok(reply.answer.records[1].text.len == 0 && *reply.answer.records[1].text.data == '\0',
	   "an empty string is a record");

	buffer_init(&large, 65000);
	for (unsigned i = 0; i < 250; i++) {
		buffer_add_byte(&large, '\xff');
		memset(buffer_reserve(&large, 255), 'x', 255);
		large.len += 255;
	}
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_TXT, buffer_slice(&large));
	read_message(pool, &message, DNS_TXT, &reply);
	ok(reply.answer.count == 1 && reply.answer.records[0].text.len == 250 * 255,
	   "a record of 64000 octets");
	buffer_free(&large);

	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes("\3abc\3de"));
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "a string longer than its record");
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes(""));
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "a record without a string");
	pool_free(pool);
}

static void test_malformed_data(void)
{
	static const struct {
		const char *claim;
		enum dns_type type;
		struct slice data;
	} cases[] = {
	    {"an A record of 3 octets", DNS_A, {"\1\2\3", 3}},
	    {"an A record of 5 octets", DNS_A, {"\1\2\3\4\5", 5}},
	    {"an AAAA record of 4 octets", DNS_AAAA, {"\1\2\3\4", 4}},
	    {"an MX record of 1 octet", DNS_MX, {"\0", 1}},
	    {"an MX record without a name", DNS_MX, {"\0\1", 2}},
	    {"an MX record with octets after the name", DNS_MX, {"\0\1\1a\0x", 6}},
	    {"a name beyond its record", DNS_PTR, {"\5abc", 4}},
	    {"a pointer beyond the packet", DNS_PTR, {"\xff\xff", 2}},
	    {"a pointer to itself", DNS_PTR, {"\xc0\x27", 2}},
	    {"a pointer cut in half", DNS_PTR, {"\xc0", 1}},
	    {"a label of a reserved type",
	     DNS_PTR,
	     {"\x80"
	      "a\0",
	      3}},
	    {"a PTR record without a name", DNS_PTR, {"", 0}},
	    {"a CNAME that points to itself", DNS_CNAME, {"\xc0\x27", 2}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct message message = start(RESPONSE, cases[i].type);

		add(&message, bytes(TO_QUESTION), cases[i].type, cases[i].data);
		is_verdict(&message, cases[i].type, DNS_VERDICT_FAILURE, cases[i].claim);
	}
}

static void test_names(void)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	struct message message = start(RESPONSE, DNS_PTR);
	struct buffer name;

	buffer_init(&name, 300);
	for (unsigned i = 0; i < 4; i++)
		buffer_printf(&name, "%c%0*d", i < 3 ? 63 : 61, i < 3 ? 63 : 61, 0);
	buffer_add_byte(&name, '\0');
	is_number((long long)name.len, 255, "(a name of 255 octets)");
	add(&message, bytes(TO_QUESTION), DNS_PTR, buffer_slice(&name));
	read_message(pool, &message, DNS_PTR, &reply);
	ok(reply.answer.count == 1 && strlen(reply.answer.records[0].name) == 253,
	   "the longest name is read");
	name.data[192] = 62;
	name.data[254] = '0';
	buffer_add_byte(&name, '\0');
	message = start(RESPONSE, DNS_PTR);
	add(&message, bytes(TO_QUESTION), DNS_PTR, buffer_slice(&name));
	is_verdict(&message, DNS_PTR, DNS_VERDICT_FAILURE, "one of 256 octets is not");
	buffer_free(&name);

	pool_free(pool);
}

/* test_octets - libresolv shows names as text in between, which must not change them */
static void test_octets(void)
{
	struct pool *pool = pool_new();
	unsigned found = 0;

	for (unsigned octet = 0; octet < 256; octet++) {
		char target[] = {4, 'a', (char)octet, 'b', 'c', '\xc0', '\x0c'};
		char owner[] = {4, 'A', (char)octet, 'B', 'C', '\xc0', '\x0c'};
		struct message message = start(RESPONSE, DNS_TXT);
		struct dns_reply reply = {0};

		add(&message, bytes(TO_QUESTION), DNS_CNAME, slice_from(target, sizeof(target)));
		add(&message, slice_from(owner, sizeof(owner)), DNS_TXT, bytes("\1x"));
		read_message(pool, &message, DNS_TXT, &reply);
		found += reply.answer.count == 1;
	}
	is_number(found, 256, "a chain leads through names with any octet in a label");
	pool_free(pool);
}

static void test_verdicts(void)
{
	static const struct {
		const char *claim;
		unsigned flags;
		enum dns_verdict verdict;
	} cases[] = {
	    {"a query is no response", 0x0100, DNS_VERDICT_FOREIGN},
	    {"nor is another operation", 0xa980, DNS_VERDICT_FOREIGN},
	    {"FORMERR is a rejection", 0x8181, DNS_VERDICT_REJECTED},
	    {"SERVFAIL is a failure", 0x8182, DNS_VERDICT_FAILURE},
	    {"NOTIMP is a rejection", 0x8184, DNS_VERDICT_REJECTED},
	    {"REFUSED is a failure", 0x8185, DNS_VERDICT_FAILURE},
	    {"so is an unknown code", 0x818b, DNS_VERDICT_FAILURE},
	    {"TC says truncated", 0x8380, DNS_VERDICT_TRUNCATED},
	    {"SERVFAIL counts more than TC", 0x8382, DNS_VERDICT_FAILURE},
	    {"a referral is no answer", 0x8100, DNS_VERDICT_FAILURE},
	};
	struct message message;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message = start(cases[i].flags, DNS_TXT);
		is_verdict(&message, DNS_TXT, cases[i].verdict, cases[i].claim);
	}
	message = start(RESPONSE, DNS_TXT);
	is_answer(&message, DNS_TXT, DNS_NODATA, "no record, no error: NODATA");
	message = start(0x8500, DNS_TXT);
	is_answer(&message, DNS_TXT, DNS_NODATA, "also from an authoritative server");
	message = start(RESPONSE | ns_r_nxdomain, DNS_TXT);
	is_answer(&message, DNS_TXT, DNS_NXDOMAIN, "NXDOMAIN");
	message = start(RESPONSE, DNS_TXT);
	add_full(&message, ns_s_ar, bytes("\0"), ns_t_opt, 1232, 0, bytes(""));
	is_answer(&message, DNS_TXT, DNS_NODATA, "an OPT record without extended code");
	message = start(RESPONSE, DNS_TXT);
	add_full(&message, ns_s_ar, bytes("\0"), ns_t_opt, 1232, 1U << 24, bytes(""));
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "an extended code is not NODATA");
	message = start(0x8380, DNS_TXT);
	message.counts[ns_s_an] = 3;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_TRUNCATED, "a truncated packet may lack records");
}

/* is_for - does a response to "q.example" belong to another question or id? */
static enum dns_verdict is_for(const char *name, enum dns_type type, uint16_t id, unsigned flags)
{
	struct pool *pool = pool_new();
	struct dns_question question = question_of(name, type);
	struct message message = start(flags, DNS_TXT);
	struct dns_reply reply = {0};
	enum dns_verdict verdict;

	put_counts(&message);
	verdict = dns_packet_read(pool, buffer_slice(&message.octets), &question, id, &reply);
	buffer_free(&message.octets);
	pool_free(pool);
	return verdict;
}

static void test_foreign(void)
{
	struct message message;

	is_number(is_for("q.example", DNS_TXT, ID, RESPONSE), DNS_VERDICT_ANSWER, "(ours)");
	is_number(is_for("q.example", DNS_TXT, ID + 1, RESPONSE), DNS_VERDICT_FOREIGN, "wrong id");
	is_number(is_for("r.example", DNS_TXT, ID, RESPONSE), DNS_VERDICT_FOREIGN, "wrong name");
	is_number(is_for("example", DNS_TXT, ID, RESPONSE), DNS_VERDICT_FOREIGN, "shorter name");
	is_number(is_for("q.example", DNS_A, ID, RESPONSE), DNS_VERDICT_FOREIGN, "wrong type");
	is_number(is_for("r.example", DNS_TXT, ID, RESPONSE | ns_r_servfail), DNS_VERDICT_FOREIGN,
		  "wrong name in an error");
	message = start(RESPONSE, DNS_TXT);
	message.octets.data[message.octets.len - 1] = ns_c_chaos;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FOREIGN, "wrong class");
	message = start(RESPONSE, DNS_TXT);
	message.counts[ns_s_qd] = 0;
	message.octets.len = NS_HFIXEDSZ;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FOREIGN, "an answer without the question");
	message = start(RESPONSE | ns_r_formerr, DNS_TXT);
	message.counts[ns_s_qd] = 0;
	message.octets.len = NS_HFIXEDSZ;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_REJECTED, "FORMERR needs no question");
	message = start(RESPONSE, DNS_TXT);
	message.counts[ns_s_qd] = 2;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FOREIGN, "two questions");
}

/* test_cut - as if the octets that are missing were right after the packet */
static void test_cut(void)
{
	struct pool *pool = pool_new();
	struct dns_question question = question_of("q.example", DNS_TXT);
	struct message message = start(RESPONSE, DNS_TXT);
	struct dns_reply reply = {0};
	unsigned foreign = 0;

	put_counts(&message);
	for (size_t len = 0; len < message.octets.len; len++) {
		struct slice packet = slice_from(message.octets.data, len);

		foreign +=
		    dns_packet_read(pool, packet, &question, ID, &reply) == DNS_VERDICT_FOREIGN;
	}
	is_number(foreign, (long long)message.octets.len,
		  "a packet that is cut in header or question is not ours");
	buffer_free(&message.octets);
	pool_free(pool);
}

static void test_lying_counts(void)
{
	struct message message = start(RESPONSE, DNS_TXT);

	message.counts[ns_s_an] = 1;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "a record is announced and missing");
	message = start(RESPONSE, DNS_TXT);
	message.counts[ns_s_an] = 65535;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "65535 are");
	message = start(RESPONSE, DNS_TXT);
	message.counts[ns_s_ar] = 65535;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "in the additional section");
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes("\1x"));
	message.counts[ns_s_an] = 0;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "a record is not announced");
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_TXT, bytes("\1x"));
	message.octets.data[message.octets.len - 3] = 100;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "data longer than the packet");
	message = start(RESPONSE | ns_r_nxdomain, DNS_TXT);
	message.counts[ns_s_ns] = 1;
	is_verdict(&message, DNS_TXT, DNS_VERDICT_FAILURE, "a broken NXDOMAIN");
}

/* add_link - a CNAME record from one number to another, below the question's name */
static void add_link(struct message *message, unsigned from, unsigned to)
{
	char owner[] = {2, (char)('a' + from / 26), (char)('a' + from % 26), '\xc0', '\x0c'};
	char target[] = {2, (char)('a' + to / 26), (char)('a' + to % 26), '\xc0', '\x0c'};

	add(message, from == 0 ? bytes(TO_QUESTION) : slice_from(owner, sizeof(owner)), DNS_CNAME,
	    slice_from(target, sizeof(target)));
}

/* chain_of - so many links, the last first, and a record at the end unless it is cut off */
static struct message chain_of(unsigned links, unsigned flags, bool whole)
{
	struct message message = start(flags, DNS_TXT);
	char end[] = {2, (char)('a' + links / 26), (char)('a' + links % 26), '\xc0', '\x0c'};

	if (whole)
		add(&message, slice_from(end, sizeof(end)), DNS_TXT, bytes("\3end"));
	for (unsigned i = links; i > 0; i--)
		add_link(&message, i - 1, i);
	return message;
}

static void test_chains(void)
{
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	struct message message = chain_of(3, RESPONSE, true);

	read_message(pool, &message, DNS_TXT, &reply);
	ok(reply.answer.count == 1 && slice_is(reply.answer.records[0].text, "end"),
	   "a chain of CNAMEs is followed, whatever their order");
	is_number(reply.links, 3, "its links are counted");
	message = chain_of(1, RESPONSE, true);
	read_message(pool, &message, DNS_CNAME, &reply);
	message = start(RESPONSE, DNS_CNAME);
	add_link(&message, 0, 1);
	reply = (struct dns_reply){0};
	read_message(pool, &message, DNS_CNAME, &reply);
	ok(reply.answer.count == 1 && strcmp(reply.answer.records[0].name, "ab.q.example") == 0 &&
	       !reply.continues,
	   "a CNAME that was asked for is the answer");
	message = chain_of(2, RESPONSE, false);
	reply = (struct dns_reply){0};
	is_number(read_message(pool, &message, DNS_TXT, &reply), DNS_VERDICT_ANSWER,
		  "a chain that leads out of the packet");
	ok(reply.continues && reply.links == 2, "goes on");
	is_text(dns_name_text(pool, &reply.target), "ac.q.example", "with its last target");
	message = chain_of(DNS_CNAME_MAX - 2, RESPONSE, true);
	read_message(pool, &message, DNS_TXT, &reply);
	ok(reply.answer.status == DNS_FOUND && !reply.continues && reply.links == DNS_CNAME_MAX,
	   "as far as the limit over all packets");
	reply.links = 3;
	message = chain_of(DNS_CNAME_MAX - 2, RESPONSE, true);
	read_message(pool, &message, DNS_TXT, &reply);
	is_number(reply.answer.status, DNS_SERVFAIL, "and not beyond");
	message = chain_of(DNS_CNAME_MAX, RESPONSE, true);
	is_answer(&message, DNS_TXT, DNS_FOUND, "the longest chain");
	message = chain_of(DNS_CNAME_MAX + 1, RESPONSE, true);
	is_answer(&message, DNS_TXT, DNS_SERVFAIL, "one link more");
	message = chain_of(2, RESPONSE | ns_r_nxdomain, false);
	is_answer(&message, DNS_TXT, DNS_NXDOMAIN, "NXDOMAIN is about the end of the chain");
	message = start(RESPONSE, DNS_TXT);
	add_link(&message, 0, 1);
	add_link(&message, 1, 2);
	add_link(&message, 2, 1);
	is_answer(&message, DNS_TXT, DNS_SERVFAIL, "a loop");
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes(TO_QUESTION), DNS_CNAME, bytes(TO_QUESTION));
	is_answer(&message, DNS_TXT, DNS_SERVFAIL, "a loop of one");
	message = start(RESPONSE, DNS_TXT);
	add(&message, bytes("\5other" TO_QUESTION), DNS_CNAME, bytes("\1x\0"));
	is_answer(&message, DNS_TXT, DNS_NODATA, "a CNAME of another name leads nowhere");
	pool_free(pool);
}

/*
 * test_expensive - many records, each owner a long chain of pointers. The
 * verdict does not matter, the time does.
 */
static void test_expensive(void)
{
	struct message message = start(RESPONSE, DNS_TXT);
	clock_t begin = clock();
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	struct buffer pointers;
	unsigned at = (unsigned)message.octets.len + 12; /* of the data of the first record */

	buffer_init(&pointers, 16000);
	add16(&pointers, 0xc00c);
	for (unsigned i = 0; i < 7900; i++)
		add16(&pointers, 0xc000 | (at + 2 * i));
	add(&message, bytes(TO_QUESTION), ns_t_null, buffer_slice(&pointers));
	for (unsigned i = 0; i < 3700; i++) {
		char owner[] = {(char)(0xc0 | ((at + 15000) >> 8)), (char)((at + 15000) & 0xff)};

		add(&message, slice_from(owner, sizeof(owner)), DNS_TXT, bytes("\0"));
	}
	is_number(read_message(pool, &message, DNS_TXT, &reply), DNS_VERDICT_ANSWER,
		  "a packet with long chains of pointers is read");
	is_number((long long)reply.answer.count, 3700, "with all its records");
	ok((double)(clock() - begin) / CLOCKS_PER_SEC < 5, "in bounded time");
	buffer_free(&pointers);
	pool_free(pool);
}

/* fill - octets that follow no rule, the same in each run */
static void fill(char *octets, size_t len, unsigned state)
{
	for (size_t i = 0; i < len; i++) {
		state = state * 1103515245 + 12345;
		octets[i] = (char)(state >> 16);
	}
}

/* test_garbage - nothing is claimed but that it ends well */
static void test_garbage(void)
{
	struct dns_question question = question_of("q.example", DNS_TXT);
	struct message message = start(RESPONSE, DNS_TXT);
	size_t len = message.octets.len;
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	char *garbage = memory_alloc(NS_MAXMSG + 1);

	message.counts[ns_s_an] = 1000;
	put_counts(&message);
	for (unsigned round = 0; round < 50; round++) {
		fill(garbage, NS_MAXMSG, round);
		memcpy(garbage, message.octets.data, len);
		read_exactly(pool, slice_from(garbage, NS_MAXMSG), &question, &reply);
	}
	ok(true, "64 KiB of garbage after a right question");
	message.counts[ns_s_an] = 0;
	put_counts(&message);
	memcpy(garbage, message.octets.data, len);
	is_number(read_exactly(pool, slice_from(garbage, NS_MAXMSG + 1), &question, &reply),
		  DNS_VERDICT_FAILURE, "more than a message can be");
	buffer_free(&message.octets);
	free(garbage);
	pool_free(pool);
}

/* test_damage - the same for an answer with one bit wrong, or cut */
static void test_damage(void)
{
	struct dns_question question = question_of("q.example", DNS_TXT);
	struct message message = chain_of(3, RESPONSE, true);
	struct slice packet = buffer_slice(&message.octets);
	struct pool *pool = pool_new();
	struct dns_reply reply = {0};
	unsigned answers = 0;

	put_counts(&message);
	for (size_t i = 0; i < packet.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			message.octets.data[i] = (char)(message.octets.data[i] ^ 1 << bit);
			read_exactly(pool, packet, &question, &reply);
			message.octets.data[i] = (char)(message.octets.data[i] ^ 1 << bit);
		}
		answers += read_exactly(pool, slice_from(packet.data, i), &question, &reply) ==
			   DNS_VERDICT_ANSWER;
	}
	ok(true, "each bit of an answer turned over");
	is_number(answers, 0, "what is cut is no answer");
	buffer_free(&message.octets);
	pool_free(pool);
}

int main(void)
{
	test_query();
	test_records();
	test_txt();
	test_malformed_data();
	test_names();
	test_octets();
	test_verdicts();
	test_foreign();
	test_cut();
	test_lying_counts();
	test_chains();
	test_expensive();
	test_garbage();
	test_damage();
	return done();
}
