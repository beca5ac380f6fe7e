/*
 * dns_zone - a zone file, as people write it and as dig prints it
 *
 * What the zone answers, written as a zone file again, has to answer the same.
 */
#include "dns/zone_file.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "fuzz.h"
#include "mail/abnf.h"

#define OWNERS_MAX     8   /* that are asked for */
#define TXT_STRING_LEN 255 /* RFC 1035 3.3: a character-string */

static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_PTR, DNS_TXT};

/* The owners of a file, as far as they are names without a escape. */
struct owners {
	size_t count;
	struct dns_name names[OWNERS_MAX];
};

static void add_owner(struct pool *pool, struct owners *owners, struct slice word)
{
	struct dns_name *name = &owners->names[owners->count];

	*name = (struct dns_name){.len = 0};
	if (!dns_name_of_text(name, slice_copy(pool, word)))
		return;
	for (size_t i = 0; i < owners->count; i++) {
		if (dns_name_equal(&owners->names[i], name))
			return;
	}
	owners->count++;
}

/* find_owners - the first word of each line, and a name below it */
static void find_owners(struct pool *pool, struct slice text, struct owners *owners)
{
	struct slice line;
	size_t len;

	owners->count = 0;
	while (owners->count + 1 < OWNERS_MAX && slice_cut(&text, '\n', &line)) {
		for (len = 0; len < line.len && !is_wsp(line.data[len]);)
			len++;
		add_owner(pool, owners, slice_from(line.data, len));
		line = slice_of(pool_printf(pool, "a.%.*s", (int)len, line.data));
		add_owner(pool, owners, line);
	}
}

/* add_escaped - octets as "\DDD" but for those that never need it */
static void add_escaped(struct buffer *out, struct slice text, const char *plain)
{
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i];

		if (is_alnum(byte) || (byte != '\0' && strchr(plain, byte) != NULL))
			buffer_add_byte(out, byte);
		else
			buffer_printf(out, "\\%03u", (unsigned)(unsigned char)byte);
	}
}

static void add_name(struct buffer *out, const char *name)
{
	add_escaped(out, slice_of(name), ".-_*");
	buffer_add_text(out, ". ");
}

/* add_strings - a text, in as many strings as it needs, at least one */
static void add_strings(struct buffer *out, struct slice text)
{
	do {
		size_t len = text.len < TXT_STRING_LEN ? text.len : TXT_STRING_LEN;

		buffer_add_byte(out, '"');
		add_escaped(out, slice_from(text.data, len), " ");
		buffer_add_text(out, "\" ");
		text = slice_skip(text, len);
	} while (text.len > 0);
}

static void add_data(struct buffer *out, const struct dns_record *record)
{
	char address[INET6_ADDRSTRLEN];

	switch (record->type) {
	case DNS_A:
		inet_ntop(AF_INET, &record->a, address, sizeof(address));
		buffer_add_text(out, address);
		break;
	case DNS_AAAA:
		inet_ntop(AF_INET6, &record->aaaa, address, sizeof(address));
		buffer_add_text(out, address);
		break;
	case DNS_MX:
		buffer_printf(out, "%u ", record->mx.preference);
		add_name(out, record->mx.exchange);
		break;
	case DNS_TXT: add_strings(out, record->text); break;
	default: add_name(out, record->name);
	}
}

/* has_escape - the text of a name that has more octets than the name */
static bool has_escape(const struct dns_record *record)
{
	switch (record->type) {
	case DNS_MX: return strchr(record->mx.exchange, '\\') != NULL;
	case DNS_CNAME:
	case DNS_PTR: return strchr(record->name, '\\') != NULL;
	default: return false;
	}
}

/* ask - checks the answer */
static struct dns_answer ask(const struct dns_zone *zone, const struct dns_name *name,
			     enum dns_type type)
{
	struct dns_question question = {.name = *name, .type = type};
	struct dns_answer answer = dns_zone_ask(zone, &question);

	fuzz_expect((answer.status == DNS_FOUND) == (answer.count != 0));
	for (size_t i = 0; i < answer.count; i++)
		fuzz_expect(answer.records[i].type == type);
	return answer;
}

/* add_answer - as lines of a zone file; false if not all of it can be written */
static bool add_answer(struct buffer *out, struct pool *pool, const struct dns_name *owner,
		       const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		if (has_escape(&answer->records[i]))
			return false;
		add_name(out, dns_name_text(pool, owner));
		buffer_printf(out, "300 IN %s ", dns_type_word(answer->records[i].type));
		add_data(out, &answer->records[i]);
		buffer_add_byte(out, '\n');
	}
	return true;
}

/* check_again - one question to the zone and to what was made of its answer */
static void check_again(struct pool *pool, const struct dns_zone *zone,
			const struct dns_name *owner, enum dns_type type)
{
	struct dns_answer answer = ask(zone, owner, type);
	struct dns_answer same;
	struct dns_zone *again;
	struct error error;
	struct buffer text;

	buffer_init(&text, SIZE_MAX);
	if (answer.count != 0 && add_answer(&text, pool, owner, &answer)) {
		again = dns_zone_read(pool, fuzz_path(1, buffer_slice(&text)), &error);
		fuzz_expect(again != NULL);
		same = ask(again, owner, type);
		fuzz_expect(same.count == answer.count);
		for (size_t i = 0; i < answer.count; i++)
			fuzz_expect(fuzz_same_record(&answer.records[i], &same.records[i]));
	}
	buffer_free(&text);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct owners owners;
	struct error error;
	const char *path = fuzz_path(0, input);
	struct dns_zone *zone = dns_zone_read(pool, path, &error);

	if (zone == NULL) /* every error names file and line */
		fuzz_expect(strncmp(error.text, path, strlen(path)) == 0);
	find_owners(pool, input, &owners);
	for (size_t i = 0; zone != NULL && i < owners.count; i++) {
		for (size_t type = 0; type < sizeof(types) / sizeof(types[0]); type++)
			check_again(pool, zone, &owners.names[i], types[type]);
	}
	pool_free(pool);
}
