/*
 * report_mail - the mail that brings a report; see report/report_mail.h
 */
#include "report/report_mail.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/version.h"
#include "mail/abnf.h"

#define HEAD_MAX     (1U << 20) /* everything before the attachment: our own texts */
#define QUOTED_LINE  75 /* RFC 2045 6.7: 76 characters, the last of them a soft line break */
#define WORD_OCTETS  45 /* RFC 2047 2: 75 characters an encoded word, each octet up to three */
#define ENCODED_SIZE 3  /* "=C3" */

/* add_date - of the creation; strftime would use words of the locale */
static void add_date(struct buffer *out, time_t time)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm parts = {.tm_mday = 1};

	gmtime_r(&time, &parts);
	buffer_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n", days[parts.tm_wday],
		      parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
		      parts.tm_min, parts.tm_sec);
}

/* is_ascii - printable ASCII only */
static bool is_ascii(const char *text)
{
	while (*text == ' ' || is_vchar(*text))
		text++;
	return *text == '\0';
}

/* add_quoted - a quoted-string (RFC 5322 section 3.2.4) */
static void add_quoted(struct buffer *out, const char *text)
{
	buffer_add_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_add_byte(out, '\\');
		buffer_add_byte(out, *text);
	}
	buffer_add_byte(out, '"');
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

/* add_from - with the organization as display name */
static void add_from(struct buffer *out, const struct report_submitter *submitter)
{
	buffer_add_text(out, "From: ");
	if (is_ascii(submitter->organization))
		add_quoted(out, submitter->organization);
	else
		add_encoded_words(out, submitter->organization);
	buffer_printf(out, "\n <%s>\n", submitter->email);
}

/* add_header - RFC 9990 3.5.2: Subject */
static void add_header(struct buffer *out, const struct report_mail *mail)
{
	const struct aggregate_report *report = mail->report;

	add_from(out, report->submitter);
	buffer_printf(out, "To: <%s>\n", mail->recipient);
	add_date(out, report->created);
	buffer_printf(out, "Subject: Report Domain: %s\n Submitter: %s\n Report-ID: <%s>\n",
		      report->policy_domain, report->submitter->domain, report->id);
	buffer_printf(out, "Message-ID: <%s@%s>\n", mail->token, report->submitter->domain);
	buffer_add_text(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	buffer_printf(out, "Content-Type: multipart/mixed; boundary=\"=_%s\"\n\n", report->id);
}

/* add_text - for people */
static void add_text(struct buffer *out, const struct report_mail *mail)
{
	const struct aggregate_report *report = mail->report;
	const struct report_content *content = mail->content;
	time_t begin = (time_t)report->begin;
	struct tm day = {.tm_mday = 1};

	gmtime_r(&begin, &day);
	buffer_printf(out, "This is a DMARC aggregate report (%s) about mail in the name of\n\n",
		      report->legacy ? "RFC 7489" : "RFC 9990");
	buffer_printf(out, "    %s\n\n", report->policy_domain);
	buffer_printf(out, "that arrived at %s on %04d-%02d-%02d (UTC).\n\n",
		      report->submitter->organization, day.tm_year + 1900, day.tm_mon + 1,
		      day.tm_mday);
	buffer_printf(out, "    messages:          %llu\n", content->messages);
	buffer_printf(out, "    passed DMARC:      %llu\n", content->passed);
	buffer_printf(out, "    did not pass:      %llu\n", content->messages - content->passed);
	buffer_printf(out, "    published policy:  p=%s%s\n", dmarc_policy_word(report->policy->p),
		      report->policy->testing ? " t=y" : "");
	buffer_printf(out, "    Report-ID:         %s\n\n", report->id);
	buffer_add_text(out, "The attachment has the details, by address of the sending server. The"
			     " owner of the\ndomain asked for such reports in its DMARC record"
			     " (rua=). Questions: ");
	buffer_printf(out, "%s\n", report->submitter->email);
	if (report->submitter->contact != NULL)
		buffer_printf(out, "%s\n", report->submitter->contact);
	buffer_printf(out, "\n-- \nassay %s\n", ASSAY_VERSION);
}

/* add_quoted_printable - a text in lines (RFC 2045 section 6.7) */
static void add_quoted_printable(struct buffer *out, struct slice text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.len; i++) {
		char octet = text.data[i];
		bool ends = i + 1 == text.len || text.data[i + 1] == '\n';
		bool plain = (is_vchar(octet) && octet != '=') || (octet == ' ' && !ends);

		if (octet != '\n' && column + (plain ? 1 : ENCODED_SIZE) > QUOTED_LINE) {
			buffer_add_text(out, "=\n");
			column = 0;
		}
		if (plain || octet == '\n')
			buffer_add_byte(out, octet);
		else
			buffer_printf(out, "=%02X", (unsigned char)octet);
		column = octet == '\n' ? 0 : column + (plain ? 1 : ENCODED_SIZE);
	}
}

/* add_parts - both, up to where the attachment itself begins */
static void add_parts(struct buffer *out, const struct report_mail *mail)
{
	struct pool *pool = pool_new();
	struct buffer text;

	buffer_init(&text, HEAD_MAX);
	add_text(&text, mail);
	buffer_printf(out, "--=_%s\nContent-Type: text/plain; charset=utf-8\n", mail->report->id);
	buffer_add_text(out, "Content-Transfer-Encoding: quoted-printable\n\n");
	add_quoted_printable(out, buffer_slice(&text));
	buffer_printf(out, "\n--=_%s\nContent-Type: application/gzip\n", mail->report->id);
	buffer_add_text(out, "Content-Transfer-Encoding: base64\n");
	buffer_add_text(out, "Content-Disposition: attachment;\n filename=");
	add_quoted(out, report_file_name(pool, mail->report));
	buffer_add_text(out, "\n\n");
	buffer_free(&text);
	pool_free(pool);
}

bool report_mail_write(const struct report_mail *mail, int fd, struct error *error)
{
	struct buffer text;
	bool written;

	buffer_init(&text, HEAD_MAX);
	add_header(&text, mail);
	add_parts(&text, mail);
	written = !text.overflow && io_write(fd, text.data, text.len) &&
		  spool_write(&mail->content->base64, fd);
	buffer_reset(&text);
	buffer_printf(&text, "\n--=_%s--\n", mail->report->id);
	written = written && io_write(fd, text.data, text.len);
	buffer_free(&text);
	return written ||
	       error_set(error, STATUS_FULL, "cannot write the mail: %s", strerror(errno));
}
