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
#include "report/mail_head.h"

#define HEAD_MAX     (1U << 20) /* everything before the attachment: our own texts */
#define QUOTED_LINE  75 /* RFC 2045 6.7: 76 characters, the last of them a soft line break */
#define ENCODED_SIZE 3  /* "=C3" */

/* add_header - RFC 9990 3.5.2: Subject */
static void add_header(struct buffer *out, const struct report_mail *mail)
{
	const struct aggregate_report *report = mail->report;

	mail_head_from(out, report->submitter);
	buffer_printf(out, "To: <%s>\nDate: ", mail->recipient);
	mail_head_time(out, report->created);
	buffer_printf(out, "\nSubject: Report Domain: %s\n Submitter: %s\n Report-ID: <%s>\n",
		      report->policy_domain, report->submitter->domain, report->id);
	buffer_printf(out, "Message-ID: <%s@%s>\n", mail->token, report->submitter->domain);
	buffer_add_text(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	buffer_printf(out, "Content-Type: multipart/mixed; boundary=\"=_%s\"\n\n", report->id);
}

/* add_report_text - for people */
static void add_report_text(struct buffer *out, const struct report_mail *mail)
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
	add_report_text(&text, mail);
	buffer_printf(out, "--=_%s\nContent-Type: text/plain; charset=utf-8\n", mail->report->id);
	buffer_add_text(out, "Content-Transfer-Encoding: quoted-printable\n\n");
	add_quoted_printable(out, buffer_slice(&text));
	buffer_printf(out, "\n--=_%s\nContent-Type: application/gzip\n", mail->report->id);
	buffer_add_text(out, "Content-Transfer-Encoding: base64\n");
	buffer_add_text(out, "Content-Disposition: attachment;\n filename=");
	put_quoted_string(out, slice_of(report_file_name(pool, mail->report)));
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
