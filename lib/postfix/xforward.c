/*
 * xforward - attributes in as few commands as take them; see postfix/xforward.h
 */
#include "postfix/xforward.h"

#include <string.h>

#include "base/pool.h"

#define XFORWARD "XFORWARD"

/* Octets, with the line end; Postfix XFORWARD_README */
#define XFORWARD_COMMAND_MAX 512
#define XFORWARD_VALUE_MAX   255

/* has_word - is this one of the words between blanks? */
static bool has_word(struct slice words, struct slice wanted)
{
	struct slice word;

	while (words.data != NULL && slice_cut(&words, ' ', &word)) {
		if (slice_equal_nocase(word, wanted))
			return true;
	}
	return false;
}

/* put_xtext - the value of an attribute (RFC 3461 4) */
static void put_xtext(struct buffer *line, const char *value)
{
	for (; *value != '\0'; value++) {
		if (*value >= '!' && *value <= '~' && *value != '+' && *value != '=')
			buffer_add_byte(line, *value);
		else
			buffer_printf(line, "+%02X", (unsigned char)*value);
	}
}

/* put_attribute - " NAME=VALUE" */
static void put_attribute(struct buffer *words, struct slice name, const char *value)
{
	size_t start;

	buffer_add_byte(words, ' ');
	buffer_add_slice(words, name);
	buffer_add_byte(words, '=');
	start = words->len;
	if (strcmp(value, "unknown") != 0)
		put_xtext(words, value);
	if (!words->overflow && words->len - start > 0 && words->len - start <= XFORWARD_VALUE_MAX)
		return;
	/* A client may have said what is too long. */
	words->len = start;
	words->overflow = false;
	buffer_add_text(words, "[UNAVAILABLE]");
}

/*
 * forward_attributes - as many as one command takes, from *index on; what the server does not know
 * is left out, and if it refuses the others, that is no reason to keep the message
 */
static bool forward_attributes(struct smtp_connection *connection, struct slice known,
			       char *const *attributes, size_t count, size_t *index)
{
	struct pool *pool = connection->pool;
	const char *command = XFORWARD;
	struct buffer words;

	for (; *index < count; ++*index) {
		const char *attribute = attributes[*index];
		struct slice text = slice_of(attribute);
		struct slice name = slice_from(text.data, slice_find(text, '='));
		const char *longer;

		if (name.len == text.len)
			return error_set(connection->error, STATUS_CONFIG, "%s is not NAME=VALUE",
					 attribute);
		if (!has_word(known, name))
			continue;
		buffer_init(&words, XFORWARD_COMMAND_MAX);
		put_attribute(&words, name, attribute + name.len + 1);
		longer = pool_printf(pool, "%s%s", command, slice_copy(pool, buffer_slice(&words)));
		buffer_free(&words);
		if (strlen(longer) + strlen("\r\n") > XFORWARD_COMMAND_MAX &&
		    strcmp(command, XFORWARD) != 0)
			break;
		command = longer;
	}
	return strcmp(command, XFORWARD) == 0 || smtp_ask(connection, "", command);
}

bool xforward_send(struct smtp_connection *connection, char *const *attributes, size_t count)
{
	struct slice known;
	size_t index = 0;

	if (!smtp_offers(connection, XFORWARD, &known))
		return true;
	while (index < count) {
		if (!forward_attributes(connection, known, attributes, count, &index))
			return false;
	}
	return true;
}
