/*
 * dns_zone - a zone file that answers in place of the DNS; see dns_zone.h
 *
 * RFC 1035 section 5.1 (master files), RFC 4592 (wildcards and empty
 * non-terminals), RFC 3597 section 5 (TYPEnnn, CLASSnnn).
 *
 * Records are sorted by their owner's labels from the right. So the names below
 * a name follow it at once, and whether a name exists is one binary search.
 */
#include "dns_zone.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abnf.h"
#include "io.h"
#include "pool.h"

#define OCTET_MAX     255
#define ESCAPE_DIGITS 3                   /* of "\DDD" */
#define TTL_MAX       2147483647U         /* RFC 2181 section 8 */
#define NUMBER_MAX    65535U              /* of a type, a class or a preference: 16 bits */
#define LABELS_MAX    (DNS_NAME_SIZE / 2) /* each takes two octets at least */
#define KIND_FIRST    INT_MIN             /* before all kinds of entries */

/*
 * What stands in place of a type in a record: a type we know, or one of these,
 * which are no numbers of types. Entries of an owner are sorted by it.
 */
enum zone_kind {
	KIND_SERVFAIL = -3,
	KIND_TIMEOUT,
	KIND_NXDOMAIN,
	KIND_OTHER, /* any other type; only its owner matters */
};

/* The labels of a name from the right, each with its length before it. */
struct zone_key {
	size_t len;
	char octets[DNS_NAME_SIZE];
};

struct zone_entry {
	struct slice key;
	int kind;        /* enum dns_type or enum zone_kind */
	size_t sequence; /* keeps the order of the file among records of a type */
	struct dns_record record;
};

struct dns_zone {
	size_t count;
	struct zone_entry *entries; /* sorted */
	struct dns_record *records; /* those of the entries, in the same order */
};

/* A word of the file; escapes are still in it. */
struct word {
	struct slice text; /* without the quotes */
	bool quoted;
};

/* A file that is being read. */
struct reader {
	struct pool *pool;
	const char *path;
	struct error *error;
	struct slice rest; /* what was not read yet */
	size_t line;
	unsigned depth; /* of parentheses: line ends are white space inside */
	bool failed;
	bool has_origin;
	bool has_owner;
	struct dns_name origin; /* the root until $ORIGIN */
	struct dns_name owner;  /* of the last record */
	struct dns_zone *zone;
};

/* fail - keeps the first error; returns false */
__attribute__((format(printf, 2, 3))) static bool fail(struct reader *reader, const char *format,
						       ...)
{
	va_list args;
	char *text;

	if (reader->failed)
		return false;
	reader->failed = true;
	va_start(args, format);
	text = pool_vprintf(reader->pool, format, args);
	va_end(args);
	return error_set(reader->error, STATUS_CONFIG, "%s:%zu: %s", reader->path, reader->line,
			 text);
}

/* fail_word - the same about a word of the file */
static bool fail_word(struct reader *reader, const char *what, const struct word *word)
{
	return fail(reader, "%s '%.*s'", what, (int)word->text.len, word->text.data);
}

/* skip - over octets of the file */
static void skip(struct reader *reader, size_t count)
{
	reader->rest = slice_skip(reader->rest, count);
}

/* close_parenthesis - the end of a group; its line ends were white space */
static void close_parenthesis(struct reader *reader)
{
	if (reader->depth == 0)
		fail(reader, "unexpected ')'");
	else
		reader->depth--;
}

/* skip_gap - over what is between words; stops at a line end outside of parentheses */
static void skip_gap(struct reader *reader)
{
	while (reader->rest.len != 0 && !reader->failed) {
		size_t len = 1;

		switch (reader->rest.data[0]) {
		case ' ':
		case '\t':
		case '\r': break;
		case ';':
		case '#': len = slice_find(reader->rest, '\n'); break;
		case '(': reader->depth++; break;
		case ')': close_parenthesis(reader); break;
		case '\n':
			if (reader->depth == 0)
				return;
			reader->line++;
			break;
		default: return;
		}
		skip(reader, len);
	}
	if (reader->depth != 0)
		fail(reader, "'(' is not closed");
}

/* find_end - index of what ends a word or a quoted string; escaped characters do not */
static size_t find_end(struct slice s, size_t start, bool quoted)
{
	size_t i = start;

	while (i < s.len) {
		switch (s.data[i]) {
		case '"':
		case '\n': return i;
		case ' ':
		case '\t':
		case '\r':
		case ';':
		case '(':
		case ')':
			if (!quoted)
				return i;
			break;
		case '\\': i += i + 1 < s.len && s.data[i + 1] != '\n'; break;
		default: break;
		}
		i++;
	}
	return i;
}

