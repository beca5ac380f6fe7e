/*
 * intake - files, mailboxes and the parts of a mail; see report/intake.h
 */
#include "report/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/pool.h"
#include "mail/authres_parse.h"
#include "mail/authres_trust.h"
#include "report/failure_read.h"
#include "report/mime_reader.h"
#include "report/part_read.h"

#define BEGINNING 1024 /* octets by which a file is known */

/* A mail that is being read. */
struct mail_intake {
	const struct intake *intake;
	struct part_reader parts;
	struct spool spool; /* the leaf that is open */
	unsigned long long leaf_len;
	bool is_feedback; /* message/feedback-report */
	bool in_report;
	bool is_text;
	struct error *error;
	bool failed;
};

/* is_ours - the sender that one of our own fields vouches for; NULL if it does not */
static const char *vouched_sender(struct pool *pool, const char *value, const char *id)
{
	struct authres field;

	if (!authres_parse(pool, slice_of(value), &field) || !authres_same_id(pool, field.id, id))
		return NULL;
	for (size_t i = 0; i < field.count; i++) {
		const struct authres_result *result = &field.results[i];

		if (strcmp(result->method, "dmarc") == 0 && result->result == RESULT_PASS)
			return authres_property(result, "header", "from");
	}
	return NULL;
}

/*
 * own_fields - the header section above the topmost Received: only what our own mail system has
 * added is there (RFC 8601 section 5). Without a Received nothing is.
 */
static struct slice own_fields(struct pool *pool, struct slice header)
{
	struct slice rest = header;

	if (mime_field(pool, &rest, "Received") == NULL)
		return slice_of(NULL);
	return slice_between(header.data, rest.data);
}

/* mail_header - of the message: who has sent it? */
static void mail_header(void *context, struct slice header)
{
	struct mail_intake *mail = context;
	const struct intake_handler *handler = mail->intake->handler;
	struct pool *pool = pool_new();
	struct slice rest = own_fields(pool, header);
	const char *sender = NULL;
	const char *value;

	while (sender == NULL &&
	       (value = mime_field(pool, &rest, "Authentication-Results")) != NULL)
		sender = vouched_sender(pool, value, mail->intake->authserv_id);
	handler->mail(handler->sink.context,
		      sender != NULL ? incoming_word(pool, slice_of(sender)) : "");
	pool_free(pool);
}

/* leaf_begin - of a part that may be a report */
static void leaf_begin(void *context, const struct mime_leaf *leaf)
{
	struct mail_intake *mail = context;

	spool_init(&mail->spool, INTAKE_MEMORY_MAX);
	mail->leaf_len = 0;
	mail->is_feedback = strcmp(leaf->type, "message/feedback-report") == 0;
	mail->is_text = strcmp(leaf->type, "text/plain") == 0;
	mail->in_report = leaf->in_report;
}

/* leaf_data - some of it */
static void leaf_data(void *context, struct slice octets)
{
	struct mail_intake *mail = context;

	mail->failed =
	    mail->failed || !spool_add(&mail->spool, octets.data, octets.len, mail->error);
	mail->leaf_len += octets.len;
}

/* read_failure - a leaf that may be a failure report */
static bool read_failure(struct mail_intake *mail, const struct blob *blob)
{
	const struct incoming_sink *sink = &mail->intake->handler->sink;
	char *text = memory_buffer(FAILURE_TEXT_MAX);
	struct slice fields = slice_from(text, blob_read(blob, 0, text, FAILURE_TEXT_MAX));
	bool found;

	if (mail->is_feedback)
		found = failure_read(fields, sink);
	else
		found = failure_read_text(fields, sink);
	mail->parts.found += found;
	free(text);
	return found;
}

/* leaf_end - it is complete */
static void leaf_end(void *context)
{
	struct mail_intake *mail = context;
	struct blob blob = blob_of_spool(&mail->spool, mail->leaf_len);

	if (!mail->failed && mail->leaf_len > 0 &&
	    !((mail->is_feedback || (mail->is_text && mail->in_report)) &&
	      read_failure(mail, &blob)))
		mail->failed = !part_read(&mail->parts, &blob, mail->error);
	spool_free(&mail->spool);
}

/* begin_mail - a new one */
static struct mime_reader *begin_mail(struct mail_intake *mail, const struct mime_handler *handler)
{
	part_reader_init(&mail->parts, mail->intake);
	return mime_reader_new(handler);
}

