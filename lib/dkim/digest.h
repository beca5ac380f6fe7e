/*
 * digest - SHA-256, and what it takes to verify a signature (RFC 6376 section 3.3, RFC 8463)
 *
 * By nettle, whose functions do not fail: a signature is good or it is not. When there is no
 * memory for the numbers of RSA, the process ends (see dkim/big_number.h).
 */
#ifndef ASSAY_DKIM_DIGEST_H
#define ASSAY_DKIM_DIGEST_H

#include "dkim/key_record.h"

#define DKIM_HASH_LEN 32 /* octets, SHA-256 */

/* A digest under way. */
struct dkim_hash;

struct dkim_hash *dkim_hash_new(void);
void dkim_hash_free(struct dkim_hash *hash); /* accepts NULL */
void dkim_hash_restart(struct dkim_hash *hash);
/* A message_sink; context is the hash. */
void dkim_hash_add(void *context, const char *data, size_t len);
/* The digest of everything up to now; more may be added then. */
void dkim_hash_digest(const struct dkim_hash *hash, unsigned char digest[DKIM_HASH_LEN]);

/*
 * Did the owner of key sign this digest? RSASSA-PKCS1-v1_5 over a SHA-256 digest (RFC 8017
 * section 8.2.2), or PureEdDSA with the digest as its message. The key is one that
 * key_record_parse() has let pass: its modulus is odd, and its size bounds the work.
 */
bool dkim_hash_verify(const struct key_record *key, const unsigned char digest[DKIM_HASH_LEN],
		      struct slice signature);

#endif
