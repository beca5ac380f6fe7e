/*
 * json_events - a JSON text (RFC 8259) as it passes by
 */
#ifndef ASSAY_REPORT_JSON_EVENTS_H
#define ASSAY_REPORT_JSON_EVENTS_H

#include "report/octets.h"

#define JSON_DEPTH_MAX 256U /* RFC 8259 9: a limit of ours; objects and arrays in each other */
#define JSON_TOKEN_MAX (64U << 10) /* RFC 8259 9: octets of a string or a number */
#define JSON_CHUNK     8192        /* octets read at once */

enum json_type {
	JSON_STRING, /* text is UTF-8, without escapes and quotes */
	JSON_NUMBER, /* text as written */
	JSON_WORD,   /* true, false, null */
};

/* Each returns false to end the reading. The slices are theirs only for the call. */
struct json_handler {
	void *context;
	bool (*open)(void *context, bool is_array);
	bool (*close)(void *context);
	bool (*key)(void *context, struct slice key); /* of the value that follows */
	bool (*value)(void *context, enum json_type type, struct slice text);
};

enum json_outcome {
	JSON_COMPLETE,
	JSON_BROKEN,  /* cut, or not JSON: events up to there have been told */
	JSON_REFUSED, /* *reason says why nothing of it counts */
	JSON_STOPPED, /* by the handler */
};

/* text is UTF-8. What follows the first value is ignored. */
enum json_outcome json_read(struct octets *text, const struct json_handler *handler,
			    const char **reason);

#endif
