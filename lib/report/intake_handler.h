/*
 * intake_handler - whom intake tells what it has found
 */
#ifndef ASSAY_REPORT_INTAKE_HANDLER_H
#define ASSAY_REPORT_INTAKE_HANDLER_H

#include "report/incoming.h"

/* What may have to be undone as a whole. */
enum intake_mark {
	INTAKE_PART,     /* an attachment, or a file */
	INTAKE_DOCUMENT, /* in it, one that is read a second time */
};

/* Whom it is told to, besides the reports. */
struct intake_handler {
	struct incoming_sink sink;
	/*
	 * A mail begins. sender: the domain that it is from, if our own Authentication-Results
	 * field says that DMARC passed; else "". A file that is no mail has none.
	 */
	void (*mail)(void *context, const char *sender);
	void (*mark)(void *context, enum intake_mark mark);
	/* To be kept, or to be forgotten since the mark. False: it could not be done. */
	bool (*settle)(void *context, enum intake_mark mark, bool keep);
	/* A part that counts for nothing, though it may have been one. */
	bool (*refuse)(void *context, const char *reason);
};

struct intake {
	const struct intake_handler *handler; /* its sink has the context for all */
	const char *authserv_id;              /* of our own fields (RFC 8601) */
	bool (*is_over)(void *context);       /* the handler has an error: nothing more is read */
};

#endif
