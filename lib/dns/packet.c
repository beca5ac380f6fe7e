/*
 * packet - names and messages on the wire; see packet.h
 *
 * RFC 1035 sections 2.3.4, 3.3 and 4, RFC 3596 (AAAA), RFC 6891 (EDNS0),
 * RFC 1034 section 3.6.2 (CNAME). Compression pointers are resolved by
 * libresolv, which gives up on a chain of them that is as long as the packet.
 */
#include "dns/packet.h"

#include <resolv.h>
#include <string.h>

#include "base/pool.h"

/* RFC 1035 4.1.1: the second word of the header */
#define FLAG_RESPONSE            0x8000
#define FLAG_AUTHORITATIVE       0x0400
#define FLAG_TRUNCATED           0x0200
#define FLAG_RECURSION_DESIRED   0x0100
#define FLAG_RECURSION_AVAILABLE 0x0080
#define MASK_OPCODE              0x7800
#define MASK_RCODE               0x000f

#define EXTENDED_RCODE_SHIFT 24 /* RFC 6891 6.1.3: the top octet of the OPT record's TTL */

bool dns_name_add_label(struct dns_name *name, const char *label, size_t len)
{
	if (len == 0 || len > NS_MAXLABEL || len + 1 > DNS_NAME_SIZE - name->len)
		return false;
	name->labels[name->len++] = (unsigned char)len;
	for (size_t i = 0; i < len; i++)
		name->labels[name->len++] = (unsigned char)byte_lower(label[i]);
	return true;
}

bool dns_name_of_text(struct dns_name *name, const char *text)
{
	struct slice rest = slice_of(text);
	struct slice label;

	name->len = 0;
	if (rest.len != 0 && rest.data[rest.len - 1] == '.')
		rest.len--;
	while (slice_cut(&rest, '.', &label)) {
		if (!dns_name_add_label(name, label.data, label.len))
			return false;
	}
	return name->len != 0;
}

/* add_octet - one octet of a label as text */
static void add_octet(struct buffer *text, unsigned char octet)
{
	if (octet == '.' || octet == '\0')
		buffer_printf(text, "\\%03u", octet);
	else
		buffer_add_byte(text, (char)octet);
}

const char *dns_name_text(struct pool *pool, const struct dns_name *name)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, DNS_NAME_SIZE * sizeof("\\046"));
	for (size_t i = 0; i < name->len;) {
		size_t end = i + 1 + name->labels[i];

		if (i != 0)
			buffer_add_byte(&text, '.');
		for (i++; i < end; i++)
			add_octet(&text, name->labels[i]);
	}
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->labels, b->labels, a->len) == 0;
}

/* name_of_wire - from an uncompressed name that libresolv has checked */
static void name_of_wire(struct dns_name *name, const unsigned char *wire)
{
	name->len = 0;
	while (*wire != 0 && dns_name_add_label(name, (const char *)wire + 1, *wire))
		wire += 1 + *wire;
}

/* put16 - RFC 1035 2.3.2: the high octet first */
static unsigned char *put16(unsigned char *at, unsigned value)
{
	ns_put16(value, at);
	return at + NS_INT16SZ;
}

/* put_opt - the OPT record: the root as its name, our payload size as its class */
static unsigned char *put_opt(unsigned char *at)
{
	*at++ = 0;
	at = put16(at, ns_t_opt);
	at = put16(at, DNS_UDP_PAYLOAD);
	memset(at, 0, NS_INT32SZ + NS_INT16SZ); /* version 0, no flags, no options */
	return at + NS_INT32SZ + NS_INT16SZ;
}

size_t dns_packet_write_query(unsigned char packet[DNS_QUERY_SIZE],
			      const struct dns_question *question, uint16_t id, bool edns)
{
	unsigned char *at = packet;

	at = put16(at, id);
	at = put16(at, FLAG_RECURSION_DESIRED);
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, edns);
	memcpy(at, question->name.labels, question->name.len);
	at += question->name.len;
	*at++ = 0;
	at = put16(at, question->type);
	at = put16(at, ns_c_in);
	if (edns)
		at = put_opt(at);
	return (size_t)(at - packet);
}