/* take_word - the next word of the record; false at its end or on an error */
static bool take_word(struct reader *reader, struct word *word)
{
	struct slice rest;
	size_t end;

	skip_gap(reader);
	rest = reader->rest;
	if (reader->failed || rest.len == 0 || rest.data[0] == '\n')
		return false;
	word->quoted = rest.data[0] == '"';
	end = find_end(rest, word->quoted, word->quoted);
	if (word->quoted && (end == rest.len || rest.data[end] == '\n'))
		return fail(reader, "quoted string is not closed");
	word->text = slice_skip(slice_from(rest.data, end), word->quoted);
	skip(reader, end + word->quoted);
	return true;
}

/* need_word - the same where something must follow */
static bool need_word(struct reader *reader, struct word *word, const char *what)
{
	return take_word(reader, word) || fail(reader, "%s is missing", what);
}

/* take_octet - the next octet of a word; was it escaped? */
static bool take_octet(struct reader *reader, struct slice *rest, char *octet, bool *escaped)
{
	unsigned long long number;
	size_t len = 1;

	*escaped = rest->data[0] == '\\';
	*octet = rest->data[0];
	if (*escaped) {
		if (rest->len == 1)
			return fail(reader, "nothing behind '\\'");
		*octet = rest->data[1];
		len = 2;
	}
	if (*escaped && is_digit(*octet)) {
		len = 1 + ESCAPE_DIGITS;
		if (rest->len < len ||
		    !slice_to_number(slice_from(rest->data + 1, ESCAPE_DIGITS), OCTET_MAX, &number))
			return fail(reader, "'\\' needs three digits up to 255 behind it");
		*octet = (char)number;
	}
	*rest = slice_skip(*rest, len);
	return true;
}

/* append_origin - completes a name that was written without a trailing dot */
static bool append_origin(struct reader *reader, struct dns_name *name)
{
	const struct dns_name *origin = &reader->origin;

	if (origin->len > DNS_NAME_SIZE - name->len)
		return false;
	memcpy(name->labels + name->len, origin->labels, origin->len);
	name->len += origin->len;
	return true;
}

/* split_labels - a word into labels; is it absolute, with a dot at its end? */
static bool split_labels(struct reader *reader, struct slice text, struct dns_name *name,
			 bool *absolute)
{
	char label[NS_MAXLABEL + 1];
	size_t len = 0;
	bool escaped;

	*absolute = false;
	while (text.len != 0) {
		if (!take_octet(reader, &text, &label[len], &escaped))
			return false;
		*absolute = label[len] == '.' && !escaped;
		if (!*absolute && ++len > NS_MAXLABEL)
			return false;
		if (*absolute && !dns_name_add_label(name, label, len))
			return false;
		if (*absolute)
			len = 0;
	}
	return *absolute || dns_name_add_label(name, label, len);
}

/* read_name - RFC 1035 5.1: absolute, relative to the origin, or the origin itself */
static bool read_name(struct reader *reader, const struct word *word, struct dns_name *name)
{
	bool absolute = true;

	name->len = 0;
	if (slice_is(word->text, "@") && !word->quoted)
		return reader->has_origin ? append_origin(reader, name)
					  : fail(reader, "'@' without $ORIGIN");
	if (slice_is(word->text, "."))
		return true;
	if (!split_labels(reader, word->text, name, &absolute) ||
	    (!absolute && !append_origin(reader, name)))
		return fail_word(reader, "not a domain name:", word);
	return true;
}

/* need_name - the next word as the text of a name */
static bool need_name(struct reader *reader, const char **text)
{
	struct dns_name name;
	struct word word;

	if (!need_word(reader, &word, "domain name") || !read_name(reader, &word, &name))
		return false;
	*text = dns_name_text(reader->pool, &name);
	return true;
}

/* One reader for each type: the data of a record. */
typedef bool data_reader(struct reader *reader, struct dns_record *record);

/* read_address - the text form of an address */
static bool read_address(struct reader *reader, int family, void *address)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct word word;

	if (!need_word(reader, &word, "address"))
		return false;
	if (word.text.len < sizeof(text))
		memcpy(text, word.text.data, word.text.len);
	return inet_pton(family, text, address) == 1 || fail_word(reader, "not an address:", &word);
}

static bool read_a(struct reader *reader, struct dns_record *record)
{
	return read_address(reader, AF_INET, &record->a);
}

static bool read_aaaa(struct reader *reader, struct dns_record *record)
{
	return read_address(reader, AF_INET6, &record->aaaa);
}

