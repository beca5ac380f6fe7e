/*
 * dkim_hash: digests and signatures
 *
 * The keys and signatures are made by OpenSSL.
 */
#include "dkim/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/pool.h"
#include "dkim/big_number.h"
#include "tap.h"

#define RANDOM_ROUNDS 300
#define RSA_BITS      2048
#define SIGNATURE_MAX (RSA_BITS / 8)

/* status_of - the exit status of a child that does this */
static int status_of(void (*work)(void))
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(EX_OSERR);
		work();
		_exit(EX_OK);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* exhaust - GMP asks for more memory than there is */
static void exhaust(void)
{
	void *(*allocate)(size_t);

	big_number_start();
	mp_get_memory_functions(&allocate, NULL, NULL);
	if (allocate(SIZE_MAX / 2) == NULL)
		_exit(EX_UNAVAILABLE);
}

/* digest_is - the digest up to now, as hexadecimal digits */
static void digest_is(const struct dkim_hash *hash, const char *hexadecimal, const char *name)
{
	unsigned char digest[DKIM_HASH_LEN];
	char text[2 * DKIM_HASH_LEN + 1] = "";

	dkim_hash_digest(hash, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	is_text(text, hexadecimal, name);
}

static void test_digest(void)
{
	static const char empty[] =
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const char abc[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char abcabc[] =
	    "bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c";
	struct dkim_hash *hash = dkim_hash_new();

	digest_is(hash, empty, "SHA-256 of nothing");
	dkim_hash_add(hash, "ab", 2);
	dkim_hash_add(hash, "c", 1);
	digest_is(hash, abc, "SHA-256 of abc (FIPS 180-4)");
	dkim_hash_add(hash, "abc", 3);
	digest_is(hash, abcabc, "a digest does not end the hash");
	dkim_hash_restart(hash);
	digest_is(hash, empty, "a hash can be started again");
	dkim_hash_free(hash);
}

/* A key pair for tests. */
struct pair {
	EVP_PKEY *private;
	struct key_record public;
};

/* number_of - a number of an RSA key, big-endian */
static struct slice number_of(struct pool *pool, const EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;
	unsigned char *octets;
	int len;

	if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
		exit(1);
	octets = pool_alloc(pool, (size_t)BN_num_bytes(number));
	len = BN_bn2bin(number, octets);
	BN_free(number);
	return slice_from((const char *)octets, (size_t)len);
}

static struct pair rsa_pair(struct pool *pool)
{
	struct pair pair = {.private = EVP_RSA_gen(RSA_BITS)};

	if (pair.private == NULL)
		exit(1);
	pair.public = (struct key_record){
	    .type = DKIM_KEY_RSA,
	    .bits = RSA_BITS,
	    .modulus = number_of(pool, pair.private, OSSL_PKEY_PARAM_RSA_N),
	    .exponent = number_of(pool, pair.private, OSSL_PKEY_PARAM_RSA_E),
	};
	return pair;
}

static struct pair ed25519_pair(struct pool *pool)
{
	struct pair pair = {.private = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
	unsigned char *point = pool_alloc(pool, DKIM_KEY_ED25519_LEN);
	size_t len = DKIM_KEY_ED25519_LEN;

	if (pair.private == NULL || EVP_PKEY_get_raw_public_key(pair.private, point, &len) != 1)
		exit(1);
	pair.public = (struct key_record){
	    .type = DKIM_KEY_ED25519,
	    .bits = 256,
	    .point = slice_from((const char *)point, len),
	};
	return pair;
}

/* sign - a signature over a digest */
static struct slice sign(struct pool *pool, const struct pair *pair, const unsigned char *digest)
{
	unsigned char *signature = pool_alloc(pool, SIGNATURE_MAX);
	size_t len = SIGNATURE_MAX;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pair->private, NULL);
	EVP_MD_CTX *message = EVP_MD_CTX_new();
	bool done;

	if (pair->public.type == DKIM_KEY_RSA)
		done = EVP_PKEY_sign_init(context) == 1 &&
		       EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
		       EVP_PKEY_sign(context, signature, &len, digest, DKIM_HASH_LEN) == 1;
	else
		done = EVP_DigestSignInit(message, NULL, NULL, NULL, pair->private) == 1 &&
		       EVP_DigestSign(message, signature, &len, digest, DKIM_HASH_LEN) == 1;
	if (!done)
		exit(1);
	EVP_MD_CTX_free(message);
	EVP_PKEY_CTX_free(context);
	return slice_from((const char *)signature, len);
}

/* randomize - random octets */
static void randomize(char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(unsigned char)rand();
}

/* test_random_signatures - all are wrong, whatever there is wrong with them */
static void test_random_signatures(const struct pair *pair, size_t len, const char *name)
{
	static const unsigned char digest[DKIM_HASH_LEN];
	char signature[SIGNATURE_MAX];
	unsigned wrong = 0;

	for (int i = 0; i < RANDOM_ROUNDS; i++) {
		randomize(signature, len);
		if (i % 3 == 0)
			memset(signature, 0xff, len / 2);
		wrong += !dkim_hash_verify(&pair->public, digest, slice_from(signature, len));
	}
	ok(wrong == RANDOM_ROUNDS, "%s: random signatures are wrong and nothing else", name);
}

/* test_random_keys - what dkim_key lets through is a key, if not of anybody */
static void test_random_keys(const struct pair *pair, struct slice signature,
			     const unsigned char *digest, const char *name)
{
	char number[SIGNATURE_MAX];
	unsigned wrong = 0;

	for (int i = 0; i < RANDOM_ROUNDS; i++) {
		struct key_record key = pair->public;

		randomize(number, sizeof(number));
		number[0] = (char)(number[0] | 0x40);
		number[sizeof(number) - 1] = (char)(number[sizeof(number) - 1] | 1);
		key.modulus = slice_from(number, sizeof(number));
		key.point = slice_from(number, DKIM_KEY_ED25519_LEN);
		wrong += !dkim_hash_verify(&key, digest, signature);
	}
	ok(wrong == RANDOM_ROUNDS, "%s: random keys verify nothing", name);
}

static void test_pair(struct pool *pool, const struct pair *pair, const char *name)
{
	unsigned char digest[DKIM_HASH_LEN];
	struct slice signature;
	char *changed;

	memset(digest, 7, sizeof(digest));
	signature = sign(pool, pair, digest);
	ok(dkim_hash_verify(&pair->public, digest, signature), "%s: a signature", name);
	changed = slice_copy(pool, signature);
	changed[signature.len / 2] ^= 1;
	ok(!dkim_hash_verify(&pair->public, digest, slice_from(changed, signature.len)),
	   "%s: with one bit changed", name);
	ok(!dkim_hash_verify(&pair->public, digest, slice_from(signature.data, 1)),
	   "%s: of one octet", name);
	changed = pool_alloc(pool, signature.len + 1);
	memcpy(changed, signature.data, signature.len);
	ok(!dkim_hash_verify(&pair->public, digest, slice_from(changed, signature.len + 1)),
	   "%s: with an octet behind it", name);
	ok(!dkim_hash_verify(&pair->public, digest, slice_of("")), "%s: empty", name);
	digest[0] = 8;
	ok(!dkim_hash_verify(&pair->public, digest, signature), "%s: of another digest", name);
	test_random_signatures(pair, signature.len, name);
	test_random_keys(pair, signature, digest, name);
	EVP_PKEY_free(pair->private);
}

int main(void)
{
	struct pool *pool = pool_new();
	struct pair pair;

	ok(status_of(exhaust) == EX_TEMPFAIL, "GMP without memory is exit status 75");
	test_digest();
	srand(1);
	pair = rsa_pair(pool);
	test_pair(pool, &pair, "RSA");
	pair = ed25519_pair(pool);
	test_pair(pool, &pair, "Ed25519");
	pool_free(pool);
	return done();
}
