/*
 * authres_write - writing Authentication-Results fields; see mail/authres.h
 *
 * RFC 8601 section 2.2, RFC 5322 section 2.1.1. Every part is composed on its own
 * and then placed whole, on this line or the next, or not at all; so nothing a
 * stranger chose is ever cut in the middle or reaches over its end.
 */
#include "mail/authres_write.h"
#include "mail/authres_parse.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define LINE_WANTED 78U  /* RFC 5322 section 2.1.1: no longer if possible */
#define LINE_MAX    998U /* RFC 5322 section 2.1.1: never longer */
#define TAB_WIDTH   8U

/* is_printable - printable ASCII and SP */
static bool is_printable(char byte)
{
	return byte == ' ' || is_vchar(byte);
}

/* is_sub_domain - RFC 5321 section 4.1.2, with U-labels (RFC 6531 section 3.3) */
static bool is_sub_domain(struct slice s)
{
	if (s.len == 0 || s.data[0] == '-' || s.data[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.data[i]) && s.data[i] != '-' && (s.data[i] & '\x80') == 0)
			return false;
	}
	return true;
}

/* is_domain_name - RFC 6376 section 3.5: sub-domain 1*("." sub-domain) */
static bool is_domain_name(struct slice s)
{
	struct slice label;
	size_t labels = 0;

	for (; slice_cut(&s, '.', &label); labels++) {
		if (!is_sub_domain(label))
			return false;
	}
	return labels > 1;
}

/* is_address - [ local-part ] "@" domain-name */
static bool is_address(struct slice s)
{
	size_t at = slice_find_last(s, '@');
	struct slice local = slice_from(s.data, at);

	if (at == s.len || !is_domain_name(slice_skip(s, at + 1)))
		return false;
	return skip_dot_atom(local) == at || skip_quoted_string(local) == at;
}

/*
 * add_ascii - text with '?' for what is unwanted or not printable ASCII
 *
 * UTF-8 that the message itself does not have would make it one that only
 * SMTPUTF8 servers take.
 */
static void add_ascii(struct buffer *buffer, const char *text, const char *unwanted)
{
	for (; *text != '\0'; text++) {
		bool wanted = is_printable(*text) && strchr(unwanted, *text) == NULL;

		buffer_add_byte(buffer, wanted ? *text : '?');
	}
}

/* place - puts an item after a space or on a new line, or leaves it out; releases it */
static void place(struct authres_writer *writer, struct buffer *item, bool may_fold)
{
	size_t end = writer->column + 1 + item->len;
	bool fold = may_fold && !writer->one_line && end > LINE_WANTED;
	bool fits = !item->overflow && (fold || end <= LINE_MAX);

	if (fits && buffer_reserve(&writer->text, strlen("\n\t") + item->len) != NULL) {
		buffer_add_text(&writer->text, fold ? "\n\t" : " ");
		buffer_add_slice(&writer->text, buffer_slice(item));
		writer->column = fold ? TAB_WIDTH + item->len : end;
	}
	buffer_free(item);
}

/* item_init - an item that fits on a line after a TAB */
static void item_init(struct buffer *item)
{
	buffer_init(item, LINE_MAX - 1);
}

/* add_methodspec - "method=result" */
static void add_methodspec(struct authres_writer *writer, const char *method, enum result result)
{
	buffer_add_text(&writer->text, method);
	buffer_add_byte(&writer->text, '=');
	buffer_add_text(&writer->text, result_word(result));
	writer->column = writer->text.len;
}

void authres_begin(struct authres_writer *writer, const char *id, const char *method,
		   enum result result)
{
	*writer = (struct authres_writer){.one_line = false};
	buffer_init(&writer->text, AUTHRES_TEXT_MAX);
	buffer_add_text(&writer->text, "Authentication-Results: ");
	if (authres_is_token(slice_of(id)))
		buffer_add_text(&writer->text, id);
	else
		put_quoted_string(&writer->text, slice_of(id));
	buffer_add_text(&writer->text, "; ");
	add_methodspec(writer, method, result);
}

void authres_begin_bare(struct authres_writer *writer, const char *method, enum result result)
{
	*writer = (struct authres_writer){.one_line = true};
	buffer_init(&writer->text, AUTHRES_TEXT_MAX);
	add_methodspec(writer, method, result);
}

void authres_comment(struct authres_writer *writer, const char *text)
{
	struct buffer item;

	if (text == NULL || *text == '\0')
		return;
	item_init(&item);
	buffer_add_byte(&item, '(');
	add_ascii(&item, text, "()\\");
	buffer_add_byte(&item, ')');
	place(writer, &item, false);
}

void authres_reason(struct authres_writer *writer, const char *text)
{
	struct buffer item, ascii;

	if (text == NULL)
		return;
	item_init(&item);
	item_init(&ascii);
	add_ascii(&ascii, text, "");
	buffer_add_text(&item, "reason=");
	put_quoted_string(&item,
			  buffer_slice(&ascii)); /* if that was cut, it does not fit here either */
	buffer_free(&ascii);
	place(writer, &item, true);
}

void authres_add(struct authres_writer *writer, const char *type, const char *name,
		 const char *value)
{
	struct slice text = slice_of(value);
	struct buffer item;

	if (value == NULL || !is_clean_text(text))
		return;
	item_init(&item);
	buffer_add_text(&item, type);
	buffer_add_byte(&item, '.');
	buffer_add_text(&item, name);
	buffer_add_byte(&item, '=');
	if (authres_is_token(text) || is_address(text))
		buffer_add_slice(&item, text);
	else
		put_quoted_string(&item, text);
	place(writer, &item, true);
}

const char *authres_end(struct authres_writer *writer, struct pool *pool)
{
	const char *text = slice_copy(pool, buffer_slice(&writer->text));

	buffer_free(&writer->text);
	return text;
}
