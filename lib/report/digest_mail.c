/*
 * digest_mail - text and page as a mail (RFC 5322, 2045); see report/digest_mail.h
 */
#include "report/digest_mail.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "base/io.h"
#include "report/mail_head.h"

#define MAIL_MAX  (64U << 20) /* our own texts, and a page of at most 16 MiB in base64 */
#define LINE_LEN  57          /* octets that are 76 characters of base64 (RFC 2045 6.8) */
#define TEXT_LINE 76

/* add_encoded - lines of base64 */
static void add_encoded(struct buffer *out, struct slice octets)
{
	while (octets.len > 0) {
		size_t len = octets.len < LINE_LEN ? octets.len : LINE_LEN;
		char *room = buffer_reserve(out, BASE64_LEN(len) + 1);

		if (room == NULL)
			return;
		base64_write(room, octets.data, len);
		out->len += BASE64_LEN(len);
		buffer_add_byte(out, '\n');
		octets = slice_skip(octets, len);
	}
}

/* add_item - a sentence, in lines that are not too long */
static void add_item(struct buffer *out, const char *sentence)
{
	struct slice rest = slice_of(sentence);
	size_t column = TEXT_LINE;
	struct slice word;
	const char *start = "- ";

	while (slice_cut(&rest, ' ', &word)) {
		if (column + 1 + word.len > TEXT_LINE) {
			buffer_printf(out, "%s%s", column == TEXT_LINE ? "" : "\n", start);
			start = "  ";
			column = 2;
		} else {
			buffer_add_byte(out, ' ');
			column++;
		}
		buffer_add_slice(out, word);
		column += word.len;
	}
	buffer_add_byte(out, '\n');
}

/* add_digest_text - for people */
static void add_digest_text(struct buffer *out, const struct digest_mail *mail)
{
	buffer_add_text(out, "What others report about mail in our name: this is new or worse"
			     " since the last\nmail.\n\n");
	for (size_t i = 0; i < mail->news->count; i++)
		add_item(out, mail->news->items[i]);
	buffer_add_text(out, "\nThe page that is attached has everything: open it in a browser. It"
			     " has no script\nand loads nothing.\n");
}

/* add_mail - all of it */
static void add_mail(struct buffer *out, const struct digest_mail *mail)
{
	const char *at = strchr(mail->from, '@');
	size_t count = mail->news->count;
	struct buffer text;

	buffer_printf(out, "From: <%s>\nTo: <%s>\n", mail->from, mail->to);
	buffer_add_text(out, "Date: ");
	mail_head_time(out, mail->now);
	buffer_add_byte(out, '\n');
	buffer_printf(out, "Subject: DMARC: %zu thing%s new or worse\n", count,
		      count == 1 ? " is" : "s are");
	buffer_printf(out, "Message-ID: <%s@%s>\n", mail->token, at != NULL ? at + 1 : "localhost");
	buffer_add_text(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
	buffer_printf(out, "Content-Type: multipart/mixed; boundary=\"=_%s\"\n\n", mail->token);
	buffer_printf(out,
		      "--=_%s\nContent-Type: text/plain; charset=utf-8\n"
		      "Content-Transfer-Encoding: base64\n\n",
		      mail->token);
	buffer_init(&text, MAIL_MAX);
	add_digest_text(&text, mail);
	add_encoded(out, buffer_slice(&text));
	buffer_free(&text);
	buffer_printf(out,
		      "\n--=_%s\nContent-Type: text/html; charset=utf-8\n"
		      "Content-Transfer-Encoding: base64\n"
		      "Content-Disposition: attachment; filename=\"dmarc.html\"\n\n",
		      mail->token);
	add_encoded(out, mail->page);
	buffer_printf(out, "\n--=_%s--\n", mail->token);
}

bool digest_mail_write(const struct digest_mail *mail, int fd, struct error *error)
{
	struct buffer out;
	bool good;

	buffer_init(&out, MAIL_MAX);
	add_mail(&out, mail);
	errno = EMSGSIZE; /* if it is not even tried */
	good = !out.overflow && io_write(fd, out.data, out.len);
	buffer_free(&out);
	return good || error_set(error, STATUS_FULL, "cannot write the mail: %s", strerror(errno));
}
