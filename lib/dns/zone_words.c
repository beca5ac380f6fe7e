/*
 * zone_words - the words of a zone file, and the names among them; see dns/zone_words.h
 *
 * RFC 1035 section 5.1 (master files).
 */
#include "dns/zone_words.h"

#include <stdarg.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"

#define OCTET_MAX     255
#define ESCAPE_DIGITS 3 /* of "\DDD" */

bool zone_fail(struct zone_reader *reader, const char *format, ...)
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

bool zone_fail_word(struct zone_reader *reader, const char *what, const struct zone_word *word)
{
	return zone_fail(reader, "%s '%.*s'", what, (int)word->text.len, word->text.data);
}

void zone_skip(struct zone_reader *reader, size_t count)
{
	reader->rest = slice_skip(reader->rest, count);
}

/* close_parenthesis - the end of a group; its line ends were white space */
static void close_parenthesis(struct zone_reader *reader)
{
	if (reader->depth == 0)
		zone_fail(reader, "unexpected ')'");
	else
		reader->depth--;
}

void zone_skip_gap(struct zone_reader *reader)
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
		zone_skip(reader, len);
	}
	if (reader->depth != 0)
		zone_fail(reader, "'(' is not closed");
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

bool zone_take_word(struct zone_reader *reader, struct zone_word *word)
{
	struct slice rest;
	size_t end;

	zone_skip_gap(reader);
	rest = reader->rest;
	if (reader->failed || rest.len == 0 || rest.data[0] == '\n')
		return false;
	word->quoted = rest.data[0] == '"';
	end = find_end(rest, word->quoted, word->quoted);
	if (word->quoted && (end == rest.len || rest.data[end] == '\n'))
		return zone_fail(reader, "quoted string is not closed");
	word->text = slice_skip(slice_from(rest.data, end), word->quoted);
	zone_skip(reader, end + word->quoted);
	return true;
}

bool zone_need_word(struct zone_reader *reader, struct zone_word *word, const char *what)
{
	return zone_take_word(reader, word) || zone_fail(reader, "%s is missing", what);
}

bool zone_take_octet(struct zone_reader *reader, struct slice *rest, char *octet, bool *escaped)
{
	unsigned long long number;
	size_t len = 1;

	*escaped = rest->data[0] == '\\';
	*octet = rest->data[0];
	if (*escaped) {
		if (rest->len == 1)
			return zone_fail(reader, "nothing after '\\'");
		*octet = rest->data[1];
		len = 2;
	}
	if (*escaped && is_digit(*octet)) {
		len = 1 + ESCAPE_DIGITS;
		if (rest->len < len ||
		    !slice_to_number(slice_from(rest->data + 1, ESCAPE_DIGITS), OCTET_MAX, &number))
			return zone_fail(reader, "'\\' needs three digits up to 255 after it");
		*octet = (char)number;
	}
	*rest = slice_skip(*rest, len);
	return true;
}

/* append_origin - completes a name that was written without a trailing dot */
static bool append_origin(struct zone_reader *reader, struct dns_name *name)
{
	const struct dns_name *origin = &reader->origin;

	if (origin->len > DNS_NAME_SIZE - name->len)
		return false;
	memcpy(name->labels + name->len, origin->labels, origin->len);
	name->len += origin->len;
	return true;
}

/* split_labels - a word into labels; is it absolute, with a dot at its end? */
static bool split_labels(struct zone_reader *reader, struct slice text, struct dns_name *name,
			 bool *absolute)
{
	char label[NS_MAXLABEL + 1];
	size_t len = 0;
	bool escaped;

	*absolute = false;
	while (text.len != 0) {
		if (!zone_take_octet(reader, &text, &label[len], &escaped))
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

bool zone_read_name(struct zone_reader *reader, const struct zone_word *word, struct dns_name *name)
{
	bool absolute = true;

	name->len = 0;
	if (slice_is(word->text, "@") && !word->quoted)
		return reader->has_origin ? append_origin(reader, name)
					  : zone_fail(reader, "'@' without $ORIGIN");
	if (slice_is(word->text, "."))
		return true;
	if (!split_labels(reader, word->text, name, &absolute) ||
	    (!absolute && !append_origin(reader, name)))
		return zone_fail_word(reader, "not a domain name:", word);
	if (!absolute && !reader->has_origin && ends_in_underscore(word->text))
		return zone_fail_word(
		    reader,
		    "this name has no domain; write \"$ORIGIN example.org.\" with your "
		    "domain in a line above it:",
		    word);
	return true;
}

bool zone_need_name(struct zone_reader *reader, const char **text)
{
	struct dns_name name;
	struct zone_word word;

	if (!zone_need_word(reader, &word, "domain name") || !zone_read_name(reader, &word, &name))
		return false;
	*text = dns_name_text(reader->pool, &name);
	return true;
}
