/*
 * xml_lenient - tags, text and what else comes; see report/xml_lenient.h
 */
#include "report/xml_lenient.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "report/text_octets.h"
#include "report/xml_strict.h"

#define NAME_LEN         48 /* octets of a name that are compared; those of reports have 24 at most */
#define TEXT_LEN         4096
#define ENTITY_LEN       12       /* "#x10FFFF" and more */
#define ELEMENT_REPEATED "record" /* never inside another one: the end tag before it is missing */

enum repair {
	STRAY_AMPERSAND,
	STRAY_LESS_THAN,
	CONTROL_CHARACTER,
	NOT_UTF8,
	BAD_REFERENCE,
	CROSSED_TAG,
	UNCLOSED_ELEMENT,
	AFTER_END,
};

struct open_element {
	char name[NAME_LEN];
	size_t len;
	bool has_elements;
};

struct lenient_reader {
	struct octets *from;
	const struct xml_handler *handler;
	struct xml_repairs *repairs;
	const char *reason;
	enum xml_outcome outcome; /* XML_COMPLETE as long as it goes on */
	bool had_root;
	size_t start; /* in input */
	size_t end;
	size_t text_len;
	unsigned depth;
	struct buffer tag;
	struct open_element open[XML_DEPTH_MAX];
	char text[TEXT_LEN];
	char input[XML_CHUNK];
};

const char *xml_repair_word(unsigned number)
{
	static const char *const words[XML_REPAIRS] = {
	    "stray-ampersand",         "stray-less-than", "control-character", "not-utf8",
	    "bad-character-reference", "crossed-tag",     "unclosed-element",  "after-end",
	};

	return number < XML_REPAIRS ? words[number] : NULL;
}

/* repair - notes one */
static void repair(struct lenient_reader *reader, enum repair what)
{
	reader->repairs->counts[what]++;
}

