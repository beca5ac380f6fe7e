/*
 * macro - macro strings of SPF records; see macro.h
 *
 * RFC 7208 7.1 (grammar), 7.2 (letters), 7.3 (transformers, URL escaping and the
 * limit of 253 octets), 4.8 (names that cannot be asked for).
 *
 * A record is a stranger's and may consist of thousands of macros, and the
 * sender they expand to is another stranger's. So each macro costs no more than the
 * text it adds, and that text is bounded.
 */
#include "spf/macro.h"

#include <string.h>

#include "base/hex.h"
#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define PARTS_MAX    65536      /* RFC 7208 7.3 asks for 127 at least; more cannot be told apart */
#define LETTERS      "slodiphv" /* RFC 7208 7.2 */
#define LETTERS_EXP  "crt"      /* RFC 7208 7.2: in explanation text only */
#define DELIMITERS   ".-+,/_="  /* RFC 7208 7.1 */
#define SECTION_TEXT "7.1"

/* One step of a macro string: either a run of literal text or a macro-expand. */
struct macro {
	struct slice literal; /* if letter is 0 */
	bool is_literal_text; /* literal is macro-literals, not what %%, %_ or %- stand for */
	char letter;          /* in lower case */
	bool escape;          /* was in upper case */
	bool reverse;
	unsigned parts;      /* right-hand parts to keep, 0 for all */
	unsigned delimiters; /* one bit for each of DELIMITERS */
};

/* A macro string that is being read. */
struct reader {
	struct slice text;
	struct slice rest;
	enum spf_macro_kind kind;
	bool failed;
	struct spf_syntax_error error;
};

static struct reader reader_of(struct slice text, enum spf_macro_kind kind)
{
	return (struct reader){.text = text, .rest = text, .kind = kind};
}

/* fail_macro - what breaks which rule at the start of the rest; false */
static bool fail_macro(struct reader *reader, const char *section, const char *what)
{
	reader->failed = true;
	reader->error = (struct spf_syntax_error){
	    .position = reader->text.len - reader->rest.len,
	    .section = section,
	    .what = what,
	};
	return false;
}

/* next_byte - the byte that is next, NUL at the end */
static char next_byte(const struct reader *reader)
{
	return reader->rest.len != 0 ? reader->rest.data[0] : '\0';
}

static void advance_macro(struct reader *reader, size_t count)
{
	reader->rest = slice_skip(reader->rest, count);
}

/* is_literal - macro-literal, and SP in an explain-string */
static bool is_literal(const struct reader *reader, char byte)
{
	if (byte == ' ')
		return reader->kind == SPF_EXPLAIN_STRING;
	return is_vchar(byte) && byte != '%';
}

/* read_literal - a run of macro-literals */
static bool read_literal(struct reader *reader, struct macro *macro)
{
	size_t len = 0;

	while (len < reader->rest.len && is_literal(reader, reader->rest.data[len]))
		len++;
	if (len == 0)
		return fail_macro(reader, SECTION_TEXT, "a character that is not allowed");
	macro->literal = slice_from(reader->rest.data, len);
	macro->is_literal_text = true;
	advance_macro(reader, len);
	return true;
}

/* read_letter - macro-letter */
static bool read_letter(struct reader *reader, struct macro *macro)
{
	char letter = byte_lower(next_byte(reader));

	if (reader->kind != SPF_EXPLAIN_STRING && is_any_of(letter, LETTERS_EXP))
		return fail_macro(reader, "7.2", "a macro letter for explanation texts only");
	if (!is_any_of(letter, LETTERS) && !is_any_of(letter, LETTERS_EXP))
		return fail_macro(reader, "7.2", "an unknown macro letter");
	macro->letter = letter;
	macro->escape = letter != next_byte(reader);
	advance_macro(reader, 1);
	return true;
}

/* read_transformers - transformers: *DIGIT [ "r" ] */
static bool read_transformers(struct reader *reader, struct macro *macro)
{
	bool has_digits = false;

	while (is_digit(next_byte(reader))) {
		macro->parts = macro->parts * 10 + (unsigned)(next_byte(reader) - '0');
		if (macro->parts > PARTS_MAX)
			macro->parts = PARTS_MAX;
		has_digits = true;
		advance_macro(reader, 1);
	}
	if (has_digits && macro->parts == 0)
		return fail_macro(reader, "7.3", "a macro that keeps zero parts");
	if (byte_lower(next_byte(reader)) == 'r') {
		macro->reverse = true;
		advance_macro(reader, 1);
	}
	return true;
}

