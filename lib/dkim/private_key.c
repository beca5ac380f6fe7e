/*
 * private_key - private keys, and signing with them, by libcrypto; see dkim/private_key.h
 */
#include "dkim/private_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/pool.h"
#include "dkim/crypto.h"
#include "dkim/der.h"
#include "dkim/rsa.h"

#define ED25519_SIGNATURE_LEN 64 /* octets, RFC 8032 section 5.1.6 */

static bool damaged(struct error *error)
{
	return error_set(error, STATUS_CONFIG,
			 "the private key is damaged: its numbers do not belong together");
}

/* rsa_numbers - RFC 8017 A.1.2: RSAPrivateKey of two primes, which is version 0 */
static bool rsa_numbers(struct slice der, struct slice numbers[DKIM_RSA_NUMBERS])
{
	struct slice rest = der;
	struct slice fields;
	struct slice version;

	if (!der_take(&rest, DER_SEQUENCE, &fields) || rest.len != 0 ||
	    !der_take(&fields, DER_INTEGER, &version) || !slice_equal(version, slice_from("", 1)))
		return false;
	for (size_t i = 0; i < DKIM_RSA_NUMBERS; i++) {
		if (!der_take_number(&fields, &numbers[i]))
			return false;
	}
	return fields.len == 0;
}

EVP_PKEY *private_key_open(const struct private_key *key, struct error *error)
{
	struct slice numbers[DKIM_RSA_NUMBERS];
	EVP_PKEY *pkey = NULL;

	crypto_start_random();
	if (key->type == DKIM_KEY_ED25519)
		pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL,
						       (const unsigned char *)key->secret.data,
						       key->secret.len);
	else if (rsa_numbers(key->secret, numbers))
		pkey = dkim_rsa_private(numbers);
	ERR_clear_error();
	if (pkey == NULL)
		damaged(error);
	return pkey;
}

static bool ed25519_sign(struct pool *pool, EVP_PKEY *pkey, const unsigned char *digest,
			 struct slice *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = ED25519_SIGNATURE_LEN;
	char *octets = pool_alloc(pool, len);
	bool done =
	    EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
	    EVP_DigestSign(context, (unsigned char *)octets, &len, digest, DKIM_HASH_LEN) == 1;

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	*signature = slice_from(octets, len);
	return done;
}

bool private_key_sign(struct pool *pool, const struct private_key *key,
		      const unsigned char digest[DKIM_HASH_LEN], struct slice *signature,
		      struct error *error)
{
	EVP_PKEY *pkey = private_key_open(key, error);
	bool done;

	if (pkey == NULL)
		return false;
	done = key->type == DKIM_KEY_RSA ? dkim_rsa_sign(pool, pkey, digest, signature)
					 : ed25519_sign(pool, pkey, digest, signature);
	EVP_PKEY_free(pkey);
	return done || damaged(error);
}
