/*
 * public_key - public keys and signatures, by libcrypto; see dkim/public_key.h
 *
 * libcrypto's own decoder takes numbers that are not DER (a modulus whose top bit is set, lengths
 * of more octets than needed, anything after the key) and would cost more than verifying does: an
 * RSA key is a few lengths around two integers, which are read here.
 */
#include "dkim/public_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/crypto.h"
#include "dkim/der.h"
#include "dkim/rsa.h"

#define ED25519_SIGNATURE_LEN 64   /* octets, RFC 8032 section 5.1.6 */
#define SIGN_BIT              0x80 /* of x, in the last octet of a point */

/* unwrap - the RSAPublicKey that the content of a SubjectPublicKeyInfo holds */
static bool unwrap(struct slice info, struct slice *key)
{
	struct slice rest = info;
	struct slice algorithm;

	if (!der_take(&rest, DER_SEQUENCE, &algorithm) ||
	    !slice_equal(algorithm, der_rsa_encryption()))
		return false;
	if (!der_take(&rest, DER_BIT_STRING, key) || rest.len != 0)
		return false;
	if (key->len == 0 || key->data[0] != 0) /* bits of the last octet that are not used */
		return false;
	*key = slice_skip(*key, 1);
	return true;
}

/* rsa_numbers - the two numbers of an RSA key in either form */
static bool rsa_numbers(struct slice data, struct slice *modulus, struct slice *exponent)
{
	struct slice rest = data;
	struct slice content;

	if (!der_take(&rest, DER_SEQUENCE, &content) || rest.len != 0)
		return false;
	if (unwrap(content, &rest)) {
		if (!der_take(&rest, DER_SEQUENCE, &content) || rest.len != 0)
			return false;
	}
	return der_take_number(&content, modulus) && der_take_number(&content, exponent) &&
	       content.len == 0;
}

static bool is_odd(struct slice number)
{
	return (number.data[number.len - 1] & 1) != 0;
}

/* read_rsa - numbers that no RSA key has are not for a library to find out */
static const char *read_rsa(struct pool *pool, struct slice octets, struct public_key *key,
			    enum result *result)
{
	if (!rsa_numbers(octets, &key->modulus, &key->exponent))
		return "is no RSA key (p=)";
	key->bits = der_number_bits(key->modulus);
	if (!is_odd(key->modulus) || !is_odd(key->exponent) || slice_is(key->exponent, "\x01") ||
	    der_number_bits(key->exponent) > DKIM_KEY_EXPONENT_BITS_MAX)
		return "is no usable RSA key (p=)";
	*result = RESULT_POLICY;
	if (key->bits < DKIM_KEY_BITS_MIN)
		return pool_printf(pool, "has %u bits, fewer than %u (RFC 8301)", key->bits,
				   DKIM_KEY_BITS_MIN);
	if (key->bits > DKIM_KEY_BITS_MAX)
		return pool_printf(pool, "has %u bits, more than %u", key->bits, DKIM_KEY_BITS_MAX);
	return NULL;
}

/* The octets of p = 2^255 - 19 but for the first and the last one. */
#define FIELD_OCTET 0xff
#define FIELD_FIRST 0xed
#define FIELD_LAST  0x7f

/* without_sign - y of a point (RFC 8032 section 5.1.2): little-endian */
static void without_sign(struct slice point, unsigned char y[DKIM_KEY_ED25519_LEN])
{
	memcpy(y, point.data, DKIM_KEY_ED25519_LEN);
	y[DKIM_KEY_ED25519_LEN - 1] &= (unsigned char)~SIGN_BIT;
}

/* is_below_field - RFC 8032 section 5.1.3: a number of p or more is no coordinate */
static bool is_below_field(const unsigned char y[DKIM_KEY_ED25519_LEN])
{
	if (y[DKIM_KEY_ED25519_LEN - 1] != FIELD_LAST)
		return true;
	for (size_t i = DKIM_KEY_ED25519_LEN - 2; i > 0; i--) {
		if (y[i] != FIELD_OCTET)
			return true;
	}
	return y[0] < FIELD_FIRST;
}

/*
 * has_small_order - y of the eight points whose order divides 8
 *
 * With such a key nobody has a secret: what the key adds to the equation of a signature is one of
 * at most eight points, and no point at all for the neutral one, whose signatures anybody can make.
 */
static bool has_small_order(const unsigned char y[DKIM_KEY_ED25519_LEN])
{
	static const char points[][DKIM_KEY_ED25519_LEN + 1] = {
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", /* order 4 */
	    "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", /* the neutral one
										 */
	    "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", /* order 2 */
	    "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
	    "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05", /* order 8 */
	    "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
	    "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a", /* order 8 */
	};

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		if (memcmp(y, points[i], DKIM_KEY_ED25519_LEN) == 0)
			return true;
	}
	return false;
}

/* read_ed25519 - RFC 8463 section 4: the octets of the key and nothing around them */
static const char *read_ed25519(struct slice octets, struct public_key *key)
{
	unsigned char y[DKIM_KEY_ED25519_LEN];

	if (octets.len != DKIM_KEY_ED25519_LEN)
		return "is no Ed25519 key (p=)";
	key->point = octets;
	key->bits = 8 * DKIM_KEY_ED25519_LEN;
	without_sign(octets, y);
	if (!is_below_field(y))
		return "is no Ed25519 key (p=)";
	return has_small_order(y) ? "is a weak Ed25519 key, for which anybody can sign (p=)" : NULL;
}

bool public_key_read(struct pool *pool, struct slice octets, struct public_key *key,
		     enum result *result, const char **reason)
{
	*result = RESULT_PERMERROR;
	*reason = key->type == DKIM_KEY_RSA ? read_rsa(pool, octets, key, result)
					    : read_ed25519(octets, key);
	return *reason == NULL;
}

/* rsa_verify - a signature has the length of the modulus, with zeros in front if need be */
static bool rsa_verify(const struct public_key *key, const unsigned char *digest,
		       struct slice signature)
{
	const struct slice numbers[] = {
	    [DKIM_RSA_MODULUS] = key->modulus,
	    [DKIM_RSA_EXPONENT] = key->exponent,
	};
	EVP_PKEY *pkey;
	bool good;

	if (signature.len != key->modulus.len)
		return false;
	pkey = dkim_rsa_public(numbers);
	good = pkey != NULL && dkim_rsa_verify(pkey, digest, signature);
	EVP_PKEY_free(pkey);
	return good;
}

/* ed25519_verify - the digest is the message here (RFC 8463 section 3) */
static bool ed25519_verify(const struct public_key *key, const unsigned char *digest,
			   struct slice signature)
{
	EVP_MD_CTX *context;
	EVP_PKEY *pkey;
	bool good;

	if (signature.len != ED25519_SIGNATURE_LEN)
		return false;
	crypto_start();
	pkey = EVP_PKEY_new_raw_public_key_ex(
	    NULL, "ED25519", NULL, (const unsigned char *)key->point.data, key->point.len);
	context = EVP_MD_CTX_new();
	good = pkey != NULL &&
	       EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, pkey, NULL) == 1 &&
	       EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.len,
				digest, DKIM_HASH_LEN) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return good;
}

bool public_key_verify(const struct public_key *key, const unsigned char digest[DKIM_HASH_LEN],
		       struct slice signature)
{
	return key->type == DKIM_KEY_RSA ? rsa_verify(key, digest, signature)
					 : ed25519_verify(key, digest, signature);
}
