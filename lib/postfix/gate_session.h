/*
 * gate_session - serves connections of Postfix' milter protocol: each message goes through the
 * stages
 *
 * The verdict of the stages becomes what Postfix does: their fields are put on top and forged ones
 * taken away; a message is refused, deferred, held or marked. What cannot be judged is deferred
 * (451), unless it never could be: that is refused (552).
 */
#ifndef ASSAY_POSTFIX_GATE_SESSION_H
#define ASSAY_POSTFIX_GATE_SESSION_H

#include "base/bytes.h"
#include "base/error.h"

#define GATE_SECONDS 20.0 /* -T, for the DNS work of all stages on one message */

/*
 * What stages may take beyond that, before they are ended: a message of many megabytes, or a
 * history that is locked. Postfix waits for milter_content_timeout, 300 seconds.
 */
#define GATE_GRACE_SECONDS 60.0

#define GATE_RECIPIENTS_MAX 16384U /* octets of recipients that stages are told */

enum gate_quarantine {
	GATE_MARK,  /* fields tell, and nothing else: the message is delivered */
	GATE_HOLD,  /* the hold queue of Postfix */
	GATE_FIELD, /* a field of the administrator's */
};

struct gate_settings {
	char **stages;       /* words of a command line, see postfix/pipeline.h */
	const char *tag;     /* of the log, "assay/in" */
	const char *contact; /* whom a refused sender may ask, or NULL */
	double seconds;      /* GATE_SECONDS */
	enum gate_quarantine quarantine;
	struct slice field_name, field_value; /* of GATE_FIELD */
	bool dry_run;                         /* nothing is changed or refused, only logged */
};

struct gate;

/* NULL with error: the stages are none. settings must live as long. */
struct gate *gate_new(const struct gate_settings *settings, struct error *error);
void gate_free(struct gate *gate); /* ends the stages; accepts NULL */

/*
 * Serves one connection to its end; the descriptors stay the caller's. SIGTERM is blocked while a
 * message is judged, and only then. False if the connection was broken off.
 */
bool gate_serve(struct gate *gate, int input, int output);

#endif
