/*
 * json_events - a JSON text as it passes by; see report/json_events.h
 */
#include "report/json_events.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "report/text_octets.h"

#define HEX_DIGITS 4
#define NO_BYTE    (-1)

struct json_reader {
	struct octets *from;
	const struct json_handler *handler;
	const char *reason;
	enum json_outcome outcome; /* JSON_COMPLETE as long as it goes on */
	size_t start;
	size_t end;
	unsigned depth;
	bool wants_key; /* in an object, after its "{" or a "," */
	struct buffer token;
	bool is_array[JSON_DEPTH_MAX];
	char input[JSON_CHUNK];
};

/* peek - the next octet, or NO_BYTE */
static int peek_byte(struct json_reader *reader)
{
	if (reader->start == reader->end) {
		reader->start = 0;
		reader->end = reader->from->read(reader->from, reader->input, JSON_CHUNK);
		if (reader->end == 0)
			return NO_BYTE;
	}
	return (unsigned char)reader->input[reader->start];
}

/* next_byte - the same, and moves on */
static int next_byte(struct json_reader *reader)
{
	int byte = peek_byte(reader);

	reader->start += byte != NO_BYTE;
	return byte;
}

/* give_up_json - it ends here; false */
static bool give_up_json(struct json_reader *reader, enum json_outcome outcome, const char *reason)
{
	reader->outcome = outcome;
	reader->reason = reason;
	return false;
}

/* told - what the handler has answered */
static bool told(struct json_reader *reader, bool goes_on)
{
	return goes_on || give_up_json(reader, JSON_STOPPED, NULL);
}

/* read_unit - four hexadecimal digits of \u */
static bool read_unit(struct json_reader *reader, unsigned *unit)
{
	char digits[HEX_DIGITS + 1] = "";

	for (size_t i = 0; i < HEX_DIGITS; i++) {
		int byte = next_byte(reader);

		if (byte == NO_BYTE || !is_hexdigit((char)byte))
			return give_up_json(reader, JSON_BROKEN, NULL);
		digits[i] = (char)byte;
	}
	*unit = (unsigned)strtoul(digits, NULL, 16);
	return true;
}

/* add_number - a character in UTF-8 */
static void add_number(struct json_reader *reader, unsigned character)
{
	char out[4];

	buffer_add(&reader->token, out, text_write_utf8(character, out));
}

/* read_unicode - \uXXXX, or two of them for a character above U+FFFF (RFC 8259 7) */
static bool read_unicode(struct json_reader *reader)
{
	unsigned unit, low;

	if (!read_unit(reader, &unit))
		return false;
	if (unit >= 0xd800 && unit < 0xdc00 && peek_byte(reader) == '\\') {
		next_byte(reader);
		if (next_byte(reader) != 'u' || !read_unit(reader, &low))
			return give_up_json(reader, JSON_BROKEN, NULL);
		unit = low >= 0xdc00 && low < 0xe000
			   ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
			   : 0xfffd;
	}
	add_number(reader, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
	return true;
}

/* read_escape - after the backslash */
static bool read_escape(struct json_reader *reader)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	int byte = next_byte(reader);
	const char *found;

	if (byte == 'u')
		return read_unicode(reader);
	found = byte > 0 ? strchr(letters, byte) : NULL;
	if (found == NULL)
		return give_up_json(reader, JSON_BROKEN, NULL);
	buffer_add_byte(&reader->token, meanings[found - letters]);
	return true;
}

/* read_string - after its first quote, into token */
static bool read_string(struct json_reader *reader)
{
	int byte;

	buffer_reset(&reader->token);
	while ((byte = next_byte(reader)) != '"') {
		if (byte == NO_BYTE)
			return give_up_json(reader, JSON_BROKEN, NULL);
		if (byte == '\\' && !read_escape(reader))
			return false;
		if (byte != '\\')
			buffer_add_byte(&reader->token, (char)byte);
	}
	return true;
}

/* read_bare - a number or a word, whose first octet is next */
static bool read_bare(struct json_reader *reader, enum json_type *type)
{
	int byte;

	buffer_reset(&reader->token);
	while ((byte = peek_byte(reader)) != NO_BYTE &&
	       (is_alnum((char)byte) || is_any_of((char)byte, "+-.")))
		buffer_add_byte(&reader->token, (char)next_byte(reader));
	if (reader->token.len == 0)
		return give_up_json(reader, JSON_BROKEN, NULL);
	*type = is_digit(reader->token.data[0]) || reader->token.data[0] == '-' ? JSON_NUMBER
										: JSON_WORD;
	return true;
}

/* open_value - "{" or "[" */
static bool open_value(struct json_reader *reader, bool is_array)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return give_up_json(reader, JSON_REFUSED, "it is nested deeper than 256");
	reader->is_array[reader->depth++] = is_array;
	reader->wants_key = !is_array;
	return told(reader, reader->handler->open(reader->handler->context, is_array));
}

/* close_value - "}" or "]" */
static bool close_value(struct json_reader *reader, bool is_array)
{
	if (reader->depth == 0 || reader->is_array[reader->depth - 1] != is_array)
		return give_up_json(reader, JSON_BROKEN, NULL);
	reader->depth--;
	reader->wants_key = false;
	return told(reader, reader->handler->close(reader->handler->context));
}

/* take_string - a key or a value */
static bool take_string(struct json_reader *reader)
{
	const struct json_handler *handler = reader->handler;

	if (!read_string(reader))
		return false;
	if (!reader->wants_key)
		return told(reader, handler->value(handler->context, JSON_STRING,
						   buffer_slice(&reader->token)));
	reader->wants_key = false;
	return told(reader, handler->key(handler->context, buffer_slice(&reader->token)));
}

/* take_bare - a number or a word */
static bool take_bare(struct json_reader *reader)
{
	const struct json_handler *handler = reader->handler;
	enum json_type type;

	return read_bare(reader, &type) &&
	       told(reader, handler->value(handler->context, type, buffer_slice(&reader->token)));
}

/* take_token - the next one; blanks and separators tell nothing that the rest does not */
static bool take_token(struct json_reader *reader, int byte)
{
	switch (byte) {
	case '{':
	case '[': next_byte(reader); return open_value(reader, byte == '[');
	case '}':
	case ']': next_byte(reader); return close_value(reader, byte == ']');
	case '"': next_byte(reader); return take_string(reader);
	case ',':
		next_byte(reader);
		reader->wants_key = reader->depth > 0 && !reader->is_array[reader->depth - 1];
		return true;
	case ':':
	case ' ':
	case '\t':
	case '\r':
	case '\n': next_byte(reader); return true;
	default: return take_bare(reader);
	}
}

/* read_value - up to the end of the first value */
static void read_value(struct json_reader *reader)
{
	bool begun = false;
	int byte;

	do {
		byte = peek_byte(reader);
		if (byte == NO_BYTE) {
			give_up_json(reader, JSON_BROKEN, NULL);
			return;
		}
		if (!take_token(reader, byte))
			return;
		begun = begun || reader->depth > 0;
	} while (!begun || reader->depth > 0);
}

enum json_outcome json_read(struct octets *text, const struct json_handler *handler,
			    const char **reason)
{
	struct json_reader *reader = memory_alloc(sizeof(*reader));
	enum json_outcome outcome;

	reader->from = text;
	reader->handler = handler;
	reader->outcome = JSON_COMPLETE;
	buffer_init(&reader->token, JSON_TOKEN_MAX);
	read_value(reader);
	outcome = reader->outcome;
	*reason = reader->reason;
	buffer_free(&reader->token);
	free(reader);
	return outcome;
}