/* read_delimiters - *delimiter */
static void read_delimiters(struct reader *reader, struct macro *macro)
{
	while (is_any_of(next_byte(reader), DELIMITERS)) {
		macro->delimiters |= 1U << (strchr(DELIMITERS, next_byte(reader)) - DELIMITERS);
		advance_macro(reader, 1);
	}
}

/* read_expand - macro-expand in braces, from after "%{" */
static bool read_expand(struct reader *reader, struct macro *macro)
{
	advance_macro(reader, 2);
	if (!read_letter(reader, macro) || !read_transformers(reader, macro))
		return false;
	read_delimiters(reader, macro);
	if (next_byte(reader) != '}')
		return fail_macro(reader, SECTION_TEXT,
				  "no transformer, delimiter or closing brace");
	advance_macro(reader, 1);
	return true;
}

/* read_percent - macro-expand */
static bool read_percent(struct reader *reader, struct macro *macro)
{
	switch (reader->rest.len > 1 ? reader->rest.data[1] : '\0') {
	case '{': return read_expand(reader, macro);
	case '%': macro->literal = slice_of("%"); break;
	case '_': macro->literal = slice_of(" "); break;
	case '-': macro->literal = slice_of("%20"); break;
	default: return fail_macro(reader, SECTION_TEXT, "a '%' that starts no macro (write %%)");
	}
	advance_macro(reader, 2);
	return true;
}

/* macro_next - the next step; false at the end and on an error */
static bool macro_next(struct reader *reader, struct macro *macro)
{
	*macro = (struct macro){0};
	if (reader->rest.len == 0)
		return false;
	return next_byte(reader) == '%' ? read_percent(reader, macro) : read_literal(reader, macro);
}

/* is_toplabel - letters, digits and inner hyphens; digits alone are looked at elsewhere */
static bool is_toplabel(struct slice label)
{
	for (size_t i = 0; i < label.len; i++) {
		if (!is_alnum(label.data[i]) && label.data[i] != '-')
			return false;
	}
	return label.len != 0 && label.data[0] != '-' && label.data[label.len - 1] != '-';
}

static bool is_all_digits(struct slice label)
{
	size_t len = 0;

	while (len < label.len && is_digit(label.data[len]))
		len++;
	return len == label.len;
}

/* check_domain_end - domain-end; tail is the literal text after the last macro */
static void check_domain_end(struct reader *reader, struct slice tail)
{
	size_t dot;

	if (reader->text.len == 0)
		fail_macro(reader, SECTION_TEXT, "an empty domain name");
	if (tail.len == 0)
		return;
	reader->rest = tail; /* it is the end of the text, so that positions are right */
	if (tail.data[tail.len - 1] == '.')
		tail.len--;
	dot = slice_find_last(tail, '.');
	if (dot == tail.len) {
		fail_macro(reader, SECTION_TEXT, "a domain name of one label");
		return;
	}
	advance_macro(reader, dot + 1);
	tail = slice_skip(tail, dot + 1);
	if (!is_toplabel(tail))
		fail_macro(reader, SECTION_TEXT, "no valid top-level label");
	else if (is_all_digits(tail))
		fail_macro(reader, SECTION_TEXT,
			   "a name that ends in a number (ip4: takes addresses)");
}

bool spf_macro_check(struct slice text, enum spf_macro_kind kind, struct spf_syntax_error *error)
{
	struct reader reader = reader_of(text, kind);
	struct slice tail = slice_of(NULL);
	struct macro macro;

	while (macro_next(&reader, &macro))
		tail = macro.is_literal_text ? macro.literal : slice_of(NULL);
	if (!reader.failed && kind == SPF_DOMAIN_SPEC)
		check_domain_end(&reader, tail);
	if (reader.failed)
		*error = reader.error;
	return !reader.failed;
}

bool spf_macro_uses(struct slice text, char letter)
{
	struct reader reader = reader_of(text, SPF_EXPLAIN_STRING); /* the widest grammar */
	struct macro macro;

	while (macro_next(&reader, &macro)) {
		if (macro.letter == letter)
			return true;
	}
	return false;
}

/* is_delimiter - one that the macro names, or a dot if it names none */
static bool is_delimiter(const struct macro *macro, char byte)
{
	if (macro->delimiters == 0)
		return byte == '.';
	return is_any_of(byte, DELIMITERS) &&
	       (macro->delimiters & 1U << (strchr(DELIMITERS, byte) - DELIMITERS)) != 0;
}

/* last_parts - value from the macro's number of parts before its end */
static struct slice last_parts(const struct macro *macro, struct slice value)
{
	unsigned parts = 0;

