/*
 * private_key - private keys, and signing with them
 */
#ifndef ASSAY_DKIM_PRIVATE_KEY_H
#define ASSAY_DKIM_PRIVATE_KEY_H

#include <openssl/types.h>

#include "base/error.h"
#include "dkim/public_key.h"

#define DKIM_KEY_BITS_ADVISED 2048 /* RFC 8301 3.2: signers should use at least so many */
#define DKIM_KEY_SEED_LEN     32   /* octets, RFC 8032 section 5.1.5 */

/* As private_key_file_parse() has read it: whether the secret is one, only using it shows. */
struct private_key {
	enum dkim_key_type type;
	unsigned bits;         /* of the modulus; 256 for Ed25519 */
	struct slice modulus;  /* RSA: big-endian, without leading zeros */
	struct slice exponent; /* RSA */
	struct slice secret;   /* RSA: RSAPrivateKey in DER; Ed25519: DKIM_KEY_SEED_LEN octets */
};

/*
 * The key as libcrypto has it, for EVP_PKEY_free(). NULL and error if it is damaged: if the numbers
 * are not of one key, or not all of them are there.
 */
EVP_PKEY *private_key_open(const struct private_key *key, struct error *error);

/*
 * Signs a digest: RSASSA-PKCS1-v1_5, or PureEdDSA with the digest as its message (RFC 8463
 * section 3). The signature is in the pool.
 */
bool private_key_sign(struct pool *pool, const struct private_key *key,
		      const unsigned char digest[DKIM_HASH_LEN], struct slice *signature,
		      struct error *error);

#endif
