/*
 * policy_request - requests of Postfix's access policy protocol (SMTPD_POLICY_README)
 *
 * A request is lines of the form name=value, ended by an empty line. It is read as it
 * arrives, in memory that does not grow with it: what is longer than the limits below
 * is skipped to its end and marked, so that one bad request never harms the next.
 */
#ifndef ASSAY_POSTFIX_POLICY_REQUEST_H
#define ASSAY_POSTFIX_POLICY_REQUEST_H

#include "base/bytes.h"

/* The protocol names no limits. */
#define POLICY_NAME_MAX    64    /* octets; Postfix's longest is 20 */
#define POLICY_VALUE_MAX   4096  /* octets; Postfix's line_length_limit is 2048 */
#define POLICY_REQUEST_MAX 65536 /* octets of one request, over all its lines */

/* The attributes that are kept. All others are checked for their form only. */
enum policy_attribute {
	POLICY_REQUEST, /* "smtpd_access_policy" */
	POLICY_PROTOCOL_STATE,
	POLICY_INSTANCE,    /* the same for all requests about one message */
	POLICY_QUEUE_ID,    /* empty until the first recipient has been accepted */
	POLICY_CLIENT_NAME, /* verified by Postfix, or "unknown" */
	POLICY_CLIENT_ADDRESS,
	POLICY_HELO_NAME,
	POLICY_SENDER,
	POLICY_RECIPIENT,
	POLICY_SASL_USERNAME,
	POLICY_ATTRIBUTES, /* how many they are */
};

struct policy_request {
	const char *values[POLICY_ATTRIBUTES]; /* in the pool; "" if missing */
	const char *reason;                    /* why it cannot be used, a literal; or NULL */
};

struct policy_reader;

/* Reads from fd, which stays the caller's. */
struct policy_reader *policy_reader_new(int fd);
void policy_reader_free(struct policy_reader *reader); /* accepts NULL */

/*
 * The next request; its values are in pool. False at the end of the input, an
 * unfinished request included, and when it cannot be read.
 */
bool policy_read(struct policy_reader *reader, struct pool *pool, struct policy_request *request);

#endif
