/*
 * zone_record - the types of records, and what each has as data; see dns/zone_record.h
 *
 * RFC 1035 section 5.1 (master files), RFC 3597 section 5 (TYPEnnn, CLASSnnn).
 */
#include "dns/zone_record.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "dns/txt_strings.h"

#define TTL_MAX    2147483647U /* RFC 2181 section 8 */
#define NUMBER_MAX 65535U      /* of a type, a class or a preference: 16 bits */

/* One reader for each type: the data of a record. */
typedef bool data_reader(struct zone_reader *reader, struct dns_record *record);

/* read_address - the text form of an address */
static bool read_address(struct zone_reader *reader, int family, void *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct zone_word word;

	if (!zone_need_word(reader, &word, "address"))
		return false;
	if (word.text.len < sizeof(text))
		memcpy(text, word.text.data, word.text.len);
	return inet_pton(family, text, address) == 1 ||
	       zone_fail_word(reader, "not an address:", &word);
}

static bool read_a(struct zone_reader *reader, struct dns_record *record)
{
	return read_address(reader, AF_INET, &record->a);
}

static bool read_aaaa(struct zone_reader *reader, struct dns_record *record)
{
	return read_address(reader, AF_INET6, &record->aaaa);
}

/* read_target - CNAME and PTR */
static bool read_target(struct zone_reader *reader, struct dns_record *record)
{
	return zone_need_name(reader, &record->name);
}

static bool read_mx(struct zone_reader *reader, struct dns_record *record)
{
	unsigned long long preference;
	struct zone_word word;

	if (!zone_need_word(reader, &word, "preference"))
		return false;
	if (!slice_to_number(word.text, NUMBER_MAX, &preference))
		return zone_fail_word(reader, "not a preference:", &word);
	record->mx.preference = (uint16_t)preference;
	return zone_need_name(reader, &record->mx.exchange);
}

/* is_short - a name server loads no longer string, so a test must not either */
static bool is_short(struct zone_reader *reader, size_t octets)
{
	return octets <= ZONE_STRING_MAX ||
	       zone_fail(
		   reader,
		   "a character-string of %zu octets, name servers take at most %d (RFC 1035 3.3): "
		   "divide it into several, each in quotes, with blanks between them",
		   octets, ZONE_STRING_MAX);
}

/* add_string - one character-string, escapes resolved */
static bool add_string(struct zone_reader *reader, const struct zone_word *word,
		       struct buffer *text)
{
	struct slice rest = word->text;
	size_t before = text->len;
	bool escaped;
	char octet;

	if (!word->quoted && slice_is(rest, "\\#"))
		return zone_fail(reader, "generic data (RFC 3597) are not supported");
	while (rest.len != 0) {
		size_t plain = slice_find(rest, '\\');

		buffer_add(text, rest.data, plain);
		rest = slice_skip(rest, plain);
		if (rest.len == 0)
			break;
		if (!zone_take_octet(reader, &rest, &octet, &escaped))
			return false;
		buffer_add_byte(text, octet);
	}
	return is_short(reader, text->len - before);
}

static bool read_txt(struct zone_reader *reader, struct dns_record *record)
{
	struct buffer text;
	struct zone_word word;
	bool more = zone_need_word(reader, &word, "character-string");

	buffer_init(&text, DNS_ZONE_FILE_MAX);
	while (more && add_string(reader, &word, &text))
		more = zone_take_word(reader, &word);
	record->text = slice_from(slice_copy(reader->pool, buffer_slice(&text)), text.len);
	buffer_free(&text);
	return !reader->failed;
}

/* read_nothing - what stands in place of a type has no data */
static bool read_nothing(struct zone_reader *reader, struct dns_record *record)
{
	(void)record;
	return !reader->failed;
}

/* read_anything - data that are of no use here */
static bool read_anything(struct zone_reader *reader, struct dns_record *record)
{
	struct zone_word word;

	(void)record;
	while (zone_take_word(reader, &word))
		;
	return !reader->failed;
}

/* What may stand in place of a type. */
struct kind_spec {
	const char *word;
	int kind;
	data_reader *read;
};

static const struct kind_spec kinds[] = {
    {"A", DNS_A, read_a},
    {"AAAA", DNS_AAAA, read_aaaa},
    {"CNAME", DNS_CNAME, read_target},
    {"MX", DNS_MX, read_mx},
    {"PTR", DNS_PTR, read_target},
    {"TXT", DNS_TXT, read_txt},
    {"SERVFAIL", DNS_ZONE_SERVFAIL, read_nothing},
    {"TIMEOUT", DNS_ZONE_TIMEOUT, read_nothing},
    {"NXDOMAIN", DNS_ZONE_NXDOMAIN, read_nothing},
};