/* A packet that came back, and the question it should answer. */
struct response {
	const unsigned char *data;
	size_t len;
	const struct dns_question *question;
	unsigned flags;
	ns_msg message;
};

/* word_at - the 16-bit number at an offset that is known to be inside */
static unsigned word_at(const struct response *response, size_t offset)
{
	return ns_get16(response->data + offset);
}

/* question_count - QDCOUNT of the header */
static unsigned question_count(const struct response *response)
{
	return word_at(response, 2 * NS_INT16SZ);
}

/* repeats_question - is the one question in it ours? */
static bool repeats_question(const struct response *response)
{
	const unsigned char *start = response->data + NS_HFIXEDSZ;
	const unsigned char *end = response->data + response->len;
	unsigned char wire[NS_MAXCDNAME];
	struct dns_name name;
	int len = ns_name_unpack(response->data, end, start, wire, sizeof(wire));

	if (question_count(response) != 1 || len < 0 || end - start - len < NS_QFIXEDSZ)
		return false;
	name_of_wire(&name, wire);
	return dns_name_equal(&name, &response->question->name) &&
	       ns_get16(start + len) == (unsigned)response->question->type &&
	       ns_get16(start + len + NS_INT16SZ) == ns_c_in;
}

/* judge_rcode - what the header alone says */
static enum dns_verdict judge_rcode(const struct response *response)
{
	switch (response->flags & MASK_RCODE) {
	case ns_r_formerr:
	case ns_r_notimpl: return DNS_VERDICT_REJECTED;
	case ns_r_noerror:
	case ns_r_nxdomain:
		return (response->flags & FLAG_TRUNCATED) != 0 ? DNS_VERDICT_TRUNCATED
							       : DNS_VERDICT_ANSWER;
	default: return DNS_VERDICT_FAILURE;
	}
}

/*
 * judge_header - does it belong to our query, and what does it say? A server
 * that could not read the query sends no question back.
 */
static enum dns_verdict judge_header(struct response *response, uint16_t id)
{
	enum dns_verdict verdict;

	if (response->len < NS_HFIXEDSZ || word_at(response, 0) != id)
		return DNS_VERDICT_FOREIGN;
	response->flags = word_at(response, NS_INT16SZ);
	if ((response->flags & (FLAG_RESPONSE | MASK_OPCODE)) != FLAG_RESPONSE)
		return DNS_VERDICT_FOREIGN;
	verdict = judge_rcode(response);
	if (question_count(response) == 0 &&
	    (verdict == DNS_VERDICT_REJECTED || verdict == DNS_VERDICT_FAILURE))
		return verdict;
	return repeats_question(response) ? verdict : DNS_VERDICT_FOREIGN;
}

/* has_extended_error - an error whose number needs the OPT record (RFC 6891 6.1.3) */
static bool has_extended_error(struct response *response)
{
	int count = ns_msg_count(response->message, ns_s_ar);
	ns_rr rr;

	for (int i = 0; i < count; i++) {
		if (ns_parserr(&response->message, ns_s_ar, i, &rr) != 0)
			return true;
		if (ns_rr_type(rr) == ns_t_opt)
			return ns_rr_ttl(rr) >> EXTENDED_RCODE_SHIFT != 0;
	}
	return false;
}

/*
 * is_referral - a server that neither recurses nor knows the zone sends us
 * elsewhere; that must not look like "no such record"
 */
static bool is_referral(const struct response *response)
{
	return ns_msg_count(response->message, ns_s_an) == 0 &&
	       (response->flags & (FLAG_AUTHORITATIVE | FLAG_RECURSION_AVAILABLE)) == 0;
}

/* The data of a record, and what is needed to read it. */
struct rdata {
	const struct response *response;
	const unsigned char *data; /* in the response */
	size_t len;
};

/* A record of the answer section that may matter. */
struct answer_record {
	struct dns_name owner;
	unsigned type;
	struct rdata rdata;
};

struct answer_section {
	size_t count;
	struct answer_record *records;
};

/* collect_record - keeps a record of the type asked for, or a CNAME */
static bool collect_record(const struct response *response, const ns_rr *rr,
			   struct answer_section *section)
{
	struct answer_record *record = &section->records[section->count];
	unsigned char wire[NS_MAXCDNAME];

