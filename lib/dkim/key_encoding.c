/*
 * key_encoding - the public key of a private key, for DNS; see dkim/key_encoding.h
 */
#include "dkim/key_encoding.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "base/pool.h"

/* rsa_text - SubjectPublicKeyInfo (RFC 5280 section 4.1) */
static const char *rsa_text(struct pool *pool, const EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	const char *text = len > 0 ? base64_encode(pool, der, (size_t)len) : NULL;

	OPENSSL_free(der);
	return text;
}

/* ed25519_point - false if there is none */
static bool ed25519_point(const EVP_PKEY *pkey, unsigned char point[DKIM_KEY_ED25519_LEN])
{
	size_t len = DKIM_KEY_ED25519_LEN;

	return EVP_PKEY_get_raw_public_key(pkey, point, &len) == 1 && len == DKIM_KEY_ED25519_LEN;
}

static const char *ed25519_text(struct pool *pool, const EVP_PKEY *pkey)
{
	unsigned char point[DKIM_KEY_ED25519_LEN];

	return ed25519_point(pkey, point) ? base64_encode(pool, point, sizeof(point)) : NULL;
}

const char *key_encoding_public(struct pool *pool, const struct private_key *key,
				struct error *error)
{
	EVP_PKEY *pkey = private_key_open(key, error);
	const char *text;

	if (pkey == NULL)
		return NULL;
	text = key->type == DKIM_KEY_RSA ? rsa_text(pool, pkey) : ed25519_text(pool, pkey);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	if (text == NULL)
		error_set(error, STATUS_OTHER, "OpenSSL cannot give the public key");
	return text;
}

const char *key_encoding_record(struct pool *pool, const struct private_key *key,
				struct error *error)
{
	const char *public_key = key_encoding_public(pool, key, error);

	if (public_key == NULL)
		return NULL;
	return pool_printf(pool, "v=DKIM1; k=%s; p=%s",
			   key->type == DKIM_KEY_RSA ? "rsa" : "ed25519", public_key);
}

static bool ed25519_matches(const struct private_key *key, const struct public_key *public_key)
{
	unsigned char point[DKIM_KEY_ED25519_LEN];
	struct error error;
	EVP_PKEY *pkey = private_key_open(key, &error);
	bool matches =
	    pkey != NULL && ed25519_point(pkey, point) &&
	    slice_equal(slice_from((const char *)point, sizeof(point)), public_key->point);

	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return matches;
}

bool key_encoding_matches(const struct private_key *key, const struct public_key *public_key)
{
	if (public_key->type != key->type)
		return false;
	if (key->type == DKIM_KEY_RSA)
		return slice_equal(key->modulus, public_key->modulus) &&
		       slice_equal(key->exponent, public_key->exponent);
	return ed25519_matches(key, public_key);
}
