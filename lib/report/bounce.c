/*
 * bounce - reading a report that has come back; see report/bounce.h
 *
 * RFC 3464 (the fields, section 2.3), RFC 3463 (status codes), RFC 3461 (xtext), RFC 6522;
 * https://cr.yp.to/proto/qsbmf.txt for the notices of qmail.
 */
#include "report/bounce.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "report/suppress_list.h"

#define QSBMF_START   "Hi. This is the"
#define STATUS_DIGITS 3 /* RFC 3463 section 2: of subject and detail */

static void set_bounce(struct pool *pool, struct bounce *bounce, enum bounce_verdict verdict,
		       struct slice reason)
{
	reason = slice_trim(reason);
	if (reason.len > BOUNCE_REASON_MAX)
		reason.len = BOUNCE_REASON_MAX;
	bounce->verdict = verdict;
	bounce->reason = reason.len > 0 ? text_printable(pool, reason) : "no reason is given";
}

/* same_address - as they are compared in lists */
static bool same_address(struct pool *pool, struct slice text, const char *address)
{
	const char *wanted = suppress_address(pool, address);
	const char *got = suppress_address(pool, slice_copy(pool, slice_trim(text)));

	return wanted != NULL && got != NULL && strcmp(wanted, got) == 0;
}

/* digit_of - the value of a hexadecimal digit */
static int digit_of(char digit)
{
	return is_digit(digit) ? digit - '0' : byte_lower(digit) - 'a' + 10;
}

/* decode_xtext - "+2B" is "+" (RFC 3461 section 4) */
static const char *decode_xtext(struct pool *pool, struct slice text)
{
	char *copy = slice_copy(pool, text);
	char *out = copy;

	for (const char *in = copy; *in != '\0'; in++) {
		if (*in == '+' && is_hexdigit(in[1]) && is_hexdigit(in[2])) {
			*out++ = (char)(digit_of(in[1]) * 16 + digit_of(in[2]));
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
	return copy;
}

/* names - "rfc822; d@example.org" (RFC 3464 section 2.3.1) */
static bool names(struct pool *pool, const char *value, const char *address)
{
	struct slice text = slice_of(value);
	size_t mark = slice_find(text, ';');

	if (value == NULL)
		return false;
	if (mark < text.len)
		text = slice_skip(text, mark + 1);
	return same_address(pool, text, address) ||
	       same_address(pool, slice_of(decode_xtext(pool, text)), address);
}

/* status_len - of a status code at the start of a text (RFC 3463 section 2); 0 if there is none */
static size_t status_len(struct slice text)
{
	size_t len = 1;

	if (text.len == 0 || (text.data[0] != '2' && text.data[0] != '4' && text.data[0] != '5'))
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;

		if (len == text.len || text.data[len] != '.')
			return 0;
		len++;
		while (len < text.len && is_digit(text.data[len]) && digits <= STATUS_DIGITS) {
			len++;
			digits++;
		}
		if (digits == 0 || digits > STATUS_DIGITS)
			return 0;
	}
	return len < text.len && (is_alnum(text.data[len]) || text.data[len] == '.') ? 0 : len;
}

/* is_reply_code - "550 " or "550-" at the start of a text (RFC 5321 section 4.2) */
static bool is_reply_code(struct slice text)
{
	return text.len > 3 && (text.data[0] == '4' || text.data[0] == '5') &&
	       text.data[1] >= '0' && text.data[1] <= '5' && is_digit(text.data[2]) &&
	       (text.data[3] == ' ' || text.data[3] == '-');
}

/* class_of - '4' or '5', of the first code in a text; a status tells more than a reply. 0: none */
static char class_of(struct slice text)
{
	char reply = '\0';

	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = slice_skip(text, i);

		if (i > 0 && (is_alnum(text.data[i - 1]) || text.data[i - 1] == '.'))
			continue;
		if (status_len(rest) > 0 && text.data[i] != '2')
			return text.data[i];
		if (reply == '\0' && is_reply_code(rest))
			reply = text.data[i];
	}
	return reply;
}

