/*
 * private_key - private keys in use: to sign, to give the public key, to make new ones
 */
#ifndef ASSAY_DKIM_PRIVATE_KEY_H
#define ASSAY_DKIM_PRIVATE_KEY_H

#include "dkim/digest.h"
#include "dkim/private_key_file.h"

/*
 * Signs a digest: RSASSA-PKCS1-v1_5, or PureEdDSA with the digest as its message (RFC 8463
 * section 3). The signature is in the pool.
 */
bool private_key_sign(struct pool *pool, const struct private_key *key,
		      const unsigned char digest[DKIM_HASH_LEN], struct slice *signature,
		      struct error *error);

/*
 * The content of p= (RFC 6376 section 3.6.1, RFC 8463 section 4) in base64; NULL and error if
 * the key cannot be used.
 */
const char *private_key_public(struct pool *pool, const struct private_key *key,
			       struct error *error);

/* The record for a key: "v=DKIM1; k=rsa; p=..." */
const char *private_key_record(struct pool *pool, const struct private_key *key,
			       struct error *error);

/* A new private key as PKCS#8 PEM; bits counts for RSA only. NULL and error on failure. */
const char *private_key_generate(struct pool *pool, enum dkim_key_type type, unsigned bits,
				 struct error *error);

/* Does the record in the DNS have the public key of this private key? */
bool private_key_matches(struct pool *pool, const struct private_key *key,
			 const struct key_record *record);

/* base64 (RFC 4648 section 4) with padding, in one line. */
const char *dkim_base64(struct pool *pool, const void *octets, size_t len);

#endif
