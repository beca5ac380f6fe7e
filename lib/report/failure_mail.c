/*
 * failure_mail - the mail that brings a failure report; see report/failure_mail.h
 */
#include "report/failure_mail.h"

#include <errno.h>
#include <string.h>

#include "base/io.h"
#include "base/version.h"
#include "report/mail_head.h"

#define MAIL_MAX (1U << 20) /* of texts that are bounded themselves */

/* add_failure_text - for people */
static void add_failure_text(struct buffer *out, const struct failure_mail *mail)
{
	const struct incident *incident = mail->incident;

	buffer_printf(out,
		      "This is a DMARC failure report (RFC 9991) about mail in the name of\n\n"
		      "    %s\n\nthat came from %s: %llu message%s on that day. The first arrived",
		      incident->domain, incident->source, incident->count,
		      incident->count == 1 ? "" : "s");
	buffer_add_text(out, " on\n\n    ");
	mail_head_time(out, (time_t)incident->arrival);
	buffer_add_text(out, "\n\nThe owner of the domain asked for such reports in its DMARC"
			     " record (ruf=).\nLocal parts are replaced by hashes; subject,"
			     " recipients and body are left out.\n");
}

/* add_failure_part - the fields that a program reads */
static void add_failure_part(struct buffer *out, const struct failure_mail *mail)
{
	const struct incident *incident = mail->incident;

	buffer_add_text(out, "Feedback-Type: auth-failure\nVersion: 1\n"
			     "User-Agent: assay/" ASSAY_VERSION "\n");
	buffer_add_text(out, incident->details);
	buffer_printf(out, "Source-IP: %s\nArrival-Date: ", incident->source);
	mail_head_time(out, (time_t)incident->arrival);
	buffer_printf(out, "\nIncidents: %llu\n", incident->count);
}

/* add_part - begins one */
static void add_part(struct buffer *out, const struct failure_mail *mail, const char *type)
{
	buffer_printf(out, "\n--=_%s\nContent-Type: %s\nContent-Transfer-Encoding: 7bit\n\n",
		      mail->id, type);
}

bool failure_mail_write(const struct failure_mail *mail, int fd, struct error *error)
{
	const struct incident *incident = mail->incident;
	struct buffer out;
	bool written;

	buffer_init(&out, MAIL_MAX);
	mail_head_from(&out, mail->submitter);
	buffer_printf(&out, "To: <%s>\nDate: ", mail->recipient);
	mail_head_time(&out, mail->created);
	buffer_printf(&out, "\nSubject: DMARC failure report: %s\n from %s\n", incident->domain,
		      incident->source);
	buffer_printf(&out, "Message-ID: <%s@%s>\n", mail->token, mail->submitter->domain);
	buffer_add_text(&out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	buffer_printf(&out,
		      "Content-Type: multipart/report; report-type=feedback-report;\n"
		      " boundary=\"=_%s\"\n",
		      mail->id);
	add_part(&out, mail, "text/plain; charset=us-ascii");
	add_failure_text(&out, mail);
	add_part(&out, mail, "message/feedback-report");
	add_failure_part(&out, mail);
	add_part(&out, mail, "text/rfc822-headers");
	buffer_add_text(&out, incident->fields);
	buffer_printf(&out, "\n--=_%s--\n", mail->id);
	written = !out.overflow && io_write(fd, out.data, out.len);
	buffer_free(&out);
	return written ||
	       error_set(error, STATUS_FULL, "cannot write the mail: %s", strerror(errno));
}