/* read_target - CNAME and PTR */
static bool read_target(struct reader *reader, struct dns_record *record)
{
	return need_name(reader, &record->name);
}

static bool read_mx(struct reader *reader, struct dns_record *record)
{
	unsigned long long preference;
	struct word word;

	if (!need_word(reader, &word, "preference"))
		return false;
	if (!slice_to_number(word.text, NUMBER_MAX, &preference))
		return fail_word(reader, "not a preference:", &word);
	record->mx.preference = (uint16_t)preference;
	return need_name(reader, &record->mx.exchange);
}

/* add_string - one character-string, escapes resolved */
static bool add_string(struct reader *reader, const struct word *word, struct buffer *text)
{
	struct slice rest = word->text;
	bool escaped;
	char octet;

	if (!word->quoted && slice_is(rest, "\\#"))
		return fail(reader, "generic data (RFC 3597) are not supported");
	while (rest.len != 0) {
		size_t plain = slice_find(rest, '\\');

		buffer_add(text, rest.data, plain);
		rest = slice_skip(rest, plain);
		if (rest.len == 0)
			break;
		if (!take_octet(reader, &rest, &octet, &escaped))
			return false;
		buffer_add_byte(text, octet);
	}
	return true;
}

static bool read_txt(struct reader *reader, struct dns_record *record)
{
	struct buffer text;
	struct word word;
	bool more = need_word(reader, &word, "character-string");

	buffer_init(&text, DNS_ZONE_FILE_MAX);
	while (more && add_string(reader, &word, &text))
		more = take_word(reader, &word);
	record->text = slice_from(slice_copy(reader->pool, buffer_slice(&text)), text.len);
	buffer_free(&text);
	return !reader->failed;
}

/* read_nothing - what stands in place of a type has no data */
static bool read_nothing(struct reader *reader, struct dns_record *record)
{
	(void)record;
	return !reader->failed;
}

/* read_anything - data that are of no use here */
static bool read_anything(struct reader *reader, struct dns_record *record)
{
	struct word word;

	(void)record;
	while (take_word(reader, &word))
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
    {"SERVFAIL", KIND_SERVFAIL, read_nothing},
    {"TIMEOUT", KIND_TIMEOUT, read_nothing},
    {"NXDOMAIN", KIND_NXDOMAIN, read_nothing},
};

static const struct kind_spec other_kind = {"TYPE", KIND_OTHER, read_anything};

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
static const struct kind_spec *find_kind(struct reader *reader, const struct word *word)
{
	const struct kind_spec *known = find_known(word->text);

	for (size_t i = 0; known == NULL && i < sizeof(other_types) / sizeof(other_types[0]); i++) {
		if (slice_is_nocase(word->text, other_types[i]))
			known = &other_kind;
	}
	if (known == NULL)
		fail_word(reader, "unknown record type", word);
	return known;
}

/* check_ttl - seconds, or numbers with units as in 1h30m */
static bool check_ttl(struct reader *reader, const struct word *word)
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
	return (rest.len == 0 && word->text.len != 0) || fail_word(reader, "not a TTL:", word);
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

/* need_type - the type, behind a TTL and a class in any order, each optional */
static bool need_type(struct reader *reader, struct word *word)
{
	bool has_ttl = false;
	bool has_class = false;
	bool internet;

	while (need_word(reader, word, "record type")) {
		if (!has_ttl && word->text.len != 0 && is_digit(word->text.data[0])) {
			has_ttl = true;
			if (!check_ttl(reader, word))
				return false;
		} else if (!has_class && is_class(word->text, &internet)) {
			has_class = true;
			if (!internet)
				return fail_word(reader, "only class IN is supported, not", word);
		} else {
			return true;
		}
	}
	return false;
}

/* key_of - the labels from the right */
static void key_of(const struct dns_name *name, struct zone_key *key)
{
	size_t end = name->len;

	key->len = name->len;
	for (size_t at = 0; at < name->len; at += 1 + name->labels[at]) {
		size_t len = 1 + name->labels[at];

		end -= len;
		memcpy(key->octets + end, name->labels + at, len);
	}
}

static void add_entry(struct reader *reader, int kind, struct dns_record record)
{
	struct dns_zone *zone = reader->zone;
	struct zone_key key;

	key_of(&reader->owner, &key);
	zone->entries = pool_grow(reader->pool, zone->entries, zone->count, sizeof(*zone->entries));
	zone->entries[zone->count] = (struct zone_entry){
	    .key = slice_from(pool_copy(reader->pool, key.octets, key.len), key.len),
	    .kind = kind,
	    .sequence = zone->count,
	    .record = record,
	};
	zone->count++;
}

