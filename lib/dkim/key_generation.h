/*
 * key_generation - new private keys
 */
#ifndef ASSAY_DKIM_KEY_GENERATION_H
#define ASSAY_DKIM_KEY_GENERATION_H

#include "base/error.h"
#include "dkim/public_key.h"

/*
 * A new private key without a passphrase, as PKCS#8 (RFC 5958) in PEM (RFC 7468 section 10); bits
 * counts for RSA only. NULL and error on failure.
 */
const char *key_generation_pem(struct pool *pool, enum dkim_key_type type, unsigned bits,
			       struct error *error);

#endif
