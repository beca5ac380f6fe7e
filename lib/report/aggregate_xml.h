/*
 * aggregate_xml - a report as XML (RFC 9990 section 3.1.1 and its schema; RFC 7489 appendix C)
 *
 * Written piece by piece, so that a report of any size needs little memory. Whatever a text
 * contains, the result is well-formed: what XML cannot have (XML 1.0 section 2.2) becomes "?".
 */
#ifndef ASSAY_REPORT_AGGREGATE_XML_H
#define ASSAY_REPORT_AGGREGATE_XML_H

#include "base/bytes.h"
#include "history/row.h"
#include "report/aggregate.h"

void report_xml_head(struct buffer *out, const struct aggregate_report *report);
void report_xml_record(struct buffer *out, const struct aggregate_report *report,
		       const struct history_row *row);
void report_xml_tail(struct buffer *out);

/* The text as content of an element. */
void report_xml_add_text(struct buffer *out, const char *text);

#endif