/* end_line - nothing may follow */
static bool end_line(struct reader *reader)
{
	struct word word;

	if (take_word(reader, &word))
		fail_word(reader, "unexpected", &word);
	return !reader->failed;
}

/* read_record - what follows an owner */
static bool read_record(struct reader *reader)
{
	struct dns_record record = {0};
	const struct kind_spec *kind;
	struct word word;

	if (!need_type(reader, &word) || (kind = find_kind(reader, &word)) == NULL)
		return false;
	if (kind->kind > KIND_OTHER)
		record.type = (enum dns_type)kind->kind;
	if (!kind->read(reader, &record) || !end_line(reader))
		return false;
	add_entry(reader, kind->kind, record);
	return true;
}

/* read_directive - RFC 1035 5.1 and RFC 2308 section 4 */
static bool read_directive(struct reader *reader, const struct word *directive)
{
	struct dns_name origin;
	struct word word;

	if (slice_is_nocase(directive->text, "$ORIGIN")) {
		if (!need_word(reader, &word, "domain name") || !read_name(reader, &word, &origin))
			return false;
		reader->origin = origin;
		reader->has_origin = true;
	} else if (slice_is_nocase(directive->text, "$TTL")) {
		if (!need_word(reader, &word, "TTL") || !check_ttl(reader, &word))
			return false;
	} else {
		return fail_word(reader, "unsupported directive", directive);
	}
	return end_line(reader);
}

/* read_line - a record, a directive or nothing; ends at the line end behind it */
static bool read_line(struct reader *reader)
{
	bool same_owner = is_wsp(reader->rest.data[0]);
	struct word word;

	skip_gap(reader);
	if (reader->failed || reader->rest.len == 0 || reader->rest.data[0] == '\n')
		return !reader->failed;
	if (same_owner)
		return reader->has_owner ? read_record(reader)
					 : fail(reader, "no owner before this record");
	if (!take_word(reader, &word))
		return false;
	if (slice_starts_nocase(word.text, "$"))
		return read_directive(reader, &word);
	reader->has_owner = read_name(reader, &word, &reader->owner);
	return reader->has_owner && read_record(reader);
}

/* read_lines - the whole file */
static bool read_lines(struct reader *reader)
{
	while (reader->rest.len != 0) {
		if (!read_line(reader))
			return false;
		if (reader->rest.len != 0) {
			skip(reader, 1);
			reader->line++;
		}
	}
	return true;
}

/* read_content - everything that is in the file */
static bool read_content(const char *path, struct buffer *content, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd != -1 ? 1 : -1;

	while (len > 0 && buffer_reserve(content, IO_CHUNK) != NULL) {
		len = io_read(fd, content->data + content->len, IO_CHUNK);
		content->len += len > 0 ? (size_t)len : 0;
	}
	if (len == -1)
		error_set(error, STATUS_CONFIG, "%s: %s", path, strerror(errno));
	else if (content->overflow)
		error_set(error, STATUS_CONFIG, "%s: larger than %u octets", path,
			  DNS_ZONE_FILE_MAX);
	if (fd != -1)
		close(fd);
	return len == 0;
}

