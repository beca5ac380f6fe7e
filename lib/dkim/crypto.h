/*
 * crypto - how OpenSSL's libcrypto is started and used
 *
 * A process starts for each message in a pipe, so what a library costs before it does anything
 * counts most. libcrypto is started when the first signature needs it and never for mail without
 * one, and only as far as we need it: without openssl.cnf, error texts and the tables of old
 * algorithm names. It takes memory by our functions, so a lack of memory ends the process as
 * everywhere (see base/pool.h). That leaves one meaning to any outcome but success: the key or the
 * signature is not good.
 *
 * Only the public EVP interface is used, and none of its deprecated functions.
 */
#ifndef ASSAY_DKIM_CRYPTO_H
#define ASSAY_DKIM_CRYPTO_H

#include <openssl/types.h>

/* Starts libcrypto; as often as one likes. Every module that uses it begins with this. */
void crypto_start(void);

/* The same for what needs random numbers: signing, which is blinded, and making keys. */
void crypto_start_random(void);

/* Ends the process with status 75, as libcrypto lacks something that it always has. */
_Noreturn void crypto_fail(const char *what);

/*
 * SHA-256; to be released with EVP_MD_free(). The first call in a process costs nearly all of the
 * start, as libcrypto builds every digest that it has.
 */
EVP_MD *crypto_sha256(void);

#endif
