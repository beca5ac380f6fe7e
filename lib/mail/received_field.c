/*
 * received_field - the SMTP client out of a Received field; see mail/received_field.h
 *
 * RFC 5321 4.4 has a grammar for it, but what counts is what the four programs write:
 *
 *   Postfix   from HELO (NAME [ADDRESS])
 *   Sendmail  from HELO (IDENT@NAME [ADDRESS] (may be forged)), NAME may be missing
 *   Exim      from NAME ([ADDRESS]:PORT helo=HELO ident=IDENT), from [ADDRESS] (helo=HELO);
 *             without helo= it was the same as what stands in front
 *   qmail     from NAME (HELO HELO) (IDENT@ADDRESS); without (HELO ) it was the same as NAME
 *
 * Postfix lets a client say HELO with blanks and parentheses in it, so that a first line may
 * hold several addresses. It is therefore read from its end, which the mail system wrote.
 */
#include "mail/received_field.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define FROM          "from "
#define ENVELOPE_FROM "(envelope-from "
#define FORGED        " (may be forged)"

/* What comes after the address in an Exim comment. */
#define EXIM_HELO "helo="

/* What a form of the first line yields. */
struct parts {
	struct slice address;
	struct slice helo;
};

/* A form: true if it is this one. line is without "from ". */
typedef bool form(struct slice line, struct parts *parts);

/* cut_end - cuts it off the end, if it is there and something in front of it */
static bool cut_end(struct slice *text, const char *end)
{
	size_t len = strlen(end);

	if (text->len <= len || memcmp(text->data + text->len - len, end, len) != 0)
		return false;
	text->len -= len;
	return true;
}

/* is_name - what the mail system found out of the client: host name, "unknown", IDENT:USER@NAME */
static bool is_name(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_alnum(text.data[i]) && strchr(".-_@:", text.data[i]) == NULL)
			return false;
	}
	return true;
}

/* cut_last - cuts the text at its last such byte; behind is what follows it */
static bool cut_last(struct slice *text, char byte, struct slice *behind)
{
	size_t at = slice_find_last(*text, byte);

	if (at == text->len)
		return false;
	*behind = slice_skip(*text, at + 1);
	text->len = at;
	return true;
}

/* postfix_form - HELO (NAME [ADDRESS]), and Sendmail's, which is the same but for two additions */
static bool postfix_form(struct slice line, struct parts *parts)
{
	struct slice name;

	if (!cut_end(&line, ")"))
		return false;
	cut_end(&line, FORGED);
	if (!cut_end(&line, "]") || !cut_last(&line, '[', &parts->address) ||
	    !cut_last(&line, '(', &name))
		return false;
	if (name.len != 0 && name.data[name.len - 1] != ' ')
		return false;
	parts->helo = slice_trim(line);
	return is_name(slice_trim(name)) && parts->helo.len != 0;
}

/* cut_address - "[ADDRESS]" or "[ADDRESS]:PORT" off the start */
static bool cut_address(struct slice *text, struct slice *address)
{
	size_t end = slice_find(*text, ']');
	size_t len;

	if (text->len == 0 || text->data[0] != '[' || end == text->len)
		return false;
	*address = slice_from(text->data + 1, end - 1);
	*text = slice_skip(*text, end + 1);
	if (text->len == 0 || text->data[0] != ':')
		return true;
	for (len = 1; len < text->len && is_digit(text->data[len]);)
		len++;
	*text = slice_skip(*text, len);
	return true;
}

/* helo_word - the HELO name among the words of an Exim comment, or what it is without */
static struct slice helo_word(struct slice words, struct slice otherwise)
{
	struct slice word;

	while (slice_cut(&words, ' ', &word)) {
		if (slice_starts_nocase(word, EXIM_HELO))
			return slice_skip(word, strlen(EXIM_HELO));
	}
	return otherwise;
}

/* exim_form - NAME ([ADDRESS]:PORT helo=HELO) */
static bool exim_form(struct slice line, struct parts *parts)
{
	size_t end = slice_find(line, ' ');
	struct slice name = slice_from(line.data, end);
	struct slice words = slice_skip(line, end);

	if (!is_name(name) || !cut_end(&words, ")") || !slice_starts_nocase(words, " ("))
		return false;
	words = slice_skip(words, strlen(" ("));
	if (!cut_address(&words, &parts->address))
		return false;
	parts->helo = helo_word(words, name);
	return true;
}

/* exim_bare_form - [ADDRESS]:PORT (helo=HELO), or without the comment */
static bool exim_bare_form(struct slice line, struct parts *parts)
{
	struct slice literal = slice_from(line.data, slice_find(line, ' '));

	if (!cut_address(&line, &parts->address))
		return false;
	if (line.len != 0 && (!cut_end(&line, ")") || !slice_starts_nocase(line, " (")))
		return false;
	parts->helo = helo_word(line.len != 0 ? slice_skip(line, strlen(" (")) : line, literal);
	return true;
}

