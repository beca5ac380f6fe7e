/*
 * dkim_keypair - private keys in the hands of libcrypto; see dkim_keypair.h
 *
 * RSA keys go in through d2i_RSAPrivateKey() and RSA_sign(), which OpenSSL 3 calls deprecated:
 * the way through decoders and providers costs each process another millisecond.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "dkim_keypair.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "pool.h"

#define ED25519_SIGNATURE_LEN 64 /* octets, RFC 8032 section 5.1.6 */
#define BASE64_GROUP          4  /* characters for three octets */

/* crypto_failed - the error text: a number, because the texts for it are not loaded */
static bool crypto_failed(struct error *error, const char *what)
{
	error_set(error, STATUS_OTHER, "libcrypto cannot %s (error %lx)", what,
		  ERR_peek_last_error());
	ERR_clear_error();
	return false;
}

const char *dkim_keypair_base64(struct pool *pool, const void *octets, size_t len)
{
	char *text = pool_alloc(pool, (len + 2) / 3 * BASE64_GROUP + 1);

	EVP_EncodeBlock((unsigned char *)text, octets, (int)len);
	return text;
}

static RSA *rsa_of(const struct dkim_private_key *key)
{
	const unsigned char *der = (const unsigned char *)key->secret.data;

	return d2i_RSAPrivateKey(NULL, &der, (long)key->secret.len);
}

static EVP_PKEY *ed25519_of(const struct dkim_private_key *key)
{
	return EVP_PKEY_new_raw_private_key_ex(
	    NULL, "ED25519", NULL, (const unsigned char *)key->secret.data, key->secret.len);
}

static bool rsa_sign(struct pool *pool, const struct dkim_private_key *key,
		     const unsigned char *digest, struct slice *signature)
{
	RSA *rsa = rsa_of(key);
	unsigned char *octets;
	unsigned len = 0;
	bool done = false;

	if (rsa != NULL) {
		octets = pool_alloc(pool, (size_t)RSA_size(rsa));
		done = RSA_sign(NID_sha256, digest, DKIM_HASH_LEN, octets, &len, rsa) == 1;
		*signature = slice_from((const char *)octets, len);
	}
	RSA_free(rsa);
	return done;
}

static bool ed25519_sign(struct pool *pool, const struct dkim_private_key *key,
			 const unsigned char *digest, struct slice *signature)
{
	EVP_PKEY *pkey = ed25519_of(key);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *octets = pool_alloc(pool, ED25519_SIGNATURE_LEN);
	size_t len = ED25519_SIGNATURE_LEN;
	bool done = pkey != NULL && context != NULL &&
		    EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
		    EVP_DigestSign(context, octets, &len, digest, DKIM_HASH_LEN) == 1;

	*signature = slice_from((const char *)octets, len);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return done;
}

bool dkim_keypair_sign(struct pool *pool, const struct dkim_private_key *key,
		       const unsigned char digest[DKIM_HASH_LEN], struct slice *signature,
		       struct error *error)
{
	bool done = key->type == DKIM_KEY_RSA ? rsa_sign(pool, key, digest, signature)
					      : ed25519_sign(pool, key, digest, signature);

	return done || crypto_failed(error, "sign with this key; is it damaged?");
}

/* rsa_public - SubjectPublicKeyInfo, which every verifier understands */
static bool rsa_public(struct pool *pool, const struct dkim_private_key *key, struct slice *octets)
{
	RSA *rsa = rsa_of(key);
	unsigned char *der = NULL;
	int len = rsa != NULL ? i2d_RSA_PUBKEY(rsa, &der) : -1;

	if (len > 0)
		*octets = slice_from(pool_copy(pool, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	RSA_free(rsa);
	return len > 0;
}

/* ed25519_public - the point and nothing around it */
static bool ed25519_public(struct pool *pool, const struct dkim_private_key *key,
			   struct slice *octets)
{
	EVP_PKEY *pkey = ed25519_of(key);
	size_t len = DKIM_KEY_ED25519_LEN;
	unsigned char *point = pool_alloc(pool, len);
	bool done = pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, point, &len) == 1;

	*octets = slice_from((const char *)point, len);
	EVP_PKEY_free(pkey);
	return done;
}

const char *dkim_keypair_public(struct pool *pool, const struct dkim_private_key *key,
				struct error *error)
{
	struct slice octets;
	bool done = key->type == DKIM_KEY_RSA ? rsa_public(pool, key, &octets)
					      : ed25519_public(pool, key, &octets);

	if (done)
		return dkim_keypair_base64(pool, octets.data, octets.len);
	crypto_failed(error, "use this key; is it damaged?");
	return NULL;
}

const char *dkim_keypair_record(struct pool *pool, const struct dkim_private_key *key,
				struct error *error)
{
	const char *public_key = dkim_keypair_public(pool, key, error);

	if (public_key == NULL)
		return NULL;
	return pool_printf(pool, "v=DKIM1; k=%s; p=%s",
			   key->type == DKIM_KEY_RSA ? "rsa" : "ed25519", public_key);
}

/* pem_of - PKCS#8 without a passphrase */
static const char *pem_of(struct pool *pool, EVP_PKEY *pkey)
{
	BIO *memory = BIO_new(BIO_s_mem());
	const char *text = NULL;
	char *data;

	if (memory != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(memory, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		long len = BIO_get_mem_data(memory, &data);

		text = pool_copy(pool, data, (size_t)len);
	}
	BIO_free(memory);
	return text;
}

const char *dkim_keypair_generate(struct pool *pool, enum dkim_key_type type, unsigned bits,
				  struct error *error)
{
	EVP_PKEY *pkey = type == DKIM_KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
					      : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const char *pem = pkey != NULL ? pem_of(pool, pkey) : NULL;

	if (pem == NULL)
		crypto_failed(error, "make a key");
	EVP_PKEY_free(pkey);
	return pem;
}

bool dkim_keypair_matches(struct pool *pool, const struct dkim_private_key *key,
			  const struct dkim_key *record, bool *matches, struct error *error)
{
	struct slice point;

	*matches = false;
	if (record->type != key->type)
		return true;
	if (key->type == DKIM_KEY_RSA) {
		*matches = slice_equal(key->modulus, record->modulus) &&
			   slice_equal(key->exponent, record->exponent);
		return true;
	}
	if (!ed25519_public(pool, key, &point))
		return crypto_failed(error, "use this key");
	*matches = slice_equal(point, record->point);
	return true;
}
