/*
 * dkim_hash - SHA-256, RSA and Ed25519 by libcrypto; see dkim_hash.h
 *
 * A process starts for each message, so what libcrypto does once is what it costs.
 * Measured with OpenSSL 3.0, CPU time of a process that hashes 5.6 KB and verifies one
 * RSA-2048 signature, shared and static: 2.00 and 1.44 ms as libcrypto comes, 1.89 and
 * 1.38 without openssl.cnf, 1.82 and 1.30 without its exit handler too, 1.37 and 0.83
 * without the tables of all ciphers and digests by name as well, which nobody asks for
 * here. An empty process takes 0.46 and 0.39. The public key goes in as numbers,
 * because the decoders for encoded keys take another 0.2 ms; which of the verifying
 * functions is called makes no difference. What is left of the shared form is mostly
 * the dynamic linker: by callgrind 3.1 of its 4.3 million instructions, and 145 of its
 * 238 page faults, are spent before libcrypto is first called.
 */
#include "dkim_hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "pool.h"

#define ED25519_SIGNATURE_LEN 64 /* octets, RFC 8032 section 5.1.6 */

struct dkim_crypto {
	EVP_MD *sha256;
};

struct dkim_hash {
	EVP_MD_CTX *context;
	const EVP_MD *sha256;
	bool failed; /* until the next restart */
};

/* crypto_failed - the error text: a number, because the texts for it are not loaded */
static bool crypto_failed(struct error *error, const char *what)
{
	error_set(error, STATUS_OTHER, "libcrypto cannot %s (error %lx)", what,
		  ERR_peek_last_error());
	ERR_clear_error();
	return false;
}

static void *crypto_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_buffer(size); /* not zeroed: there are thousands of them */
}

static void *crypto_resize(void *memory, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return memory_resize(memory, size);
}

static void crypto_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	free(memory);
}

/*
 * use_our_memory - no function of libcrypto sees an allocation fail
 *
 * Several of them report that in the same way as a wrong signature, so a busy
 * machine would reject good mail.
 */
static bool use_our_memory(void)
{
	CRYPTO_malloc_fn current;

	CRYPTO_get_mem_functions(&current, NULL, NULL);
	return current == crypto_alloc ||
	       CRYPTO_set_mem_functions(crypto_alloc, crypto_resize, crypto_free) == 1;
}

struct dkim_crypto *dkim_crypto_open(struct error *error)
{
	const uint64_t options = OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
				 OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS |
				 OPENSSL_INIT_NO_ATEXIT;
	struct dkim_crypto *crypto;
	EVP_MD *sha256;

	if (!use_our_memory()) {
		crypto_failed(error, "be given memory, it is in use already");
		return NULL;
	}
	if (OPENSSL_init_crypto(options, NULL) != 1) {
		crypto_failed(error, "be started");
		return NULL;
	}
	sha256 = EVP_MD_fetch(NULL, OSSL_DIGEST_NAME_SHA2_256, NULL);
	if (sha256 == NULL) {
		crypto_failed(error, "provide SHA-256");
		return NULL;
	}
	crypto = memory_alloc(sizeof(*crypto));
	crypto->sha256 = sha256;
	return crypto;
}

void dkim_crypto_close(struct dkim_crypto *crypto)
{
	if (crypto != NULL)
		EVP_MD_free(crypto->sha256);
	free(crypto);
}

struct dkim_hash *dkim_hash_new(struct dkim_crypto *crypto)
{
	struct dkim_hash *hash = memory_alloc(sizeof(*hash));

	hash->context = EVP_MD_CTX_new();
	hash->sha256 = crypto->sha256;
	dkim_hash_restart(hash);
	return hash;
}

void dkim_hash_free(struct dkim_hash *hash)
{
	if (hash != NULL)
		EVP_MD_CTX_free(hash->context);
	free(hash);
}

void dkim_hash_restart(struct dkim_hash *hash)
{
	hash->failed = EVP_DigestInit_ex2(hash->context, hash->sha256, NULL) != 1;
}

void dkim_hash_add(void *context, const char *data, size_t len)
{
	struct dkim_hash *hash = context;

	if (!hash->failed)
		hash->failed = EVP_DigestUpdate(hash->context, data, len) != 1;
}

