/*
 * report_mail - the mail that brings a report (RFC 9990 section 3.5.2, RFC 5322, RFC 2045)
 *
 * A text that a human understands, and the attachment. The same report to the same destination
 * is the same mail, octet by octet, whenever it is sent. Lines end with LF.
 */
#ifndef ASSAY_REPORT_REPORT_MAIL_H
#define ASSAY_REPORT_REPORT_MAIL_H

#include "report/report_builder.h"

struct report_mail {
	const struct aggregate_report *report;
	const struct report_content *content;
	const char *recipient;
	const char *token; /* its name (report/token.h), for the Message-ID */
};

/* Writes the mail to a file. */
bool report_mail_write(const struct report_mail *mail, int fd, struct error *error);

#endif
