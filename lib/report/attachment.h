/*
 * attachment - an attachment: octets compressed with gzip (RFC 1952) and written in base64
 * (RFC 2045 section 6.8), piece by piece
 *
 * The gzip header has neither time nor file name, so that the same octets give the same text.
 */
#ifndef ASSAY_REPORT_ATTACHMENT_H
#define ASSAY_REPORT_ATTACHMENT_H

#include "base/bytes.h"
#include "base/error.h"
#include "base/spool.h"

struct report_archive;

struct report_archive *report_archive_new(struct pool *pool);

/* For each attachment: begin, add, finish. Lines end with LF. The text is added to the spool. */
void report_archive_begin(struct report_archive *archive, struct spool *text);
bool report_archive_add(struct report_archive *archive, struct slice octets, struct error *error);
bool report_archive_finish(struct report_archive *archive, struct error *error);
void report_archive_free(struct report_archive *archive);

#endif
