/*
 * private_key_test - signing with keys that are whole, and with numbers that are not of one key
 */
#include "dkim/private_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_generation.h"
#include "dkim/private_key_file.h"
#include "dkim/rsa.h"
#include "tap.h"

#define BITS 1024 /* the smallest that is accepted: quickly made */

static const unsigned char digest[DKIM_HASH_LEN] = {1, 2, 3};

/* key_of - a new key, read from its file */
static struct private_key key_of(struct pool *pool, enum dkim_key_type type)
{
	struct private_key key;
	struct error error;
	const char *pem = key_generation_pem(pool, type, BITS, &error);

	if (pem == NULL || !private_key_file_parse(pool, slice_of(pem), &key, &error))
		exit(1);
	return key;
}

/* append - an element with this content */
static void append(struct buffer *der, unsigned tag, struct slice content)
{
	buffer_add_byte(der, (char)(unsigned char)tag);
	if (content.len > 0xff)
		buffer_add_byte(der, '\x82');
	else if (content.len > 0x7f)
		buffer_add_byte(der, '\x81');
	if (content.len > 0xff)
		buffer_add_byte(der, (char)(unsigned char)(content.len >> 8));
	buffer_add_byte(der, (char)(unsigned char)(content.len & 0xff));
	buffer_add_slice(der, content);
}

static void append_number(struct buffer *der, const BIGNUM *number)
{
	unsigned char octets[2 * BITS]; /* far too long ones as well */

	octets[0] = 0;
	BN_bn2bin(number, octets + 1);
	if (BN_num_bits(number) % 8 == 0)
		append(der, 0x02,
		       slice_from((const char *)octets, (size_t)BN_num_bytes(number) + 1));
	else
		append(der, 0x02,
		       slice_from((const char *)octets + 1, (size_t)BN_num_bytes(number)));
}

/* take_numbers - of a key of libcrypto's */
static void take_numbers(BIGNUM *numbers[DKIM_RSA_NUMBERS])
{
	static const char *const names[DKIM_RSA_NUMBERS] = {
	    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
	    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
	    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
	    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	EVP_PKEY *pkey = EVP_RSA_gen(BITS);

	for (size_t i = 0; i < DKIM_RSA_NUMBERS; i++) {
		numbers[i] = NULL;
		if (EVP_PKEY_get_bn_param(pkey, names[i], &numbers[i]) != 1)
			exit(1);
	}
	EVP_PKEY_free(pkey);
}

/* signs - does a key of these numbers sign? Of what it gives away, nothing may be wrong */
static bool signs(struct pool *pool, BIGNUM *const numbers[DKIM_RSA_NUMBERS], const char *version,
		  struct slice behind)
{
	struct private_key key = {.type = DKIM_KEY_RSA};
	struct public_key public_key = {.type = DKIM_KEY_RSA};
	struct slice signature;
	struct buffer fields, der;
	struct error error;
	enum result result;
	const char *reason;
	bool done;

	buffer_init(&fields, 65536);
	buffer_init(&der, 65536);
	append(&fields, 0x02, slice_from(version, 1));
	for (size_t i = 0; i < DKIM_RSA_NUMBERS; i++)
		append_number(&fields, numbers[i]);
	buffer_add_slice(&fields, behind);
	append(&der, 0x30, buffer_slice(&fields));
	key.secret = buffer_slice(&der);
	done = private_key_sign(pool, &key, digest, &signature, &error);
	buffer_reset(&fields);
	append_number(&fields, numbers[DKIM_RSA_MODULUS]);
	append_number(&fields, numbers[DKIM_RSA_EXPONENT]);
	key.secret = slice_of(NULL);
	buffer_reset(&der);
	append(&der, 0x30, buffer_slice(&fields));
	if (done && (!public_key_read(pool, buffer_slice(&der), &public_key, &result, &reason) ||
		     !public_key_verify(&public_key, digest, signature)))
		ok(false, "a wrong signature was given away");
	buffer_free(&fields);
	buffer_free(&der);
	return done;
}

/* test_numbers - each number of a key, changed in several ways */
static void test_numbers(struct pool *pool)
{
	BIGNUM *numbers[DKIM_RSA_NUMBERS];

	take_numbers(numbers);
	ok(signs(pool, numbers, "", slice_of(NULL)), "all eight numbers sign");
	ok(!signs(pool, numbers, "\x01", slice_of(NULL)), "another version does not");
	ok(!signs(pool, numbers, "", slice_from("\x30\x00", 2)), "nor do numbers of more primes");
	for (size_t i = 0; i < DKIM_RSA_NUMBERS; i++) {
		BIGNUM *whole = BN_dup(numbers[i]);

		BN_add_word(numbers[i], 2);
		ok(!signs(pool, numbers, "", slice_of(NULL)), "number %zu and 2", i);
		BN_copy(numbers[i], whole);
		BN_lshift(numbers[i], whole, 8);
		ok(!signs(pool, numbers, "", slice_of(NULL)), "number %zu, 8 bits longer", i);
		BN_lshift(numbers[i], whole, 8 * BITS);
		BN_add_word(numbers[i], 1);
		ok(!signs(pool, numbers, "", slice_of(NULL)), "number %zu, far too long", i);
		BN_one(numbers[i]);
		ok(!signs(pool, numbers, "", slice_of(NULL)), "number %zu is 1", i);
		BN_copy(numbers[i], whole);
		BN_free(whole);
	}
	for (size_t i = 0; i < DKIM_RSA_NUMBERS; i++)
		BN_free(numbers[i]);
}

/* test_pair - what a private key has signed its public key verifies */
static void test_pair(struct pool *pool, enum dkim_key_type type, const char *name)
{
	struct private_key key = key_of(pool, type);
	struct private_key other = key_of(pool, type);
	struct public_key public_key = {.type = type};
	struct slice octets, signature;
	struct error error;
	enum result result;
	const char *reason;
	const char *text = key_encoding_public(pool, &key, &error);

	ok(text != NULL && base64_decode(pool, slice_of(text), &octets) &&
	       public_key_read(pool, octets, &public_key, &result, &reason),
	   "%s: the public key is one that we take", name);
	ok(private_key_sign(pool, &key, digest, &signature, &error) &&
	       public_key_verify(&public_key, digest, signature),
	   "%s: the signature is good", name);
	ok(key_encoding_matches(&key, &public_key), "%s: both are a pair", name);
	ok(!key_encoding_matches(&other, &public_key), "%s: with another key they are not", name);
	ok(private_key_sign(pool, &other, digest, &signature, &error) &&
	       !public_key_verify(&public_key, digest, signature),
	   "%s: nor is its signature", name);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_pair(pool, DKIM_KEY_RSA, "RSA");
	test_pair(pool, DKIM_KEY_ED25519, "Ed25519");
	test_numbers(pool);
	pool_free(pool);
	return done();
}
