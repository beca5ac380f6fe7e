/*
 * rsa - RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2), by libcrypto
 *
 * Keys are made of their numbers, without libcrypto's decoders, which would cost more than
 * verifying does. Each is the caller's, for EVP_PKEY_free().
 */
#ifndef ASSAY_DKIM_RSA_H
#define ASSAY_DKIM_RSA_H

#include <openssl/types.h>

#include "base/bytes.h"
#include "dkim/digest.h"

/* The numbers of a key in the order of RSAPrivateKey (RFC 8017 A.1.2), big-endian. */
enum dkim_rsa_number {
	DKIM_RSA_MODULUS,
	DKIM_RSA_EXPONENT,
	DKIM_RSA_PUBLIC_NUMBERS,
	DKIM_RSA_PRIVATE_EXPONENT = DKIM_RSA_PUBLIC_NUMBERS,
	DKIM_RSA_PRIME_1,
	DKIM_RSA_PRIME_2,
	DKIM_RSA_EXPONENT_1,
	DKIM_RSA_EXPONENT_2,
	DKIM_RSA_COEFFICIENT,
	DKIM_RSA_NUMBERS
};

/* NULL if libcrypto does not take the numbers. */
EVP_PKEY *dkim_rsa_public(const struct slice octets[DKIM_RSA_PUBLIC_NUMBERS]);

/* NULL also if the numbers cannot be of one key: a file may have any. */
EVP_PKEY *dkim_rsa_private(const struct slice octets[DKIM_RSA_NUMBERS]);

bool dkim_rsa_verify(EVP_PKEY *key, const unsigned char digest[DKIM_HASH_LEN],
		     struct slice signature);

/*
 * The signature is in the pool. It has been verified: one that was computed wrongly, by damaged
 * memory or damaged numbers, would tell whoever sees it the primes of the key.
 */
bool dkim_rsa_sign(struct pool *pool, EVP_PKEY *key, const unsigned char digest[DKIM_HASH_LEN],
		   struct slice *signature);

#endif
