/*
 * failure_mail - the mail that brings a failure report (RFC 9991, RFC 6591, RFC 5965)
 *
 * A text that a human understands, the fields of the report, and what is left of the message's
 * header. Lines end with LF.
 */
#ifndef ASSAY_REPORT_FAILURE_MAIL_H
#define ASSAY_REPORT_FAILURE_MAIL_H

#include "history/incident.h"
#include "report/aggregate.h"

struct failure_mail {
	const struct report_submitter *submitter;
	const struct incident *incident;
	const char *id;    /* Report-ID */
	const char *token; /* report/token.h */
	const char *recipient;
	time_t created;
};

/* Writes the mail to a file. */
bool failure_mail_write(const struct failure_mail *mail, int fd, struct error *error);

#endif