	for (size_t i = value.len; i > 0; i--) {
		if (is_delimiter(macro, value.data[i - 1]) && ++parts == macro->parts)
			return slice_skip(value, i);
	}
	return value;
}

/* first_parts - value up to the macro's number of parts: the last ones when it is reversed */
static struct slice first_parts(const struct macro *macro, struct slice value)
{
	unsigned parts = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (is_delimiter(macro, value.data[i]) && ++parts == macro->parts)
			return slice_from(value.data, i);
	}
	return value;
}

/* add_escaped - everything but RFC 3986 unreserved characters as %XX (RFC 7208 7.3) */
static void add_escaped(struct buffer *buffer, char byte)
{
	char digits[HEX_OCTET_LEN];

	if (is_alnum(byte) || is_any_of(byte, "-._~")) {
		buffer_add_byte(buffer, byte);
		return;
	}
	buffer_add_byte(buffer, '%');
	hex_escape(byte, digits);
	buffer_add(buffer, digits, sizeof(digits));
}

/* add_macro_text - a piece of the value with delimiters turned into dots */
static void add_macro_text(struct buffer *buffer, const struct macro *macro, struct slice text)
{
	for (size_t i = 0; i < text.len && !buffer->overflow; i++) {
		char byte = is_delimiter(macro, text.data[i]) ? '.' : text.data[i];

		if (macro->escape)
			add_escaped(buffer, byte);
		else
			buffer_add_byte(buffer, byte);
	}
}

/* add_reversed - the parts of the value, last one first */
static void add_reversed(struct buffer *buffer, const struct macro *macro, struct slice value)
{
	size_t end = value.len;

	for (size_t i = value.len; i > 0 && !buffer->overflow; i--) {
		if (!is_delimiter(macro, value.data[i - 1]))
			continue;
		add_macro_text(buffer, macro, slice_between(value.data + i, value.data + end));
		buffer_add_byte(buffer, '.');
		end = i - 1;
	}
	add_macro_text(buffer, macro, slice_from(value.data, end));
}

/* add_value - a value as the macro transforms it */
static void add_value(struct buffer *buffer, const struct macro *macro, struct slice value)
{
	if (macro->reverse)
		add_reversed(buffer, macro, first_parts(macro, value));
	else
		add_macro_text(buffer, macro, last_parts(macro, value));
}

/* add_macro - one step of the text; false if there is no value */
static bool add_macro(struct buffer *buffer, const struct macro *macro,
		      const struct spf_macro_source *source)
{
	struct slice value;

	if (macro->letter == 0) {
		buffer_add_slice(buffer, macro->literal);
		return true;
	}
	value = source->value(source->context, macro->letter);
	if (value.data != NULL)
		add_value(buffer, macro, value);
	return value.data != NULL;
}

/* expand_into - up to the limit or the first macro without a value; was that all of the text? */
static bool expand_into(struct buffer *buffer, struct slice text,
			const struct spf_macro_source *source)
{
	struct reader reader = reader_of(text, SPF_EXPLAIN_STRING);
	struct macro macro;

	while (macro_next(&reader, &macro)) {
		if (!add_macro(buffer, &macro, source) || buffer->overflow)
			return false;
	}
	return true;
}

const char *spf_macro_expand(struct pool *pool, struct slice text,
			     const struct spf_macro_source *source)
{
	const char *expanded = NULL;
	struct buffer buffer;

	buffer_init(&buffer, SPF_EXPANSION_MAX);
	if (expand_into(&buffer, text, source))
		expanded = slice_copy(pool, buffer_slice(&buffer));
	buffer_free(&buffer);
	return expanded;
}

/* trim_labels - leading labels removed until the limit is met; empty if one label is too long */
static struct slice trim_labels(struct slice name)
{
	while (name.len > SPF_TARGET_MAX) {
		size_t dot = slice_find(name, '.');

		name = slice_skip(name, dot < name.len ? dot + 1 : name.len);
	}
	return name;
}

/* is_askable - only labels of 1 to 63 octets */
static bool is_askable(struct slice name)
{
	struct slice rest = name;
	struct slice label;

	while (slice_cut(&rest, '.', &label)) {
		if (label.len == 0 || label.len > DOMAIN_LABEL_MAX)
			return false;
	}
	return true;
}

const char *spf_macro_target(struct pool *pool, struct slice text,
			     const struct spf_macro_source *source)
{
	const char *expanded = spf_macro_expand(pool, text, source);
	struct slice name = slice_of(expanded);

	if (expanded == NULL)
		return NULL;
	if (name.len != 0 && name.data[name.len - 1] == '.')
		name.len--;
	name = trim_labels(name);
	return is_askable(name) ? slice_copy(pool, name) : NULL;
}