/* verdict_of - a class of codes */
static enum bounce_verdict verdict_of(char class)
{
	return class == '4' ? BOUNCE_FOR_NOW : BOUNCE_FINAL;
}

/* word_is - the first word of a value, comments aside */
static bool word_is(const char *value, const char *word)
{
	struct slice text = slice_of(value);

	text = slice_skip(text, skip_cfws(text));
	return slice_is_nocase(slice_from(text.data, skip_token(text)), word);
}

/* judge_recipient - a group of fields about the address (RFC 3464 section 2.3) */
static void judge_recipient(struct pool *pool, struct slice group, struct bounce *bounce)
{
	const char *action = notice_field(pool, group, "Action");
	const char *status = notice_field(pool, group, "Status");
	const char *diagnostic = notice_field(pool, group, "Diagnostic-Code");
	char class = class_of(slice_of(status));

	if (class == '\0')
		class = class_of(slice_of(diagnostic));
	if (action != NULL ? !word_is(action, "failed") : class != '5') {
		if (bounce->verdict == BOUNCE_NOTHING)
			set_bounce(pool, bounce, BOUNCE_NOTHING,
				   slice_of(pool_printf(pool, "the notice says \"%s\"",
							action != NULL ? action : "nothing")));
		return;
	}
	if (verdict_of(class) > bounce->verdict)
		set_bounce(pool, bounce, verdict_of(class),
			   slice_of(diagnostic != NULL ? diagnostic : status));
}

/* read_status - message/delivery-status: first the fields of the mail, then those of recipients */
static void read_status(struct pool *pool, struct slice body, const char *address,
			struct bounce *bounce)
{
	struct slice group;

	while (notice_cut_group(&body, &group)) {
		if (names(pool, notice_field(pool, group, "Original-Recipient"), address) ||
		    names(pool, notice_field(pool, group, "Final-Recipient"), address))
			judge_recipient(pool, group, bounce);
	}
}

/* is_of_mailer_daemon - the author, by the local part of From alone */
static bool is_of_mailer_daemon(struct pool *pool, const struct notice *notice)
{
	const char *from = notice_field(pool, notice->header, "From");
	struct address_list list;
	struct error ignored;

	if (from == NULL)
		return false;
	if (address_parse_list(pool, slice_of(from), &list, &ignored) && list.count == 1)
		return slice_is_nocase(slice_of(list.items[0].local), "mailer-daemon");
	return false;
}

/* is_answer - of a program in the name of a reader (RFC 3834 section 5) */
static bool is_answer(struct pool *pool, const struct notice *notice)
{
	const char *submitted = notice_field(pool, notice->header, "Auto-Submitted");

	return submitted != NULL && word_is(submitted, "auto-replied") &&
	       notice_field(pool, notice->header, "X-Failed-Recipients") == NULL;
}

/* said - what the notice itself says: its first text, up to a copy of what it is about */
static struct slice said(const struct notice *notice)
{
	struct slice text = slice_from("", 0);
	struct slice rest, line;

	for (size_t i = 0; i < notice->count && text.len == 0; i++) {
		if (strcmp(notice->parts[i].type, "text/plain") == 0)
			text = notice->parts[i].body;
	}
	rest = text;
	while (slice_cut(&rest, '\n', &line)) {
		struct slice words = slice_trim(line);

		if (slice_starts_nocase(words, "--- Below this line") ||
		    slice_starts_nocase(words, "------ This is a copy of") ||
		    slice_starts_nocase(words, "----- Original message") ||
		    slice_starts_nocase(words, "----- Unsent message") ||
		    slice_starts_nocase(words, "Return-Path:") ||
		    slice_starts_nocase(words, "Received:"))
			return slice_between(text.data, line.data);
	}
	return text;
}

/* contains - a phrase, in any case, wherever lines end */
static bool contains(struct slice text, const char *phrase)
{
	for (; text.len > 0; text = slice_skip(text, 1)) {
		if (slice_starts_nocase(text, phrase))
			return true;
	}
	return false;
}

