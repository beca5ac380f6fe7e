/*
 * json - one JSON object on one line; see base/json.h
 *
 * RFC 8259 section 7 for strings, RFC 3629 for what is UTF-8.
 */
#include "base/json.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "base/utf8.h"

/* One text of a message, escaped at its worst ("\u0001" for one octet), and the rest of the object.
 */
#define JSON_TEXT_MAX (64U << 20)

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* add_escaped - one character that a string cannot hold as it is */
static void add_escaped(struct buffer *text, char byte)
{
	if (byte == '"' || byte == '\\')
		buffer_printf(text, "\\%c", byte);
	else
		buffer_printf(text, "\\u%04x", (unsigned)byte);
}

/* add_json_text - the characters of a string */
static void add_json_text(struct buffer *text, struct slice s)
{
	size_t len;

	for (size_t at = 0; at < s.len; at += len) {
		struct slice rest = slice_skip(s, at);
		char byte = rest.data[0];

		len = (byte & '\x80') != 0 ? skip_utf8_tail(rest) : 1;
		if (len == 0) {
			buffer_add_text(text, REPLACEMENT);
			len = 1;
		} else if (len == 1 && (byte < ' ' || byte == '"' || byte == '\\')) {
			add_escaped(text, byte);
		} else {
			buffer_add(text, rest.data, len);
		}
	}
}

/* add_string - a string with its quotes; NULL gives an empty one */
static void add_string(struct json *json, const char *value)
{
	buffer_add_byte(&json->text, '"');
	add_json_text(&json->text, slice_of(value));
	buffer_add_byte(&json->text, '"');
}

/* next - the comma between two members or two items */
static void next(struct json *json)
{
	if (!json->first)
		buffer_add_byte(&json->text, ',');
	json->first = false;
}

/* add_key - the name of the next member */
static void add_key(struct json *json, const char *key)
{
	next(json);
	add_string(json, key);
	buffer_add_byte(&json->text, ':');
}

void json_begin(struct json *json)
{
	buffer_init(&json->text, JSON_TEXT_MAX);
	buffer_add_byte(&json->text, '{');
	json->first = true;
}

void json_string(struct json *json, const char *key, const char *value)
{
	add_key(json, key);
	add_string(json, value);
}

void json_number(struct json *json, const char *key, long long value)
{
	add_key(json, key);
	buffer_printf(&json->text, "%lld", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	add_key(json, key);
	buffer_add_text(&json->text, value ? "true" : "false");
}

void json_list_begin(struct json *json, const char *key)
{
	add_key(json, key);
	buffer_add_byte(&json->text, '[');
	json->first = true;
}

void json_item(struct json *json, const char *value)
{
	next(json);
	add_string(json, value);
}

void json_list_end(struct json *json)
{
	buffer_add_byte(&json->text, ']');
	json->first = false;
}

void json_end_into(struct json *json, struct buffer *out)
{
	buffer_add_text(&json->text, "}\n");
	if (json->text.overflow)
		out->overflow = true;
	else
		buffer_add_slice(out, buffer_slice(&json->text));
	buffer_free(&json->text);
}

bool json_end(struct json *json)
{
	bool written;

	buffer_add_text(&json->text, "}\n");
	errno = EMSGSIZE; /* if it is not even tried */
	written = !json->text.overflow && io_write(STDOUT_FILENO, json->text.data, json->text.len);
	buffer_free(&json->text);
	return written;
}
