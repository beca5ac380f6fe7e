/*
 * xml_events - an XML document as elements and text, by their local names
 *
 * Two readers tell the same events: xml_strict, which is expat, of well-formed documents, and
 * xml_lenient of those that expat refuses. Attributes, comments and processing instructions are
 * of no use to anybody here. A document type is refused: what a stranger may define is either an
 * attack or a mistake.
 */
#ifndef ASSAY_REPORT_XML_EVENTS_H
#define ASSAY_REPORT_XML_EVENTS_H

#include "report/octets.h"

#define XML_DEPTH_MAX 256U /* XML 1.0 names none: elements in each other */
#define XML_TOKEN_MAX                                                                              \
	(64U << 10)    /* octets of a tag, and of the text in an element; RFC 9990 has             \
			  nothing above some hundred */
#define XML_CHUNK 8192 /* octets read at once */

/* Each returns false to end the reading. The slices are theirs only for the call. */
struct xml_handler {
	void *context;
	bool (*start)(void *context, struct slice local_name);
	bool (*text)(void *context, struct slice text); /* may come in pieces */
	/* Of the innermost element; closed: by its own end tag, not by what came instead. */
	bool (*end)(void *context, bool closed);
};

enum xml_outcome {
	XML_COMPLETE,
	XML_BROKEN,  /* not well-formed: events up to there have been told */
	XML_CUT,     /* xml_lenient: ends inside an element */
	XML_REFUSED, /* *reason says why nothing of it counts */
	XML_STOPPED, /* by the handler, or it is a page of HTML */
};

/* What was amiss, by xml_lenient; the words are in xml_lenient.c. */
#define XML_REPAIRS 8

struct xml_repairs {
	unsigned counts[XML_REPAIRS];
};

#endif
