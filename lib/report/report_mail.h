/*
 * report_mail - the mail that brings a report (RFC 9990 section 3.5.2, RFC 5322, RFC 2045)
 *
 * A text that a human understands, and the attachment. The same report to the same destination
 * is the same mail, octet by octet, whenever it is sent. Lines end with LF.
 */
#ifndef ASSAY_REPORT_REPORT_MAIL_H
#define ASSAY_REPORT_REPORT_MAIL_H

#include "report/aggregate.h"

struct report_mail {
	const struct aggregate_report *report;
	const struct report_content *content;
	const char *recipient;
	unsigned number; /* of the destination, within the report */
};

/* What is unique to a mail, for Message-ID and envelope sender: "REPORT-ID.NUMBER". */
const char *report_token(struct pool *pool, const char *id, unsigned number);

/* Writes the mail to a file. */
bool report_mail_write(const struct report_mail *mail, int fd, struct error *error);

#endif
