/*
 * public_key - public keys as DNS has them, and what they have signed (RFC 6376, 8301, 8463)
 *
 * A key that must not be used is refused when it is read, before anything is computed with it.
 * RSA comes as SubjectPublicKeyInfo (RFC 5280 section 4.1) or as bare RSAPublicKey (RFC 8017
 * A.1.1; RFC 6376 erratum 3017), Ed25519 as its 32 octets (RFC 8463 section 4).
 */
#ifndef ASSAY_DKIM_PUBLIC_KEY_H
#define ASSAY_DKIM_PUBLIC_KEY_H

#include "base/bytes.h"
#include "dkim/digest.h"
#include "mail/result.h"

#define DKIM_KEY_BITS_MIN 1024 /* RFC 8301 3.2: shorter RSA keys must not pass */
#define DKIM_KEY_BITS_MAX 8192 /* RFC 6376 3.3.3 asks for 2048; work grows with the cube */

#define DKIM_KEY_EXPONENT_BITS_MAX 64 /* libcrypto takes no more with long moduli; 17 are usual */
#define DKIM_KEY_ED25519_LEN       32 /* octets, RFC 8032 section 5.1.5 */

enum dkim_key_type {
	DKIM_KEY_RSA,
	DKIM_KEY_ED25519,
};

/* The numbers are big-endian, without leading zeros. */
struct public_key {
	enum dkim_key_type type;
	unsigned bits;         /* exact length of the modulus; 256 for Ed25519 */
	struct slice modulus;  /* RSA */
	struct slice exponent; /* RSA */
	struct slice point;    /* Ed25519 */
};

/*
 * Reads the octets of a key of type key->type, which it will point to. False with a reason that
 * goes on after "key": then *result is permerror, or policy if the key is too short or too long
 * (RFC 8301 section 3.2). key->bits is set as far as it could be read.
 */
bool public_key_read(struct pool *pool, struct slice octets, struct public_key *key,
		     enum result *result, const char **reason);

/*
 * Did the owner of the key sign this digest? RSASSA-PKCS1-v1_5 over a SHA-256 digest (RFC 8017
 * section 8.2.2), or PureEdDSA with the digest as its message (RFC 8463 section 3). The key is one
 * that public_key_read() has let pass.
 */
bool public_key_verify(const struct public_key *key, const unsigned char digest[DKIM_HASH_LEN],
		       struct slice signature);

#endif