	if (rr->rr_class != ns_c_in ||
	    (rr->type != (unsigned)response->question->type && rr->type != ns_t_cname))
		return true;
	if (ns_name_pton(ns_rr_name(*rr), wire, sizeof(wire)) < 0)
		return false;
	name_of_wire(&record->owner, wire);
	record->type = rr->type;
	record->rdata =
	    (struct rdata){.response = response, .data = rr->rdata, .len = rr->rdlength};
	section->count++;
	return true;
}

/* collect - all records that may matter; false if the section is broken */
static bool collect(struct pool *scratch, struct response *response, struct answer_section *section)
{
	int count = ns_msg_count(response->message, ns_s_an);
	ns_rr rr;

	section->count = 0;
	section->records = pool_alloc(scratch, (size_t)count * sizeof(*section->records));
	for (int i = 0; i < count; i++) {
		if (ns_parserr(&response->message, ns_s_an, i, &rr) != 0 ||
		    !collect_record(response, &rr, section))
			return false;
	}
	return true;
}

/* next_record - the first record of a name and type from *index on, or NULL at the end */
static const struct answer_record *next_record(const struct answer_section *section, size_t *index,
					       const struct dns_name *owner, unsigned type)
{
	while (*index < section->count) {
		const struct answer_record *record = &section->records[(*index)++];

		if (record->type == type && dns_name_equal(&record->owner, owner))
			return record;
	}
	return NULL;
}

/* first_record - the same from the start */
static const struct answer_record *first_record(const struct answer_section *section,
						const struct dns_name *owner, unsigned type)
{
	size_t index = 0;

	return next_record(section, &index, owner, type);
}

/* read_target - the name that fills the data from an offset to its end */
static bool read_target(const struct rdata *rdata, size_t offset, struct dns_name *name)
{
	const struct response *response = rdata->response;
	unsigned char wire[NS_MAXCDNAME];
	int len;

	if (rdata->len < offset)
		return false;
	len = ns_name_unpack(response->data, response->data + response->len, rdata->data + offset,
			     wire, sizeof(wire));
	if (len < 0 || (size_t)len != rdata->len - offset)
		return false;
	name_of_wire(name, wire);
	return true;
}

/* One reader for each type: false if the data is not what the type demands. */
typedef bool rdata_reader(const struct rdata *rdata, struct pool *pool, struct dns_record *record);

/* copy_address - data that is an address of the right size */
static bool copy_address(const struct rdata *rdata, void *address, size_t size)
{
	if (rdata->len != size)
		return false;
	memcpy(address, rdata->data, size);
	return true;
}

/* read_a - RFC 1035 3.4.1 */
static bool read_a(const struct rdata *rdata, struct pool *pool, struct dns_record *record)
{
	(void)pool;
	return copy_address(rdata, &record->a, sizeof(record->a));
}

/* read_aaaa - RFC 3596 2.2 */
static bool read_aaaa(const struct rdata *rdata, struct pool *pool, struct dns_record *record)
{
	(void)pool;
	return copy_address(rdata, &record->aaaa, sizeof(record->aaaa));
}

/* read_packet_name - RFC 1035 3.3.1 and 3.3.12 */
static bool read_packet_name(const struct rdata *rdata, struct pool *pool,
			     struct dns_record *record)
{
	struct dns_name name;

	if (!read_target(rdata, 0, &name))
		return false;
	record->name = dns_name_text(pool, &name);
	return true;
}

/* read_mx - RFC 1035 3.3.9 */
static bool read_mx(const struct rdata *rdata, struct pool *pool, struct dns_record *record)
{
	struct dns_name name;

	if (!read_target(rdata, NS_INT16SZ, &name))
		return false;
	record->mx.preference = (uint16_t)ns_get16(rdata->data);
	record->mx.exchange = dns_name_text(pool, &name);
	return true;
}

