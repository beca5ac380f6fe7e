/*
 * body_hash - body hashes (RFC 6376 section 3.7, hash step 1)
 *
 * Each canonicalization is done once and its text hashed once, for however many
 * signatures and lengths: the hash of a shorter part is a digest taken on the way.
 */
#ifndef ASSAY_DKIM_BODY_HASH_H
#define ASSAY_DKIM_BODY_HASH_H

#include "dkim/canonicalization.h"
#include "dkim/digest.h"

/* The hash of a body or of the start of it. */
struct dkim_body_hash {
	unsigned long long length; /* l=, or DKIM_NO_NUMBER for the whole body */
	bool complete;             /* false if the canonicalized body is shorter */
	unsigned char digest[DKIM_HASH_LEN];
	struct dkim_body_hash *next; /* in the order of length */
};

struct dkim_body;

struct dkim_body *dkim_body_new(void);
void dkim_body_free(struct dkim_body *body); /* accepts NULL */

/* Asks for a hash, before the body comes; it is filled in on the way. */
const struct dkim_body_hash *dkim_body_want(struct dkim_body *body, struct pool *pool,
					    enum dkim_canon algorithm, unsigned long long length);

/* A message_sink; context is the body. */
void dkim_body_add(void *context, const char *data, size_t len);
/* The end of the body. */
void dkim_body_finish(struct dkim_body *body);

/* Octets of the body in a canonicalization of which some hash was asked for. */
unsigned long long dkim_body_length(const struct dkim_body *body, enum dkim_canon algorithm);

#endif
