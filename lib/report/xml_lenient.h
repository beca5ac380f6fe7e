/*
 * xml_lenient - the events of XML that expat refuses (report/xml_events.h), as well as it can be
 * read
 *
 * Reports come with bare ampersands, control characters, octets that are no UTF-8, tags that
 * cross, and without their end. Each such place is counted and read as its writer must have meant
 * it: an end tag that fits no open element ends the innermost one if that has only text (it was
 * misspelt), and otherwise nothing. Of well-formed XML the events are those of xml_strict.
 */
#ifndef ASSAY_REPORT_XML_LENIENT_H
#define ASSAY_REPORT_XML_LENIENT_H

#include "report/xml_events.h"

/* text is UTF-8 (report/text_octets.h). *reason: why it was refused, or NULL. */
enum xml_outcome xml_lenient(struct octets *text, const struct xml_handler *handler,
			     struct xml_repairs *repairs, const char **reason);

/* "stray-ampersand" and such; NULL above the last one. */
const char *xml_repair_word(unsigned number);

#endif
