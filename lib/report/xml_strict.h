/*
 * xml_strict - the events of well-formed XML (report/xml_events.h), by expat
 */
#ifndef ASSAY_REPORT_XML_STRICT_H
#define ASSAY_REPORT_XML_STRICT_H

#include "report/xml_events.h"

/* text is UTF-8 (report/text_octets.h). *reason: why it was refused, or NULL. */
enum xml_outcome xml_strict(struct octets *text, const struct xml_handler *handler,
			    const char **reason);

/* A name without its prefix. */
struct slice xml_local_name(struct slice name);

#endif