static const struct kind_spec other_kind = {"TYPE", DNS_ZONE_OTHER, read_anything};

/* Types that exist in the DNS and are of no use here; any other word is a typing error. */
static const char *const other_types[] = {
    "AFSDB",      "APL",        "CAA",  "CDNSKEY", "CDS",   "CERT",   "CSYNC", "DHCID",
    "DNAME",      "DNSKEY",     "DS",   "EUI48",   "EUI64", "HINFO",  "HIP",   "HTTPS",
    "IPSECKEY",   "KEY",        "KX",   "LOC",     "NAPTR", "NS",     "NSEC",  "NSEC3",
    "NSEC3PARAM", "OPENPGPKEY", "RP",   "RRSIG",   "SIG",   "SMIMEA", "SOA",   "SPF",
    "SRV",        "SSHFP",      "SVCB", "TLSA",    "URI",   "ZONEMD",
};

/* is_generic - RFC 3597 section 5: the prefix and a number of 16 bits */
static bool is_generic(struct slice text, const char *prefix, unsigned long long *number)
{
	return slice_starts_nocase(text, prefix) &&
	       slice_to_number(slice_skip(text, strlen(prefix)), NUMBER_MAX, number);
}

/* find_known - the type of a word, or of its number; NULL if we have no use for it */
static const struct kind_spec *find_known(struct slice text)
{
	unsigned long long number = 0;
	bool generic = is_generic(text, "TYPE", &number);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (slice_is_nocase(text, kinds[i].word) ||
		    (generic && kinds[i].kind == (int)number))
			return &kinds[i];
	}
	return generic ? &other_kind : NULL;
}

/* find_kind - what a word in place of a type means; NULL with an error */
static const struct kind_spec *find_kind(struct zone_reader *reader, const struct zone_word *word)
{
	const struct kind_spec *known = find_known(word->text);

	for (size_t i = 0; known == NULL && i < sizeof(other_types) / sizeof(other_types[0]); i++) {
		if (slice_is_nocase(word->text, other_types[i]))
			known = &other_kind;
	}
	if (known == NULL)
		zone_fail_word(reader, "unknown record type", word);
	return known;
}

bool zone_check_ttl(struct zone_reader *reader, const struct zone_word *word)
{
	struct slice rest = word->text;
	unsigned long long seconds;

	while (rest.len != 0) {
		size_t len = 0;

		while (len < rest.len && is_digit(rest.data[len]))
			len++;
		if (!slice_to_number(slice_from(rest.data, len), TTL_MAX, &seconds))
			break;
		rest = slice_skip(rest, len);
		if (rest.len != 0 && memchr("smhdw", byte_lower(rest.data[0]), 5) == NULL)
			break;
		rest = slice_skip(rest, rest.len != 0);
	}
	return (rest.len == 0 && word->text.len != 0) || zone_fail_word(reader, "not a TTL:", word);
}

/* is_class - RFC 1035 3.2.4; *internet tells if it is the one we have */
static bool is_class(struct slice text, bool *internet)
{
	unsigned long long number;

	*internet = slice_is_nocase(text, "IN") ||
		    (is_generic(text, "CLASS", &number) && number == ns_c_in);
	return *internet || slice_is_nocase(text, "CH") || slice_is_nocase(text, "HS") ||
	       is_generic(text, "CLASS", &number);
}

/* need_type - the type, after a TTL and a class in any order, each optional */
static bool need_type(struct zone_reader *reader, struct zone_word *word)
{
	bool has_ttl = false;
	bool has_class = false;
	bool internet;

	while (zone_need_word(reader, word, "record type")) {
		if (!has_ttl && word->text.len != 0 && is_digit(word->text.data[0])) {
			has_ttl = true;
			if (!zone_check_ttl(reader, word))
				return false;
		} else if (!has_class && is_class(word->text, &internet)) {
			has_class = true;
			if (!internet)
				return zone_fail_word(reader, "only class IN is supported, not",
						      word);
		} else {
			return true;
		}
	}
	return false;
}

bool zone_end_line(struct zone_reader *reader)
{
	struct zone_word word;

	if (zone_take_word(reader, &word))
		zone_fail_word(reader, "unexpected", &word);
	return !reader->failed;
}

bool zone_read_record(struct zone_reader *reader)
{
	struct dns_record record = {0};
	const struct kind_spec *kind;
	struct zone_word word;

	if (!need_type(reader, &word) || (kind = find_kind(reader, &word)) == NULL)
		return false;
	if (kind->kind > DNS_ZONE_OTHER)
		record.type = (enum dns_type)kind->kind;
	if (!kind->read(reader, &record) || !zone_end_line(reader))
		return false;
	dns_zone_add(reader->zone, &reader->owner, kind->kind, &record);
	return true;
}
