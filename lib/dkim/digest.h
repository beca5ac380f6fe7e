/*
 * digest - SHA-256 (RFC 6376 section 3.3)
 */
#ifndef ASSAY_DKIM_DIGEST_H
#define ASSAY_DKIM_DIGEST_H

#include <stddef.h>

#define DKIM_HASH_LEN 32 /* octets, SHA-256 */

/* A digest under way. */
struct dkim_hash;

struct dkim_hash *dkim_hash_new(void);
void dkim_hash_free(struct dkim_hash *hash); /* accepts NULL */
void dkim_hash_restart(struct dkim_hash *hash);
/* A message_sink; context is the hash. */
void dkim_hash_add(void *context, const char *data, size_t len);
/* The digest of everything up to now; more may be added then. */
void dkim_hash_digest(struct dkim_hash *hash, unsigned char digest[DKIM_HASH_LEN]);

#endif