/* read_txt - RFC 1035 3.3.14: one or more character-strings */
static bool read_txt(const struct rdata *rdata, struct pool *pool, struct dns_record *record)
{
	const unsigned char *at = rdata->data;
	size_t left = rdata->len;
	char *text = pool_alloc(pool, rdata->len + 1);
	size_t text_len = 0;

	while (left != 0) {
		size_t len = *at;

		if (len > left - 1)
			return false;
		memcpy(text + text_len, at + 1, len);
		text_len += len;
		at += 1 + len;
		left -= 1 + len;
	}
	record->text = slice_from(text, text_len);
	return rdata->len != 0;
}

static rdata_reader *const readers[] = {
    [DNS_A] = read_a,   [DNS_AAAA] = read_aaaa,       [DNS_CNAME] = read_packet_name,
    [DNS_MX] = read_mx, [DNS_PTR] = read_packet_name, [DNS_TXT] = read_txt,
};

/* read_records - all records of the name at the end of the chain; false if one is broken */
static bool read_records(struct pool *pool, const struct answer_section *section,
			 const struct dns_name *owner, enum dns_type type,
			 struct dns_answer *answer)
{
	const struct answer_record *from;
	struct dns_record *records = NULL;
	size_t count = 0;
	size_t index = 0;

	while ((from = next_record(section, &index, owner, type)) != NULL) {
		records = pool_grow(pool, records, count, sizeof(*records));
		records[count] = (struct dns_record){.type = type};
		if (!readers[type](&from->rdata, pool, &records[count++]))
			return false;
	}
	*answer = (struct dns_answer){.status = DNS_FOUND, .count = count, .records = records};
	return true;
}

/* set_status - an answer without records */
static enum dns_verdict set_status(struct dns_reply *reply, enum dns_status status)
{
	reply->answer = (struct dns_answer){.status = status};
	reply->continues = false;
	return DNS_VERDICT_ANSWER;
}

/*
 * follow - from the name asked for along CNAME records to the records of the
 * type; these may come in any order (RFC 1034 3.6.2)
 */
static enum dns_verdict follow(struct pool *pool, const struct answer_section *section,
			       const struct dns_question *question, struct dns_reply *reply)
{
	struct dns_reply end = {.links = reply->links, .target = question->name};
	const struct answer_record *alias;

	while (first_record(section, &end.target, question->type) == NULL &&
	       (alias = first_record(section, &end.target, ns_t_cname)) != NULL) {
		if (end.links++ == DNS_CNAME_MAX)
			return set_status(reply, DNS_SERVFAIL);
		if (!read_target(&alias->rdata, 0, &end.target))
			return DNS_VERDICT_FAILURE;
	}
	if (!read_records(pool, section, &end.target, question->type, &end.answer))
		return DNS_VERDICT_FAILURE;
	if (end.answer.count == 0)
		end.answer.status = DNS_NODATA;
	end.continues = end.answer.count == 0 && end.links != reply->links;
	*reply = end;
	return DNS_VERDICT_ANSWER;
}

/* read_answer - a response that claims to have the answer, whole */
static enum dns_verdict read_answer(struct pool *pool, struct response *response,
				    struct dns_reply *reply)
{
	struct answer_section section;
	enum dns_verdict verdict = DNS_VERDICT_FAILURE;
	struct pool *scratch;

	if (response->len > NS_MAXMSG ||
	    ns_initparse(response->data, (int)response->len, &response->message) != 0 ||
	    has_extended_error(response))
		return DNS_VERDICT_FAILURE;
	if ((response->flags & MASK_RCODE) == ns_r_nxdomain)
		return set_status(reply, DNS_NXDOMAIN);
	if (is_referral(response))
		return DNS_VERDICT_FAILURE;
	scratch = pool_new();
	if (collect(scratch, response, &section))
		verdict = follow(pool, &section, response->question, reply);
	pool_free(scratch);
	return verdict;
}

enum dns_verdict dns_packet_read(struct pool *pool, struct slice packet,
				 const struct dns_question *question, uint16_t id,
				 struct dns_reply *reply)
{
	struct response response = {
	    .data = (const unsigned char *)packet.data,
	    .len = packet.len,
	    .question = question,
	};
	enum dns_verdict verdict = judge_header(&response, id);

	return verdict == DNS_VERDICT_ANSWER ? read_answer(pool, &response, reply) : verdict;
}