/* mentions - the address, and not as a part of a longer one */
static bool mentions(struct slice text, const char *address)
{
	size_t len = strlen(address);

	for (size_t i = 0; i + len <= text.len; i++) {
		bool starts = i == 0 || (!is_atext(text.data[i - 1]) && text.data[i - 1] != '.');
		char after = i + len < text.len ? text.data[i + len] : ' ';

		if (starts && slice_starts_nocase(slice_skip(text, i), address) &&
		    !is_alnum(after) && after != '-' && after != '@')
			return true;
	}
	return false;
}

/* read_qmail - a paragraph for each recipient that has failed */
static void read_qmail(struct pool *pool, struct slice text, const char *address,
		       struct bounce *bounce)
{
	const char *start = pool_printf(pool, "<%s>:", address);
	struct slice group;

	while (notice_cut_group(&text, &group)) {
		if (slice_starts_nocase(slice_trim(group), start))
			set_bounce(pool, bounce, verdict_of(class_of(group)),
				   slice_skip(slice_trim(group), strlen(start)));
	}
}

/* is_warning - a notice of delay, in the words of Exim, Sendmail and others */
static bool is_warning(struct pool *pool, const struct notice *notice, struct slice text)
{
	static const char *const phrases[] = {"has not yet been delivered",
					      "no action is required",
					      "will be retried",
					      "transient non-fatal",
					      "do not need to resend",
					      "will keep trying",
					      "delivery attempts will continue"};
	const char *subject = notice_field(pool, notice->header, "Subject");

	if (subject != NULL &&
	    (contains(slice_of(subject), "warning") || contains(slice_of(subject), "delay")))
		return true;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (contains(text, phrases[i]))
			return true;
	}
	return false;
}

/* line_of - of a text, the one that has the first code, as its reason */
static struct slice line_of(struct slice text)
{
	struct slice rest = text;
	struct slice line;

	while (slice_cut(&rest, '\n', &line)) {
		if (class_of(line) != '\0')
			return line;
	}
	return slice_from("", 0);
}

/* read_text - any other mail system */
static void read_text(struct pool *pool, const struct notice *notice, const char *address,
		      struct bounce *bounce)
{
	const char *failed = notice_field(pool, notice->header, "X-Failed-Recipients");
	struct slice text = said(notice);
	char class = class_of(text);
	bool is_named = failed != NULL ? mentions(slice_of(failed), address)
				       : mentions(text, address) &&
					     (class == '5' || contains(text, "permanent fatal"));

	if (!is_named || is_warning(pool, notice, text))
		return;
	if (contains(text, "retry timeout exceeded") || contains(text, "retry time not reached"))
		class = '4';
	set_bounce(pool, bounce, verdict_of(class), line_of(text));
}

void bounce_read(struct pool *pool, const struct notice *notice, const char *address,
		 struct bounce *bounce)
{
	struct slice text = said(notice);
	bool has_status = false;

	*bounce = (struct bounce){BOUNCE_NOTHING, "no notice that mail to this address has failed"};
	for (size_t i = 0; i < notice->count; i++) {
		const struct notice_part *part = &notice->parts[i];

		if (!part->in_report || (strcmp(part->type, "message/delivery-status") != 0 &&
					 strcmp(part->type, "message/global-delivery-status") != 0))
			continue;
		has_status = true;
		read_status(pool, part->body, address, bounce);
	}
	if (has_status || *notice->report_type != '\0' || !is_of_mailer_daemon(pool, notice) ||
	    is_answer(pool, notice))
		return;
	while (text.len > 0 &&
	       (is_wsp(text.data[0]) || text.data[0] == '\r' || text.data[0] == '\n'))
		text = slice_skip(text, 1);
	if (slice_starts_nocase(text, QSBMF_START))
		read_qmail(pool, text, address, bounce);
	else
		read_text(pool, notice, address, bounce);
}