/* fill_input - wanted octets to look at, unless it ends before */
static bool fill_input(struct lenient_reader *reader, size_t wanted)
{
	while (reader->end - reader->start < wanted) {
		size_t got;

		memmove(reader->input, reader->input + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
		got = reader->from->read(reader->from, reader->input + reader->end,
					 XML_CHUNK - reader->end);
		if (got == 0)
			return false;
		reader->end += got;
	}
	return true;
}

/* ahead - what has been read and not looked at */
static struct slice ahead(const struct lenient_reader *reader)
{
	return slice_from(reader->input + reader->start, reader->end - reader->start);
}

/* is_ahead - does this come next? */
static bool is_ahead(struct lenient_reader *reader, const char *text)
{
	size_t len = strlen(text);

	return fill_input(reader, len) && slice_starts_nocase(ahead(reader), text);
}

/* stop - the handler has had enough, or it is refused */
static void stop(struct lenient_reader *reader, enum xml_outcome outcome, const char *reason)
{
	reader->outcome = outcome;
	reader->reason = reason;
}

/* flush_text - tells it */
static void flush_text(struct lenient_reader *reader)
{
	size_t len = reader->text_len;

	reader->text_len = 0;
	if (len > 0 && reader->depth > 0 && reader->outcome == XML_COMPLETE &&
	    !reader->handler->text(reader->handler->context, slice_from(reader->text, len)))
		stop(reader, XML_STOPPED, NULL);
}

/* add_lenient_text - octets that are UTF-8 */
static void add_lenient_text(struct lenient_reader *reader, const char *text, size_t len)
{
	while (len > 0) {
		size_t room = TEXT_LEN - reader->text_len;
		size_t some = len < room ? len : room;

		memcpy(reader->text + reader->text_len, text, some);
		reader->text_len += some;
		text += some;
		len -= some;
		if (reader->text_len == TEXT_LEN)
			flush_text(reader);
	}
}

/* add_character - by its number */
static void add_character(struct lenient_reader *reader, unsigned character)
{
	char out[4];

	add_lenient_text(reader, out, text_write_utf8(character, out));
}

/* close_element - the innermost one */
static void close_element(struct lenient_reader *reader, bool closed)
{
	flush_text(reader);
	if (!closed)
		repair(reader, UNCLOSED_ELEMENT);
	reader->depth--;
	if (reader->outcome == XML_COMPLETE &&
	    !reader->handler->end(reader->handler->context, closed))
		stop(reader, XML_STOPPED, NULL);
}

/* is_open - the open element of that name, from the innermost on; depth if there is none */
static unsigned find_open(const struct lenient_reader *reader, struct slice name)
{
	for (unsigned i = reader->depth; i-- > 0;) {
		if (slice_equal(slice_from(reader->open[i].name, reader->open[i].len), name))
			return i;
	}
	return reader->depth;
}

/* shortened - to what is compared */
static struct slice shortened(struct slice name)
{
	return slice_from(name.data, name.len < NAME_LEN ? name.len : NAME_LEN);
}

/* open_element - a start tag */
static void open_element(struct lenient_reader *reader, struct slice name)
{
	unsigned before = find_open(reader, shortened(name));
	struct open_element *element;

	flush_text(reader);
	if (slice_is(name, ELEMENT_REPEATED)) {
		while (reader->depth > before)
			close_element(reader, false);
	}
	if (reader->depth == XML_DEPTH_MAX) {
		stop(reader, XML_REFUSED, "its elements are nested deeper than 256");
		return;
	}
	if (reader->depth == 0 && reader->had_root)
		repair(reader, AFTER_END);
	if (reader->depth > 0)
		reader->open[reader->depth - 1].has_elements = true;
	element = &reader->open[reader->depth++];
	element->len = shortened(name).len;
	memcpy(element->name, name.data, element->len);
	element->has_elements = false;
	reader->had_root = true;
	if (reader->outcome == XML_COMPLETE &&
	    !reader->handler->start(reader->handler->context, name))
		stop(reader, XML_STOPPED, NULL);
}

/* end_tag - of the innermost element, of one around it, or of none */
static void end_tag(struct lenient_reader *reader, struct slice name)
{
	unsigned found = find_open(reader, shortened(name));

	if (found < reader->depth) {
		while (reader->depth > found + 1)
			close_element(reader, false);
		close_element(reader, true);
		return;
	}
	repair(reader, CROSSED_TAG);
	if (reader->depth > 0 && !reader->open[reader->depth - 1].has_elements)
		close_element(reader, true);
}

/* tag_name - up to white space, "/" or the end */
static struct slice tag_name(struct slice text)
{
	size_t len = 0;

	while (len < text.len && strchr(" \t\r\n/", text.data[len]) == NULL)
		len++;
	return xml_local_name(slice_from(text.data, len));
}

/* take_tag - what is between "<" and ">" */
static void take_tag(struct lenient_reader *reader, struct slice text)
{
	if (text.data[0] == '/') {
		end_tag(reader, tag_name(slice_skip(text, 1)));
		return;
	}
	open_element(reader, tag_name(text));
	if (reader->outcome == XML_COMPLETE && text.data[text.len - 1] == '/')
		close_element(reader, true);
}

/* collect_tag - up to its ">"; false if there is none before the next "<" */
static bool collect_tag(struct lenient_reader *reader)
{
	char quote = '\0';

	buffer_reset(&reader->tag);
	while (fill_input(reader, 1)) {
		char byte = reader->input[reader->start];

		if (byte == '<')
			return false;
		reader->start++;
		if (byte == '>' && quote == '\0')
			return true;
		if (byte == quote)
			quote = '\0';
		else if (quote == '\0' && (byte == '"' || byte == '\''))
			quote = byte;
		buffer_add_byte(&reader->tag, byte);
	}
	return false;
}

/* skip_past - markup that nobody needs, CDATA excepted */
static void skip_past(struct lenient_reader *reader, const char *end, bool is_text)
{
	while (fill_input(reader, 1)) {
		if (is_ahead(reader, end)) {
			reader->start += strlen(end);
			return;
		}
		if (is_text)
			add_lenient_text(reader, reader->input + reader->start, 1);
		reader->start++;
	}
}

/* take_declaration - "<!" and "<?" */
static void take_declaration(struct lenient_reader *reader)
{
	if (is_ahead(reader, "!doctype html"))
		stop(reader, XML_STOPPED, NULL);
	else if (is_ahead(reader, "!doctype") || is_ahead(reader, "!entity"))
		stop(reader, XML_REFUSED,
		     "it has a document type (DOCTYPE), which may define anything");
	else if (is_ahead(reader, "!--"))
		skip_past(reader, "-->", false);
	else if (is_ahead(reader, "![CDATA[")) {
		reader->start += strlen("![CDATA[");
		skip_past(reader, "]]>", true);
	} else if (is_ahead(reader, "?"))
		skip_past(reader, "?>", false);
	else
		skip_past(reader, ">", false);
}

/* take_markup - after "<" */
static void take_markup(struct lenient_reader *reader)
{
	char byte = fill_input(reader, 1) ? reader->input[reader->start] : '\0';

	if (byte == '!' || byte == '?') {
		take_declaration(reader);
		return;
	}
	if (is_alpha(byte) || byte == '_' || byte == '/') {
		if (collect_tag(reader)) {
			take_tag(reader, buffer_slice(&reader->tag));
			return;
		}
		if (!fill_input(reader, 1))
			return; /* cut in a tag */
	} else {
		buffer_reset(&reader->tag);
	}
	repair(reader, STRAY_LESS_THAN);
	add_lenient_text(reader, "<", 1);
	add_lenient_text(reader, reader->tag.data, reader->tag.len);
}

/* is_character - may XML 1.0 have it? */
static bool is_character(unsigned long long number)
{
	return number == '\t' || number == '\n' || number == '\r' ||
	       (number >= ' ' && number < 0xd800) || (number >= 0xe000 && number < 0xfffe) ||
	       (number >= 0x10000 && number <= 0x10ffff);
}

/* take_number - "#60" or "#x3C" */
static void take_number(struct lenient_reader *reader, const char *name)
{
	bool is_hex = byte_lower(name[1]) == 'x';
	char *end;
	unsigned long long number = strtoull(name + (is_hex ? 2 : 1), &end, is_hex ? 16 : 10);

	if (*end == '\0' && is_character(number)) {
		add_character(reader, (unsigned)number);
		return;
	}
	repair(reader, BAD_REFERENCE);
	add_character(reader, 0xfffd);
}

/* take_entity - one of the five, or a number */
static bool take_entity(struct lenient_reader *reader, const char *name)
{
	static const struct {
		const char *name;
		char character;
	} entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

	if (name[0] == '#') {
		take_number(reader, name);
		return true;
	}
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (strcmp(name, entities[i].name) == 0) {
			add_lenient_text(reader, &entities[i].character, 1);
			return true;
		}
	}
	return false;
}

