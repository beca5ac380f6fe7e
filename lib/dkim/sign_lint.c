/*
 * sign_lint - what later hops will change; see sign_lint.h
 */
#include "dkim/sign_lint.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080U /* of eight octets */

const char *dkim_lint_text(enum dkim_lint_finding finding)
{
	static const char *const texts[DKIM_LINT_FINDINGS] = {
	    [DKIM_LINT_BARE_CR] = "a CR without LF, which many hops make a line end of",
	    [DKIM_LINT_MIXED_LINE_ENDS] = "lines that end with LF beside lines with CRLF",
	    [DKIM_LINT_LONG_LINE] = "lines longer than 998 octets, which SMTP breaks",
	    [DKIM_LINT_NUL] = "NUL octets, which many hops remove",
	    [DKIM_LINT_NO_MIME] = "8-bit text without MIME header fields that say what it is",
	    [DKIM_LINT_NO_DATE] = "no Date field; a later hop adds one",
	    [DKIM_LINT_NO_FROM] = "no From field",
	    [DKIM_LINT_NO_MESSAGE_ID] = "no Message-ID field; a later hop adds one",
	    [DKIM_LINT_TWO_FROM] = "more than one From field",
	    [DKIM_LINT_NO_FIELD] = "a line in the header section that is no field",
	};

	return texts[finding];
}

/* take_line_end - after a LF */
static void take_line_end(struct dkim_lint *lint)
{
	if (lint->line_len - (lint->cr ? 1 : 0) > DKIM_LINT_LINE_MAX)
		lint->found[DKIM_LINT_LONG_LINE] = true;
	lint->line_ends[lint->cr] = true;
	lint->line_len = 0;
	lint->cr = false;
}

/* take_text - a piece of one line, without LF; cr is the first CR in it, or further after */
static void take_text(struct dkim_lint *lint, struct slice text, const char *cr)
{
	const char *end = text.data + text.len;

	if (text.len == 0)
		return;
	if (lint->cr || cr + 1 < end)
		lint->found[DKIM_LINT_BARE_CR] = true;
	lint->line_len += text.len;
	lint->cr = end[-1] == '\r';
}

/* has_8bit - an octet above 127? Eight at a time */
static bool has_8bit(const char *data, size_t len)
{
	uint64_t all = 0;
	uint64_t word;

	for (; len >= sizeof(word); data += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		all |= word;
	}
	for (; len > 0; data++, len--)
		all |= (unsigned char)*data;
	return (all & HIGH_BITS) != 0;
}

void dkim_lint_body(void *context, const char *data, size_t len)
{
	struct dkim_lint *lint = context;
	struct slice rest = slice_from(data, len);
	const char *cr;

	if (len == 0)
		return;
	cr = data + slice_find(rest, '\r');
	if (!lint->has_8bit)
		lint->has_8bit = has_8bit(data, len);
	if (memchr(data, '\0', len) != NULL)
		lint->found[DKIM_LINT_NUL] = true;
	while (rest.len > 0) {
		size_t lf = slice_find(rest, '\n');

		if (cr < rest.data)
			cr = rest.data + slice_find(rest, '\r');
		take_text(lint, slice_from(rest.data, lf), cr);
		if (lf == rest.len)
			return;
		take_line_end(lint);
		rest = slice_skip(rest, lf + 1);
	}
}

void dkim_lint_finish(struct dkim_lint *lint)
{
	if (lint->line_len - (lint->cr ? 1 : 0) > DKIM_LINT_LINE_MAX)
		lint->found[DKIM_LINT_LONG_LINE] = true;
	lint->found[DKIM_LINT_BARE_CR] |= lint->cr;
	lint->found[DKIM_LINT_MIXED_LINE_ENDS] = lint->line_ends[false] && lint->line_ends[true];
	lint->found[DKIM_LINT_NO_MIME] = lint->has_8bit && !lint->has_mime;
}

/* has - is there a field of that name? */
static bool has(const struct message *message, const char *name)
{
	return message_find(message, name, 0) < message_field_count(message);
}

void dkim_lint_header(struct dkim_lint *lint, const struct message *message)
{
	size_t count = message_field_count(message);
	size_t from = message_find(message, "From", 0);

	*lint = (struct dkim_lint){
	    .has_mime = has(message, "MIME-Version") && has(message, "Content-Type"),
	};
	lint->found[DKIM_LINT_NO_DATE] = !has(message, "Date");
	lint->found[DKIM_LINT_NO_MESSAGE_ID] = !has(message, "Message-ID");
	lint->found[DKIM_LINT_NO_FROM] = from == count;
	lint->found[DKIM_LINT_TWO_FROM] =
	    from < count && message_find(message, "From", from + 1) < count;
	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(message, i);

		if (field->name.len == 0)
			lint->found[DKIM_LINT_NO_FIELD] = true;
		dkim_lint_body(lint, field->raw.data, field->raw.len);
	}
	lint->has_8bit = false; /* of the body only: UTF-8 fields are RFC 6532's business */
}
