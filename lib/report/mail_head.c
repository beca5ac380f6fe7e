/*
 * mail_head - what our report mails have alike; see report/mail_head.h
 */
#include "report/mail_head.h"

#include "mail/abnf.h"

#define WORD_OCTETS  45 /* RFC 2047 2: 75 characters an encoded word, each octet up to three */
#define ENCODED_SIZE 3  /* "=C3" */

void mail_head_time(struct buffer *out, time_t time)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm parts = {.tm_mday = 1};

	gmtime_r(&time, &parts);
	buffer_printf(out, "%s, %d %s %d %02d:%02d:%02d +0000", days[parts.tm_wday], parts.tm_mday,
		      months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
		      parts.tm_sec);
}

/* is_ascii - printable ASCII only */
static bool is_ascii(const char *text)
{
	while (*text == ' ' || is_vchar(*text))
		text++;
	return *text == '\0';
}

/* add_encoded_words - RFC 2047; a word ends only where a character of UTF-8 does */
static void add_encoded_words(struct buffer *out, const char *text)
{
	size_t used = 0;

	buffer_add_text(out, "=?utf-8?q?");
	for (; *text != '\0'; text++) {
		bool starts = ((unsigned char)*text & 0xc0) != 0x80;

		if (starts && used >= WORD_OCTETS) {
			buffer_add_text(out, "?=\n =?utf-8?q?");
			used = 0;
		}
		if (is_alnum(*text))
			buffer_add_byte(out, *text);
		else
			buffer_printf(out, "=%02X", (unsigned char)*text);
		used += is_alnum(*text) ? 1 : ENCODED_SIZE;
	}
	buffer_add_text(out, "?=");
}

void mail_head_from(struct buffer *out, const struct report_submitter *submitter)
{
	buffer_add_text(out, "From: ");
	if (is_ascii(submitter->organization))
		put_quoted_string(out, slice_of(submitter->organization));
	else
		add_encoded_words(out, submitter->organization);
	buffer_printf(out, "\n <%s>\n", submitter->email);
}
