/*
 * key_encoding - the public key of a private key, for DNS
 */
#ifndef ASSAY_DKIM_KEY_ENCODING_H
#define ASSAY_DKIM_KEY_ENCODING_H

#include "dkim/private_key.h"

/*
 * The content of p= in base64: SubjectPublicKeyInfo, which every verifier understands (RFC 6376
 * section 3.6.1), or the octets of Ed25519 (RFC 8463 section 4). NULL and error if the key cannot
 * be used.
 */
const char *key_encoding_public(struct pool *pool, const struct private_key *key,
				struct error *error);

/* The record for a key: "v=DKIM1; k=rsa; p=..." */
const char *key_encoding_record(struct pool *pool, const struct private_key *key,
				struct error *error);

/* Is this the public key of that private key? */
bool key_encoding_matches(const struct private_key *key, const struct public_key *public_key);

#endif