/* qmail_helo - the HELO name in "NAME (HELO HELO) ", or NAME if that is all */
static bool qmail_helo(struct slice text, struct slice *helo)
{
	struct slice comment;

	if (!cut_end(&text, " "))
		return false;
	*helo = text;
	if (!cut_end(&text, ")"))
		return is_name(*helo);
	if (!cut_last(&text, '(', &comment) ||
	    (!slice_starts_nocase(comment, "HELO ") && !slice_starts_nocase(comment, "EHLO ")))
		return false;
	*helo = slice_skip(comment, strlen("HELO "));
	return true;
}

/* qmail_form - NAME (HELO HELO) (IDENT@ADDRESS) */
static bool qmail_form(struct slice line, struct parts *parts)
{
	struct slice ident;

	if (!cut_end(&line, ")") || !cut_last(&line, '(', &parts->address) ||
	    !qmail_helo(line, &parts->helo))
		return false;
	ident = parts->address;
	cut_last(&ident, '@', &parts->address);
	return true;
}

/* parse_client - the first line */
static bool parse_client(struct pool *pool, struct slice line, struct received_client *client)
{
	static form *const forms[] = {postfix_form, exim_form, exim_bare_form, qmail_form};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct parts parts;

		if (forms[i](line, &parts) && ip_address_parse(parts.address, &client->address)) {
			client->helo = slice_copy(pool, parts.helo);
			return true;
		}
	}
	return false;
}

/* parse_sender - "(envelope-from <ADDRESS>)", alone on a line (Exim, Sendmail on BSD) */
static const char *parse_sender(struct pool *pool, struct slice line)
{
	if (!slice_starts_nocase(line, ENVELOPE_FROM) || !cut_end(&line, ")"))
		return NULL;
	line = slice_trim(slice_skip(line, strlen(ENVELOPE_FROM)));
	if (line.len >= 2 && line.data[0] == '<' && line.data[line.len - 1] == '>')
		line = slice_from(line.data + 1, line.len - 2);
	return slice_copy(pool, line);
}

bool received_field_parse(struct pool *pool, struct slice value, struct received_client *client,
			  struct error *error)
{
	struct slice rest = slice_trim(value);
	struct slice line;

	*client = (struct received_client){.sender = NULL};
	if (slice_find(rest, '\0') != rest.len || slice_find(rest, '\n') == rest.len ||
	    !slice_cut(&rest, '\n', &line))
		return error_set(error, STATUS_OTHER, "is on one line or has a NUL octet in it");
	line = slice_trim(line);
	if (!slice_starts_nocase(line, FROM))
		return error_set(error, STATUS_OTHER, "names no client");
	if (!parse_client(pool, slice_trim(slice_skip(line, strlen(FROM))), client))
		return error_set(error, STATUS_OTHER,
				 "is not as Postfix, Exim, Sendmail or qmail write it");
	while (client->sender == NULL && slice_cut(&rest, '\n', &line))
		client->sender = parse_sender(pool, slice_trim(line));
	return true;
}

/* is_clean - neither folded nor with a NUL octet, as no mail system writes an address */
static bool is_clean(struct slice text)
{
	return slice_find(text, '\n') == text.len && slice_find(text, '\0') == text.len;
}

/* return_path - the sender in a Return-Path above the index-th field, or NULL */
static const char *return_path(struct pool *pool, const struct message *message, size_t index)
{
	size_t found = message_find(message, "Return-Path", 0);
	struct slice path;

	if (found >= index)
		return NULL;
	path = slice_trim(message_field(message, found)->value);
	if (path.len < 2 || path.data[0] != '<' || path.data[path.len - 1] != '>' ||
	    !is_clean(path))
		return NULL;
	return slice_copy(pool, slice_from(path.data + 1, path.len - 2));
}

/* hint - the field that does tell the client: the next one down that can be read */
static const char *hint(struct pool *pool, const struct message *message, size_t index,
			unsigned number)
{
	size_t count = message_field_count(message);
	struct received_client client;
	struct error ignored;

	do {
		index = message_find(message, "Received", index + 1);
		number++;
		if (index >= count)
			return "";
	} while (
	    !received_field_parse(pool, message_field(message, index)->value, &client, &ignored));
	return pool_printf(
	    pool,
	    "; Received field %u names %s: if it is one of your own mail system, use "
	    "-r%u",
	    number, client.address.text, number);
}

bool received_field_find(struct pool *pool, const struct message *message, unsigned number,
			 struct received_client *client, struct error *error)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, "Received", 0);
	struct error cause;

	for (unsigned i = 1; i < number && index < count; i++)
		index = message_find(message, "Received", index + 1);
	if (index >= count)
		return error_set(error, STATUS_OTHER,
				 "the message has less than %u Received field%s", number,
				 number == 1 ? "" : "s");
	if (!received_field_parse(pool, message_field(message, index)->value, client, &cause))
		return error_set(error, STATUS_OTHER, "Received field %u %s%s", number, cause.text,
				 hint(pool, message, index, number));
	if (client->sender == NULL)
		client->sender = return_path(pool, message, index);
	return true;
}
