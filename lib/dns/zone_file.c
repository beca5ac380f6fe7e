/*
 * zone_file - reads a zone file; see zone_file.h
 *
 * RFC 1035 section 5.1 (master files), RFC 3597 section 5 (TYPEnnn, CLASSnnn).
 */
#include "dns/zone_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/pool.h"

#define ZONE_STRING_MAX 255 /* RFC 1035 3.3: octets of a character-string */

#define OCTET_MAX     255
#define ESCAPE_DIGITS 3           /* of "\DDD" */
#define TTL_MAX       2147483647U /* RFC 2181 section 8 */
#define NUMBER_MAX    65535U      /* of a type, a class or a preference: 16 bits */

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
			return fail(reader, "nothing after '\\'");
		*octet = rest->data[1];
		len = 2;
	}
	if (*escaped && is_digit(*octet)) {
		len = 1 + ESCAPE_DIGITS;
		if (rest->len < len ||
		    !slice_to_number(slice_from(rest->data + 1, ESCAPE_DIGITS), OCTET_MAX, &number))
			return fail(reader, "'\\' needs three digits up to 255 after it");
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

/*
 * ends_in_underscore - is the last label one such as _domainkey? No top-level domain begins so (RFC
 * 8552), but lines of opendkim-genkey and of zones do, which leave the name of the zone out.
 */
static bool ends_in_underscore(struct slice text)
{
	size_t dot = slice_find_last(text, '.');
	struct slice label = dot < text.len ? slice_skip(text, dot + 1) : text;

	return label.len > 0 && label.data[0] == '_';
}

/* read_zone_name - RFC 1035 5.1: absolute, relative to the origin, or the origin itself */
static bool read_zone_name(struct reader *reader, const struct word *word, struct dns_name *name)
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
	if (!absolute && !reader->has_origin && ends_in_underscore(word->text))
		return fail_word(
		    reader,
		    "this name has no domain; write \"$ORIGIN example.org.\" with your "
		    "domain in a line above it:",
		    word);
	return true;
}

/* need_name - the next word as the text of a name */
static bool need_name(struct reader *reader, const char **text)
{
	struct dns_name name;
	struct word word;

	if (!need_word(reader, &word, "domain name") || !read_zone_name(reader, &word, &name))
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

/* is_short - a name server loads no longer string, so a test must not either */
static bool is_short(struct reader *reader, size_t octets)
{
	return octets <= ZONE_STRING_MAX ||
	       fail(
		   reader,
		   "a character-string of %zu octets, name servers take at most %d (RFC 1035 3.3): "
		   "divide it into several, each in quotes, with blanks between them",
		   octets, ZONE_STRING_MAX);
}

/* add_string - one character-string, escapes resolved */
static bool add_string(struct reader *reader, const struct word *word, struct buffer *text)
{
	struct slice rest = word->text;
	size_t before = text->len;
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
	return is_short(reader, text->len - before);
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

/* need_type - the type, after a TTL and a class in any order, each optional */
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

/* end_line - nothing may follow */
static bool end_line(struct reader *reader)
{
	struct word word;

	if (take_word(reader, &word))
		fail_word(reader, "unexpected", &word);
	return !reader->failed;
}

/* read_zone_record - what follows an owner */
static bool read_zone_record(struct reader *reader)
{
	struct dns_record record = {0};
	const struct kind_spec *kind;
	struct word word;

	if (!need_type(reader, &word) || (kind = find_kind(reader, &word)) == NULL)
		return false;
	if (kind->kind > DNS_ZONE_OTHER)
		record.type = (enum dns_type)kind->kind;
	if (!kind->read(reader, &record) || !end_line(reader))
		return false;
	dns_zone_add(reader->zone, &reader->owner, kind->kind, &record);
	return true;
}

/* read_directive - RFC 1035 5.1 and RFC 2308 section 4 */
static bool read_directive(struct reader *reader, const struct word *directive)
{
	struct dns_name origin;
	struct word word;

	if (slice_is_nocase(directive->text, "$ORIGIN")) {
		if (!need_word(reader, &word, "domain name") ||
		    !read_zone_name(reader, &word, &origin))
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

/* read_line - a record, a directive or nothing; ends at the line end after it */
static bool read_line(struct reader *reader)
{
	bool same_owner = is_wsp(reader->rest.data[0]);
	struct word word;

	skip_gap(reader);
	if (reader->failed || reader->rest.len == 0 || reader->rest.data[0] == '\n')
		return !reader->failed;
	if (same_owner)
		return reader->has_owner ? read_zone_record(reader)
					 : fail(reader, "no owner before this record");
	if (!take_word(reader, &word))
		return false;
	if (slice_starts_nocase(word.text, "$"))
		return read_directive(reader, &word);
	reader->has_owner = read_zone_name(reader, &word, &reader->owner);
	return reader->has_owner && read_zone_record(reader);
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

/* read_octets - everything that is in the file */
static bool read_octets(const char *path, struct buffer *content, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd != -1 && io_read_all(fd, content);

	if (content->overflow)
		error_set(error, STATUS_CONFIG, "%s: larger than %u octets", path,
			  DNS_ZONE_FILE_MAX);
	else if (!good)
		error_set(error, STATUS_CONFIG, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return good;
}

struct dns_zone *dns_zone_read(struct pool *pool, const char *path, struct error *error)
{
	struct reader reader = {
	    .pool = pool, .path = path, .error = error, .line = 1, .zone = dns_zone_new(pool)};
	struct buffer content;
	bool good;

	buffer_init(&content, DNS_ZONE_FILE_MAX);
	good = read_octets(path, &content, error);
	if (good) {
		reader.rest = buffer_slice(&content);
		good = read_lines(&reader);
	}
	buffer_free(&content);
	if (!good)
		return NULL;
	dns_zone_complete(reader.zone);
	return reader.zone;
}

/* add_character_string - one of them (RFC 1035 5.1) */
static void add_character_string(struct buffer *strings, struct slice text)
{
	buffer_add_byte(strings, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buffer_add_byte(strings, '\\');
		buffer_add_byte(strings, text.data[i]);
	}
	buffer_add_byte(strings, '"');
}

const char *txt_strings(struct pool *pool, struct slice text)
{
	struct buffer strings;
	const char *copy;

	buffer_init(&strings, SIZE_MAX);
	for (;;) {
		size_t len = text.len < ZONE_STRING_MAX ? text.len : ZONE_STRING_MAX;

		add_character_string(&strings, slice_from(text.data, len));
		text = slice_skip(text, len);
		if (text.len == 0)
			break;
		buffer_add_byte(&strings, ' ');
	}
	copy = slice_copy(pool, buffer_slice(&strings));
	buffer_free(&strings);
	return copy;
}
