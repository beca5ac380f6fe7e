/*
 * intake - finds the reports in what somebody has sent: a mail, a mailbox file, a file that is
 * packed or not
 *
 * What it is its octets say, never its name or its type. A part that is refused (a bomb, a
 * document type) counts for nothing, and the others are read all the same.
 */
#ifndef ASSAY_REPORT_INTAKE_H
#define ASSAY_REPORT_INTAKE_H

#include "report/incoming.h"
#include "report/octets.h"

#define INTAKE_MAIL_MAX                                                                            \
	(25U << 20)                  /* RFC 5321 4.5.3.1.7 has 64K as the least; octets of a mail  \
				      */
#define INTAKE_MEMORY_MAX (1U << 20) /* octets of a part kept in memory, more in a file */
#define INTAKE_LEVELS_MAX 2U         /* RFC 9990 3.5.1: one; containers in each other */

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

/*
 * Reads all that is in it; *found: how many reports there were. False with an error if
 * that cannot be done, which is our own trouble (no room for temporary files).
 */
bool intake_read(const struct intake *intake, const struct blob *blob, size_t *found,
		 struct error *error);

#endif
