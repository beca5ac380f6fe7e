/*
 * bounce - reading a report that has come back; see bounce.h
 */
#include "bounce.h"

#include <string.h>

#include "abnf.h"
#include "aggregate_report.h"
#include "report.h"

#define REPORT_ID_LEN 24

/* token_len - of "REPORT-ID.NUMBER" at the start of a text; 0 if there is none */
static size_t token_len(struct slice text)
{
	size_t len = REPORT_ID_LEN + 1;

	if (text.len <= len || text.data[REPORT_ID_LEN] != '.' ||
	    !report_id_is(slice_from(text.data, REPORT_ID_LEN)))
		return 0;
	while (len < text.len && is_digit(text.data[len]))
		len++;
	return len > REPORT_ID_LEN + 1 ? len : 0;
}

bool bounce_next_token(struct slice *text, struct slice *token)
{
	while (text->len > 0) {
		size_t len = token_len(*text);

		*token = slice_from(text->data, len);
		*text = slice_skip(*text, len > 0 ? len : 1);
		if (len > 0)
			return true;
	}
	return false;
}

/* field_of - the value of the first line that begins so (RFC 3464 section 2); empty without */
static struct slice field_of(struct slice text, const char *name)
{
	struct slice line;

	while (slice_cut(&text, '\n', &line)) {
		if (slice_starts_nocase(line, name))
			return slice_trim(slice_skip(line, strlen(name)));
	}
	return slice_from("", 0);
}

bool bounce_is_final(struct slice text)
{
	struct slice action = field_of(text, "Action:");

	return action.len == 0 || slice_starts_nocase(action, "failed");
}

const char *bounce_reason(struct pool *pool, struct slice text)
{
	struct slice diagnostic = field_of(text, "Diagnostic-Code:");
	struct slice status = field_of(text, "Status:");

	if (diagnostic.len == 0)
		diagnostic = status;
	if (diagnostic.len == 0)
		return "no reason is given";
	if (diagnostic.len > BOUNCE_REASON_MAX)
		diagnostic.len = BOUNCE_REASON_MAX;
	return text_printable(pool, diagnostic);
}