/* compare_keys - whatever order, but a name comes before those below it, and they follow it */
static int compare_keys(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len != 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* compare_to - where an entry is in relation to a key and kind */
static int compare_to(const struct zone_entry *entry, struct slice key, int kind)
{
	int order = compare_keys(entry->key, key);

	return order != 0 ? order : (entry->kind > kind) - (entry->kind < kind);
}

static int compare_entries(const void *left, const void *right)
{
	const struct zone_entry *a = left;
	const struct zone_entry *b = right;
	int order = compare_to(a, b->key, b->kind);

	return order != 0 ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* sort_zone - makes it ready for questions */
static void sort_zone(struct pool *pool, struct dns_zone *zone)
{
	if (zone->count != 0)
		qsort(zone->entries, zone->count, sizeof(*zone->entries), compare_entries);
	zone->records = pool_alloc(pool, zone->count * sizeof(*zone->records));
	for (size_t i = 0; i < zone->count; i++)
		zone->records[i] = zone->entries[i].record;
}

struct dns_zone *dns_zone_read(struct pool *pool, const char *path, struct error *error)
{
	struct dns_zone *zone = pool_alloc(pool, sizeof(*zone));
	struct reader reader = {
	    .pool = pool, .path = path, .error = error, .line = 1, .zone = zone};
	struct buffer content;
	bool good;

	buffer_init(&content, DNS_ZONE_FILE_MAX + IO_CHUNK);
	good = read_content(path, &content, error);
	if (good) {
		reader.rest = buffer_slice(&content);
		good = read_lines(&reader);
	}
	buffer_free(&content);
	if (!good)
		return NULL;
	sort_zone(pool, zone);
	return zone;
}

/* lower_bound - index of the first entry that is not before a key and kind */
static size_t lower_bound(const struct dns_zone *zone, struct slice key, int kind)
{
	size_t low = 0;
	size_t high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_to(&zone->entries[middle], key, kind) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* exists - is the name, or one below it, the owner of an entry? */
static bool exists(const struct dns_zone *zone, const struct zone_key *key, size_t len)
{
	struct slice wanted = slice_from(key->octets, len);
	size_t index = lower_bound(zone, wanted, KIND_FIRST);

	return index < zone->count && zone->entries[index].key.len >= len &&
	       slice_equal(slice_from(zone->entries[index].key.data, len), wanted);
}

/*
 * take_wildcard - RFC 4592 section 3.3.1: the name does not exist, so its
 * closest encloser is the longest name above it that does; only the wildcard
 * right below that one counts
 */
static bool take_wildcard(const struct dns_zone *zone, struct zone_key *key)
{
	static const char wildcard[] = "\1*";
	size_t enclosers[LABELS_MAX]; /* their lengths, from the root on */
	size_t count = 0;

	for (size_t at = 0; at < key->len; at += 1 + (unsigned char)key->octets[at])
		enclosers[count++] = at;
	while (count != 0) {
		size_t len = enclosers[--count];

		if (!exists(zone, key, len))
			continue;
		memcpy(key->octets + len, wildcard, sizeof(wildcard) - 1);
		key->len = len + sizeof(wildcard) - 1;
		return exists(zone, key, key->len);
	}
	return false;
}

/* records_at - the records of a type that a name owns */
static struct dns_answer records_at(const struct dns_zone *zone, const struct zone_key *key,
				    enum dns_type type)
{
	struct slice owner = slice_from(key->octets, key->len);
	size_t first = lower_bound(zone, owner, (int)type);
	size_t end = first;

	while (end < zone->count && compare_to(&zone->entries[end], owner, (int)type) == 0)
		end++;
	return (struct dns_answer){
	    .status = end != first ? DNS_FOUND : DNS_NODATA,
	    .count = end - first,
	    .records = zone->records + first,
	};
}

/* status_at - what every question for a name ends with, or DNS_FOUND */
static enum dns_status status_at(const struct dns_zone *zone, const struct zone_key *key)
{
	struct slice owner = slice_from(key->octets, key->len);
	size_t index = lower_bound(zone, owner, KIND_FIRST);

	if (index == zone->count || !slice_equal(zone->entries[index].key, owner))
		return DNS_FOUND;
	switch (zone->entries[index].kind) {
	case KIND_SERVFAIL: return DNS_SERVFAIL;
	case KIND_TIMEOUT: return DNS_TIMEOUT;
	case KIND_NXDOMAIN: return DNS_NXDOMAIN;
	default: return DNS_FOUND;
	}
}

/* ask_once - one name; *alias is its CNAME where that has to be followed */
static struct dns_answer ask_once(const struct dns_zone *zone, const struct dns_question *question,
				  const char **alias)
{
	struct dns_answer answer;
	struct dns_answer cname;
	struct zone_key key;

	*alias = NULL;
	key_of(&question->name, &key);
	if (!exists(zone, &key, key.len) && !take_wildcard(zone, &key))
		return (struct dns_answer){.status = DNS_NXDOMAIN};
	if (status_at(zone, &key) != DNS_FOUND)
		return (struct dns_answer){.status = status_at(zone, &key)};
	answer = records_at(zone, &key, question->type);
	cname = records_at(zone, &key, DNS_CNAME);
	if (answer.count == 0 && cname.count != 0)
		*alias = cname.records[0].name;
	return answer;
}

struct dns_answer dns_zone_ask(const struct dns_zone *zone, const struct dns_question *question)
{
	struct dns_question current = *question;
	const char *alias;

	for (unsigned links = 0; links <= DNS_CNAME_MAX; links++) {
		struct dns_answer answer = ask_once(zone, &current, &alias);

		if (alias == NULL)
			return answer;
		if (!dns_name_of_text(&current.name, alias))
			return (struct dns_answer){.status = DNS_NXDOMAIN};
	}
	return (struct dns_answer){.status = DNS_SERVFAIL};
}
