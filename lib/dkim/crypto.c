/*
 * crypto - how OpenSSL's libcrypto is started and used; see dkim/crypto.h
 */
#include "dkim/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/pool.h"

#define START_OPTIONS                                                                              \
	(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |                       \
	 OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS |                       \
	 OPENSSL_INIT_NO_ATEXIT)

_Noreturn void crypto_fail(const char *what)
{
	dprintf(STDERR_FILENO, "4.3.0 %s: OpenSSL's libcrypto has no %s\n",
		program_invocation_short_name, what);
	_exit(EX_TEMPFAIL);
}

/* take_memory - as CRYPTO_malloc(3), which gives NULL for nothing */
static void *take_memory(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size > 0 ? memory_buffer(size) : NULL;
}

static void release_memory(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

static void *resize_memory(void *memory, size_t size, const char *file, int line)
{
	if (size > 0)
		return memory_resize(memory, size);
	release_memory(memory, file, line);
	return NULL;
}

/* Memory first: once libcrypto has taken any, other functions are refused. */
void crypto_start(void)
{
	CRYPTO_set_mem_functions(take_memory, resize_memory, release_memory);
	if (OPENSSL_init_crypto(START_OPTIONS, NULL) != 1)
		crypto_fail("start");
}

/*
 * The generator that libcrypto prefers is made of a block cipher, for which it would build every
 * cipher that it has: 0.4 ms. It can be chosen only before there is one, so failing means that it
 * has been chosen.
 */
void crypto_start_random(void)
{
	crypto_start();
	RAND_set_DRBG_type(NULL, "HASH-DRBG", NULL, NULL, "SHA2-256");
	ERR_clear_error();
}

EVP_MD *crypto_sha256(void)
{
	EVP_MD *sha256;

	crypto_start();
	sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (sha256 == NULL)
		crypto_fail("SHA-256");
	return sha256;
}