/* A mailbox or a mail, as it passes by. */
struct mailbox {
	struct mail_intake mail;
	struct mime_handler handler;
	struct mime_reader *reader; /* NULL before the first line */
	unsigned long long octets;  /* of the mail */
	size_t found;
	bool is_mbox;
	bool after_blank; /* the line before was empty */
	bool at_start;    /* of a line */
};

/* end_of_mail - all of it has been seen */
static void end_of_mail(struct mailbox *box)
{
	const struct intake_handler *handler = box->mail.intake->handler;

	if (box->reader == NULL)
		return;
	if (box->octets <= INTAKE_MAIL_MAX)
		mime_reader_end(box->reader);
	else if (!handler->refuse(handler->sink.context, "the mail has more than 25 MiB"))
		box->mail.failed = true;
	if (box->mail.spool.fd >= 0 || box->mail.spool.memory.data != NULL)
		spool_free(&box->mail.spool);
	box->found += box->mail.parts.found;
	mime_reader_free(box->reader);
	box->reader = NULL;
}

/* add_mail_line - or a part of one */
static void add_mail_line(struct mailbox *box, struct slice line)
{
	bool is_separator = box->is_mbox && box->at_start && box->after_blank && line.len >= 5 &&
			    memcmp(line.data, "From ", 5) == 0;
	bool ends = line.len > 0 && line.data[line.len - 1] == '\n';

	if (is_separator)
		end_of_mail(box);
	if (box->reader == NULL) {
		box->reader = begin_mail(&box->mail, &box->handler);
		box->octets = 0;
	}
	box->octets += line.len;
	if (!is_separator && box->octets <= INTAKE_MAIL_MAX)
		mime_reader_add(box->reader, line);
	box->after_blank = box->at_start && ends && slice_trim(line).len == 0;
	box->at_start = ends;
}

/* add_chunk - line by line; returns what is left of the last one, for the next chunk */
static size_t add_chunk(struct mailbox *box, char *chunk, size_t len, bool is_last)
{
	struct slice rest = slice_from(chunk, len);

	while (rest.len > 0) {
		size_t line = slice_find(rest, '\n');

		if (line == rest.len && !is_last && rest.len < len)
			break;
		line += line < rest.len;
		add_mail_line(box, slice_from(rest.data, line));
		rest = slice_skip(rest, line);
	}
	if (rest.len > 0)
		memmove(chunk, rest.data, rest.len);
	return rest.len;
}

/* read_mails - one, or all of a mailbox file */
static bool read_mails(const struct intake *intake, const struct blob *blob, bool is_mbox,
		       size_t *found, struct error *error)
{
	struct mailbox *box = memory_alloc(sizeof(*box));
	char *chunk = memory_buffer(IO_CHUNK);
	struct blob_octets octets;
	size_t kept = 0, got;
	bool good;

	box->mail.intake = intake;
	box->mail.error = error;
	box->mail.spool.fd = -1;
	box->handler =
	    (struct mime_handler){&box->mail, mail_header, leaf_begin, leaf_data, leaf_end};
	box->is_mbox = is_mbox;
	box->after_blank = true;
	box->at_start = true;
	blob_octets_init(&octets, blob);
	do {
		got = octets.octets.read(&octets.octets, chunk + kept, IO_CHUNK - kept);
		kept = add_chunk(box, chunk, kept + got, got == 0);
	} while (got > 0 && !box->mail.failed && !intake->is_over(intake->handler->sink.context));
	end_of_mail(box);
	good = !box->mail.failed;
	*found += box->found;
	free(chunk);
	free(box);
	return good;
}

/* is_field - does it begin with the name of a header field (RFC 5322 2.2)? */
static bool is_field(struct slice beginning)
{
	size_t len = 0;

	while (len < beginning.len && is_vchar(beginning.data[len]) && beginning.data[len] != ':')
		len++;
	return len > 0 && len < beginning.len && beginning.data[len] == ':';
}

bool intake_read(const struct intake *intake, const struct blob *blob, size_t *found,
		 struct error *error)
{
	const struct intake_handler *handler = intake->handler;
	char text[BEGINNING];
	struct slice beginning = slice_from(text, blob_read(blob, 0, text, sizeof(text)));
	struct part_reader parts;
	bool good;

	*found = 0;
	if (part_is_known(beginning) || beginning.len == 0) {
		handler->mail(handler->sink.context, "");
		part_reader_init(&parts, intake);
		good = part_read(&parts, blob, error);
		*found = parts.found;
		return good;
	}
	if (slice_starts_nocase(beginning, "From "))
		return read_mails(intake, blob, true, found, error);
	if (is_field(beginning) || is_wsp(beginning.data[0]))
		return read_mails(intake, blob, false, found, error);
	return true;
}
