/*
 * dkim_hash - SHA-256 and signatures by libcrypto (RFC 6376 section 3.3, RFC 8463)
 *
 * A signature is good, is not good, or could not be judged because libcrypto
 * failed; the third is an error and never a verdict.
 */
#ifndef ASSAY_DKIM_HASH_H
#define ASSAY_DKIM_HASH_H

#include "dkim_key.h"

#define DKIM_HASH_LEN 32 /* octets, SHA-256 */

/* libcrypto, made ready. */
struct dkim_crypto;

/*
 * Makes libcrypto ready; must come before any other use of it in the process, because
 * from here on it takes its memory like everything else does (see pool.h): it ends the process
 * when there is none. NULL and error if libcrypto cannot be used.
 */
struct dkim_crypto *dkim_crypto_open(struct error *error);
void dkim_crypto_close(struct dkim_crypto *crypto); /* accepts NULL */

/* A digest under way. */
struct dkim_hash;

struct dkim_hash *dkim_hash_new(struct dkim_crypto *crypto);
void dkim_hash_free(struct dkim_hash *hash); /* accepts NULL */
void dkim_hash_restart(struct dkim_hash *hash);
/* A message_sink; context is the hash. Trouble is reported by dkim_hash_digest(). */
void dkim_hash_add(void *context, const char *data, size_t len);
/* The digest of everything up to now; more may be added then. */
bool dkim_hash_digest(const struct dkim_hash *hash, unsigned char digest[DKIM_HASH_LEN],
		      struct error *error);

/*
 * Did the owner of key sign this digest? RSASSA-PKCS1-v1_5 over a SHA-256 digest, or PureEdDSA
 * with the digest as its message. False and error if that could not be found out.
 */
bool dkim_hash_verify(struct pool *pool, const struct dkim_crypto *crypto,
		      const struct dkim_key *key, const unsigned char digest[DKIM_HASH_LEN],
		      struct slice signature, bool *good, struct error *error);

#endif
