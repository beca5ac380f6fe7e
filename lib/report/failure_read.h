/*
 * failure_read - reading a failure report (RFC 6591, 9991): its fields, never the message in it
 */
#ifndef ASSAY_REPORT_FAILURE_READ_H
#define ASSAY_REPORT_FAILURE_READ_H

#include "report/incoming.h"

#define FAILURE_TEXT_MAX (64U << 10) /* RFC 6591 names none: octets of the fields that are read */

/* A message/feedback-report. False if it reports no authentication failure. */
bool failure_read(struct slice fields, const struct incoming_sink *sink);

/* The text of Exim, which sends no such part: is it one? The same for it. */
bool failure_read_text(struct slice text, const struct incoming_sink *sink);

#endif
