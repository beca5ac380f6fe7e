/*
 * bounce - a report that has come back: has its address failed, and why (RFC 3464)
 *
 * Whoever answers a report has its name. What is believed is:
 *   - a delivery status notification (RFC 3464), about the very address that the mail went to;
 *   - the forms that mail systems had before it, and have: qmail's, Exim's, Sendmail's, and any
 *     other that comes from mailer-daemon, names the address and has a final reply code.
 * All else changes nothing: what people write and their programs do, notices of delay, of success,
 * of a message that was read.
 */
#ifndef ASSAY_REPORT_BOUNCE_H
#define ASSAY_REPORT_BOUNCE_H

#include "report/notice.h"

#define BOUNCE_REASON_MAX 300 /* octets of a diagnostic that are kept */

enum bounce_verdict {
	BOUNCE_NOTHING, /* reason says why */
	BOUNCE_FOR_NOW, /* 4.x.x: given up, but it may work tomorrow */
	BOUNCE_FINAL,   /* 5.x.x */
};

struct bounce {
	enum bounce_verdict verdict;
	const char *reason; /* what the other side has said; printable ASCII */
};

/* What a notice says about an address. */
void bounce_read(struct pool *pool, const struct notice *notice, const char *address,
		 struct bounce *bounce);

#endif
