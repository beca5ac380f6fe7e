/*
 * key_record - the text of key records in the DNS (RFC 6376 section 3.6; RFC 8301, 8463)
 *
 * Keys that must not be used are found here, before anything is computed with them.
 */
#ifndef ASSAY_DKIM_KEY_RECORD_H
#define ASSAY_DKIM_KEY_RECORD_H

#include "dkim/public_key.h"

/* A key for e-mail and SHA-256. */
struct key_record {
	struct public_key public_key;
	bool testing; /* t=y */
	bool strict;  /* t=s: the domains of i= and d= must be the same */
};

/*
 * Reads a key record. False with a reason if it is none, is revoked, must not be used for mail
 * or for SHA-256: then *result is permerror; or policy if the key is too short or too long to be
 * used (RFC 8301 section 3.2). The bits of the key and testing are set as far as they could be
 * read.
 */
bool key_record_parse(struct pool *pool, struct slice text, struct key_record *key,
		      enum result *result, const char **reason);

#endif
