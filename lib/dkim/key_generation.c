/*
 * key_generation - new private keys, by libcrypto; see dkim/key_generation.h
 */
#include "dkim/key_generation.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/pool.h"
#include "dkim/crypto.h"

/* pem_of - NULL if the key cannot be written */
static const char *pem_of(struct pool *pool, const EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *pem = NULL;
	char *data;

	if (PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		long len = BIO_get_mem_data(bio, &data);

		pem = pool_copy(pool, data, (size_t)len);
	}
	BIO_free(bio);
	return pem;
}

const char *key_generation_pem(struct pool *pool, enum dkim_key_type type, unsigned bits,
			       struct error *error)
{
	EVP_PKEY *pkey;
	const char *pem = NULL;

	crypto_start_random();
	pkey = type == DKIM_KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
				    : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (pkey != NULL)
		pem = pem_of(pool, pkey);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	if (pem == NULL)
		error_set(error, STATUS_OTHER, "OpenSSL cannot make a key");
	return pem;
}
