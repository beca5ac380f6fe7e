/*
 * tls_read - reading an SMTP TLS report (RFC 8460 section 4)
 *
 * A policy is a row. What is missing or null in it counts as zero or as unknown; a report that
 * is cut keeps the policies that are complete.
 */
#ifndef ASSAY_REPORT_TLS_READ_H
#define ASSAY_REPORT_TLS_READ_H

#include "report/incoming.h"
#include "report/octets.h"

/* RFC 8460 names no limit: octets of the list of failures of one policy; more are counted only. */
#define TLS_FAILURES_MAX (16U << 10)

/*
 * Reads a JSON text of any kind; *damaged, known at its end, is what it is packed in. *reports is 1
 * if it is such a report, else 0. False with *reason if nothing of it counts: it is refused, or the
 * sink has ended it (*reason NULL).
 */
bool tls_read(struct octets *octets, const bool *damaged, const struct incoming_sink *sink,
	      size_t *reports, const char **reason);

#endif
