/*
 * intake - finds the reports in what somebody has sent: a mail, a mailbox file, a file that is
 * packed or not
 *
 * What it is its octets say, never its name or its type. A part that is refused (a bomb, a
 * document type) counts for nothing, and the others are read all the same.
 */
#ifndef ASSAY_REPORT_INTAKE_H
#define ASSAY_REPORT_INTAKE_H

#include "report/intake_handler.h"
#include "report/octets.h"

/* RFC 5321 4.5.3.1.7 has 64K as the least; octets of a mail */
#define INTAKE_MAIL_MAX (25U << 20)

/*
 * Reads all that is in it; *found: how many reports there were. False with an error if
 * that cannot be done, which is our own trouble (no room for temporary files).
 */
bool intake_read(const struct intake *intake, const struct blob *blob, size_t *found,
		 struct error *error);

#endif