bool dkim_hash_digest(const struct dkim_hash *hash, unsigned char digest[DKIM_HASH_LEN],
		      struct error *error)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	bool done = !hash->failed && EVP_MD_CTX_copy_ex(copy, hash->context) == 1 &&
		    EVP_DigestFinal_ex(copy, digest, NULL) == 1;

	EVP_MD_CTX_free(copy);
	return done || crypto_failed(error, "compute SHA-256");
}

/* key_from_data - a public key from its parameters; NULL if libcrypto fails */
static EVP_PKEY *key_from_data(const char *type, OSSL_PARAM *parameters)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* native_number - an integer parameter, for which libcrypto wants the byte order of the machine */
static OSSL_PARAM native_number(struct pool *pool, const char *name, struct slice number)
{
	unsigned char *octets = pool_alloc(pool, number.len);
	BIGNUM *value = BN_new();

	BN_bin2bn((const unsigned char *)number.data, (int)number.len, value);
	BN_bn2nativepad(value, octets, (int)number.len);
	BN_free(value);
	return OSSL_PARAM_construct_BN(name, octets, number.len);
}

static EVP_PKEY *rsa_key(struct pool *pool, const struct dkim_key *key)
{
	OSSL_PARAM parameters[] = {
	    native_number(pool, OSSL_PKEY_PARAM_RSA_N, key->modulus),
	    native_number(pool, OSSL_PKEY_PARAM_RSA_E, key->exponent),
	    OSSL_PARAM_construct_end(),
	};

	return key_from_data("RSA", parameters);
}

static EVP_PKEY *ed25519_key(struct pool *pool, const struct dkim_key *key)
{
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, slice_copy(pool, key->point),
					      key->point.len),
	    OSSL_PARAM_construct_end(),
	};

	return key_from_data("ED25519", parameters);
}

/* rsa_verify - 1 good, 0 not good, anything else is a failure */
static int rsa_verify(const struct dkim_crypto *crypto, EVP_PKEY *key, const unsigned char *digest,
		      struct slice signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	int answer = -1;

	if (context != NULL && EVP_PKEY_verify_init(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, crypto->sha256) == 1)
		answer = EVP_PKEY_verify(context, (const unsigned char *)signature.data,
					 signature.len, digest, DKIM_HASH_LEN);
	EVP_PKEY_CTX_free(context);
	return answer;
}

/* ed25519_verify - likewise; the digest is the message here (RFC 8463 section 3) */
static int ed25519_verify(const struct dkim_crypto *crypto, EVP_PKEY *key,
			  const unsigned char *digest, struct slice signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int answer = -1;

	(void)crypto;
	if (EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1)
		answer = EVP_DigestVerify(context, (const unsigned char *)signature.data,
					  signature.len, digest, DKIM_HASH_LEN);
	EVP_MD_CTX_free(context);
	return answer;
}

static const struct {
	EVP_PKEY *(*key)(struct pool *pool, const struct dkim_key *key);
	int (*verify)(const struct dkim_crypto *crypto, EVP_PKEY *key, const unsigned char *digest,
		      struct slice signature);
} algorithms[] = {
    [DKIM_KEY_RSA] = {rsa_key, rsa_verify},
    [DKIM_KEY_ED25519] = {ed25519_key, ed25519_verify},
};

/* signature_len - the only length that a signature by this key has */
static size_t signature_len(const struct dkim_key *key)
{
	return key->type == DKIM_KEY_RSA ? key->modulus.len : ED25519_SIGNATURE_LEN;
}

bool dkim_hash_verify(struct pool *pool, const struct dkim_crypto *crypto,
		      const struct dkim_key *key, const unsigned char digest[DKIM_HASH_LEN],
		      struct slice signature, bool *good, struct error *error)
{
	EVP_PKEY *public_key;
	int answer = -1;

	*good = false;
	if (signature.len != signature_len(key))
		return true;
	ERR_clear_error();
	public_key = algorithms[key->type].key(pool, key);
	if (public_key != NULL)
		answer = algorithms[key->type].verify(crypto, public_key, digest, signature);
	EVP_PKEY_free(public_key);
	if ((answer != 1 && answer != 0) || ERR_FATAL_ERROR(ERR_peek_last_error()))
		return crypto_failed(error, "verify a signature");
	ERR_clear_error();
	*good = answer == 1;
	return true;
}
