/*
 * bounce - reading a report that has come back; see report/bounce.h
 */
#include "report/bounce.h"

#include <string.h>

#include "base/printable.h"
#include "mail/abnf.h"
#include "report/aggregate.h"

#define REPORT_ID_LEN 24
#define ACTION        "Action:"

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

/* is_of_mail_system - is one the author? Not a reader who answers, and no program of his */
static bool is_of_mail_system(struct slice text)
{
	static const char *const names[] = {"mailer-daemon", "postmaster"};
	struct slice author = field_of(text, "From:");

	for (; author.len > 0; author = slice_skip(author, 1)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (slice_starts_nocase(author, names[i]))
				return true;
		}
	}
	return false;
}

bool bounce_is_final(struct slice text)
{
	bool has_action = false;
	struct slice rest = text;
	struct slice line;

	/* One for each recipient (RFC 3464 section 2.3.3). */
	while (slice_cut(&rest, '\n', &line)) {
		if (!slice_starts_nocase(line, ACTION))
			continue;
		if (slice_starts_nocase(slice_trim(slice_skip(line, strlen(ACTION))), "failed"))
			return true;
		has_action = true;
	}
	return !has_action && is_of_mail_system(text);
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