/* take_reference - after "&" */
static void take_reference(struct lenient_reader *reader)
{
	char name[ENTITY_LEN + 1] = "";
	size_t len = 0;

	fill_input(reader, ENTITY_LEN);
	while (len < ENTITY_LEN && len < ahead(reader).len &&
	       (is_alnum(ahead(reader).data[len]) || ahead(reader).data[len] == '#'))
		len++;
	memcpy(name, ahead(reader).data, len);
	if (len < ahead(reader).len && ahead(reader).data[len] == ';' &&
	    take_entity(reader, name)) {
		reader->start += len + 1;
		return;
	}
	repair(reader, STRAY_AMPERSAND);
	add_lenient_text(reader, "&", 1);
}

/* take_octet - of the text */
static void take_octet(struct lenient_reader *reader)
{
	char byte = reader->input[reader->start];
	size_t len = 1;

	if ((unsigned char)byte >= 0x80) {
		fill_input(reader, 4);
		len = skip_utf8_tail(ahead(reader));
		if (len == 0) {
			repair(reader, NOT_UTF8);
			add_character(reader, text_windows_character((unsigned char)byte));
			reader->start++;
			return;
		}
	} else if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
		repair(reader, CONTROL_CHARACTER);
		reader->start++;
		return;
	}
	add_lenient_text(reader, reader->input + reader->start, len);
	reader->start += len;
}

/* read_lenient - all of it */
static void read_lenient(struct lenient_reader *reader)
{
	while (reader->outcome == XML_COMPLETE && fill_input(reader, 1)) {
		char byte = reader->input[reader->start];

		if (byte == '<') {
			reader->start++;
			take_markup(reader);
		} else if (byte == '&') {
			reader->start++;
			take_reference(reader);
		} else {
			take_octet(reader);
		}
	}
	flush_text(reader);
	if (reader->outcome == XML_COMPLETE && reader->depth > 0)
		reader->outcome = XML_CUT;
}

enum xml_outcome xml_lenient(struct octets *text, const struct xml_handler *handler,
			     struct xml_repairs *repairs, const char **reason)
{
	struct lenient_reader *reader = memory_alloc(sizeof(*reader));
	enum xml_outcome outcome;

	reader->from = text;
	reader->handler = handler;
	reader->repairs = repairs;
	reader->outcome = XML_COMPLETE;
	buffer_init(&reader->tag, XML_TOKEN_MAX);
	read_lenient(reader);
	outcome = reader->outcome;
	*reason = reader->reason;
	buffer_free(&reader->tag);
	free(reader);
	return outcome;
}
