/*
 * rsa - RSASSA-PKCS1-v1_5 with SHA-256, by libcrypto; see dkim/rsa.h
 */
#include "dkim/rsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/pool.h"
#include "dkim/crypto.h"

/* What libcrypto calls the numbers. */
static const char *const number_names[DKIM_RSA_NUMBERS] = {
    [DKIM_RSA_MODULUS] = OSSL_PKEY_PARAM_RSA_N,
    [DKIM_RSA_EXPONENT] = OSSL_PKEY_PARAM_RSA_E,
    [DKIM_RSA_PRIVATE_EXPONENT] = OSSL_PKEY_PARAM_RSA_D,
    [DKIM_RSA_PRIME_1] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [DKIM_RSA_PRIME_2] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [DKIM_RSA_EXPONENT_1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [DKIM_RSA_EXPONENT_2] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
    [DKIM_RSA_COEFFICIENT] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static void read_numbers(const struct slice *octets, BIGNUM **numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		numbers[i] =
		    BN_bin2bn((const unsigned char *)octets[i].data, (int)octets[i].len, NULL);
}

static void clear_numbers(BIGNUM **numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		BN_clear_free(numbers[i]);
}

/* key_from - a key of what has been put together for it */
static EVP_PKEY *key_from(OSSL_PARAM *parameters, int selection)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1)
		crypto_fail("RSA");
	if (EVP_PKEY_fromdata(context, &key, selection, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return key;
}

/* rsa_key_of - a key of that many numbers */
static EVP_PKEY *rsa_key_of(BIGNUM *const *numbers, size_t count, int selection)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *parameters;
	EVP_PKEY *key = NULL;
	size_t done = 0;

	while (done < count &&
	       OSSL_PARAM_BLD_push_BN(builder, number_names[done], numbers[done]) == 1)
		done++;
	parameters = done == count ? OSSL_PARAM_BLD_to_param(builder) : NULL;
	if (parameters != NULL)
		key = key_from(parameters, selection);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	return key;
}

EVP_PKEY *dkim_rsa_public(const struct slice octets[DKIM_RSA_PUBLIC_NUMBERS])
{
	BIGNUM *numbers[DKIM_RSA_PUBLIC_NUMBERS];
	EVP_PKEY *key;

	crypto_start();
	read_numbers(octets, numbers, DKIM_RSA_PUBLIC_NUMBERS);
	key = rsa_key_of(numbers, DKIM_RSA_PUBLIC_NUMBERS, EVP_PKEY_PUBLIC_KEY);
	clear_numbers(numbers, DKIM_RSA_PUBLIC_NUMBERS);
	return key;
}

/* is_below - 0 < number < limit */
static bool is_below(const BIGNUM *number, const BIGNUM *limit)
{
	return !BN_is_zero(number) && BN_cmp(number, limit) < 0;
}

/* is_inverse - a * b = 1 modulo that number */
static bool is_inverse(const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus, BN_CTX *context)
{
	BIGNUM *product = BN_new();
	bool is_one = BN_mod_mul(product, a, b, modulus, context) == 1 && BN_is_one(product);

	BN_clear_free(product);
	return is_one;
}

/* fits_prime - the exponents for signing with one prime: e * d = e * d_p = 1 mod p - 1 */
static bool fits_prime(BIGNUM *const *numbers, const BIGNUM *prime, const BIGNUM *exponent,
		       BN_CTX *context)
{
	BIGNUM *order = BN_dup(prime);
	bool fits = BN_sub_word(order, 1) == 1 &&
		    is_inverse(numbers[DKIM_RSA_EXPONENT], exponent, order, context) &&
		    is_inverse(numbers[DKIM_RSA_EXPONENT], numbers[DKIM_RSA_PRIVATE_EXPONENT],
			       order, context);

	BN_clear_free(order);
	return fits;
}

/* is_product - of the primes */
static bool is_product(BIGNUM *const *numbers, BN_CTX *context)
{
	BIGNUM *product = BN_new();
	bool same =
	    BN_mul(product, numbers[DKIM_RSA_PRIME_1], numbers[DKIM_RSA_PRIME_2], context) == 1 &&
	    BN_cmp(product, numbers[DKIM_RSA_MODULUS]) == 0;

	BN_clear_free(product);
	return same;
}

/* are_sized - smaller than what they are counted by; numbers of any size could cost any work */
static bool are_sized(BIGNUM *const *numbers)
{
	return BN_is_odd(numbers[DKIM_RSA_PRIME_1]) && BN_is_odd(numbers[DKIM_RSA_PRIME_2]) &&
	       is_below(numbers[DKIM_RSA_EXPONENT], numbers[DKIM_RSA_MODULUS]) &&
	       is_below(numbers[DKIM_RSA_PRIVATE_EXPONENT], numbers[DKIM_RSA_MODULUS]) &&
	       is_below(numbers[DKIM_RSA_EXPONENT_1], numbers[DKIM_RSA_PRIME_1]) &&
	       is_below(numbers[DKIM_RSA_EXPONENT_2], numbers[DKIM_RSA_PRIME_2]) &&
	       is_below(numbers[DKIM_RSA_COEFFICIENT], numbers[DKIM_RSA_PRIME_1]);
}

/* are_of_one_key - the equations of RFC 8017 section 3.2; only that the primes are some is left */
static bool are_of_one_key(BIGNUM *const *numbers)
{
	BN_CTX *context = BN_CTX_new();
	bool same =
	    are_sized(numbers) && is_product(numbers, context) &&
	    fits_prime(numbers, numbers[DKIM_RSA_PRIME_1], numbers[DKIM_RSA_EXPONENT_1], context) &&
	    fits_prime(numbers, numbers[DKIM_RSA_PRIME_2], numbers[DKIM_RSA_EXPONENT_2], context) &&
	    is_inverse(numbers[DKIM_RSA_PRIME_2], numbers[DKIM_RSA_COEFFICIENT],
		       numbers[DKIM_RSA_PRIME_1], context);

	BN_CTX_free(context);
	return same;
}

EVP_PKEY *dkim_rsa_private(const struct slice octets[DKIM_RSA_NUMBERS])
{
	BIGNUM *numbers[DKIM_RSA_NUMBERS];
	EVP_PKEY *key = NULL;

	crypto_start_random();
	read_numbers(octets, numbers, DKIM_RSA_NUMBERS);
	if (are_of_one_key(numbers))
		key = rsa_key_of(numbers, DKIM_RSA_NUMBERS, EVP_PKEY_KEYPAIR);
	clear_numbers(numbers, DKIM_RSA_NUMBERS);
	return key;
}

/* context_of - what signing and verifying have in common; NULL if the key is not taken */
static EVP_PKEY_CTX *context_of(EVP_PKEY *key, int (*begin)(EVP_PKEY_CTX *context))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	EVP_MD *sha256 = crypto_sha256();
	bool ready = context != NULL && begin(context) == 1 &&
		     EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(context, sha256) == 1;

	EVP_MD_free(sha256);
	if (ready)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

bool dkim_rsa_verify(EVP_PKEY *key, const unsigned char digest[DKIM_HASH_LEN],
		     struct slice signature)
{
	EVP_PKEY_CTX *context = context_of(key, EVP_PKEY_verify_init);
	bool good =
	    context != NULL && EVP_PKEY_verify(context, (const unsigned char *)signature.data,
					       signature.len, digest, DKIM_HASH_LEN) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return good;
}

bool dkim_rsa_sign(struct pool *pool, EVP_PKEY *key, const unsigned char digest[DKIM_HASH_LEN],
		   struct slice *signature)
{
	EVP_PKEY_CTX *context = context_of(key, EVP_PKEY_sign_init);
	size_t len = (size_t)EVP_PKEY_get_size(key);
	char *octets = pool_alloc(pool, len);
	bool done = context != NULL && EVP_PKEY_sign(context, (unsigned char *)octets, &len, digest,
						     DKIM_HASH_LEN) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	*signature = slice_from(octets, len);
	return done && dkim_rsa_verify(key, digest, *signature);
}
