/*
 * digest_mail - the mail that brings what is new or worse, with the page attached
 */
#ifndef ASSAY_REPORT_DIGEST_MAIL_H
#define ASSAY_REPORT_DIGEST_MAIL_H

#include <time.h>

#include "report/digest_state.h"

struct digest_mail {
	const char *from; /* addresses */
	const char *to;
	time_t now;
	const char *token; /* unique to this mail: for Message-ID and the boundary */
	const struct digest_news *news;
	struct slice page;
};

/* Writes the mail to a file. */
bool digest_mail_write(const struct digest_mail *mail, int fd, struct error *error);

#endif
