/*
 * public_key_test - which signatures are good, and that the weakest keys are refused
 *
 * The keys and signatures are made by OpenSSL.
 */
#include "dkim/public_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/pool.h"
#include "tap.h"

#define RANDOM_ROUNDS 300
#define RSA_BITS      2048
#define SIGNATURE_MAX (RSA_BITS / 8)
#define POINT_LEN     DKIM_KEY_ED25519_LEN

/* A key pair for tests. */
struct pair {
	EVP_PKEY *private;
	struct public_key public;
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
	pair.public = (struct public_key){
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
	pair.public = (struct public_key){
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
		wrong += !public_key_verify(&pair->public, digest, slice_from(signature, len));
	}
	ok(wrong == RANDOM_ROUNDS, "%s: random signatures are wrong and nothing else", name);
}

/* test_random_keys - what public_key_read() lets through is a key, if not of anybody */
static void test_random_keys(const struct pair *pair, struct slice signature,
			     const unsigned char *digest, const char *name)
{
	char number[SIGNATURE_MAX];
	unsigned wrong = 0;

	for (int i = 0; i < RANDOM_ROUNDS; i++) {
		struct public_key key = pair->public;

		randomize(number, sizeof(number));
		number[0] = (char)(number[0] | 0x40);
		number[sizeof(number) - 1] = (char)(number[sizeof(number) - 1] | 1);
		key.modulus = slice_from(number, sizeof(number));
		key.point = slice_from(number, DKIM_KEY_ED25519_LEN);
		wrong += !public_key_verify(&key, digest, signature);
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
	ok(public_key_verify(&pair->public, digest, signature), "%s: a signature", name);
	changed = slice_copy(pool, signature);
	changed[signature.len / 2] ^= 1;
	ok(!public_key_verify(&pair->public, digest, slice_from(changed, signature.len)),
	   "%s: with one bit changed", name);
	ok(!public_key_verify(&pair->public, digest, slice_from(signature.data, 1)),
	   "%s: of one octet", name);
	changed = pool_alloc(pool, signature.len + 1);
	memcpy(changed, signature.data, signature.len);
	ok(!public_key_verify(&pair->public, digest, slice_from(changed, signature.len + 1)),
	   "%s: with an octet after it", name);
	ok(!public_key_verify(&pair->public, digest, slice_of("")), "%s: empty", name);
	digest[0] = 8;
	ok(!public_key_verify(&pair->public, digest, signature), "%s: of another digest", name);
	test_random_signatures(pair, signature.len, name);
	test_random_keys(pair, signature, digest, name);
	EVP_PKEY_free(pair->private);
}

/* reads - the reason why octets are no key, or NULL */
static const char *reads(struct pool *pool, enum dkim_key_type type, struct slice octets)
{
	struct public_key key = {.type = type};
	enum result result;
	const char *reason;

	if (!public_key_read(pool, octets, &key, &result, &reason) && result != RESULT_PERMERROR)
		ok(false, "what is no key is a permanent error");
	return reason;
}

/* add_order - the order L of the base point (RFC 8032 section 5.1) added to a number */
static void add_order(unsigned char number[POINT_LEN])
{
	static const unsigned char order[POINT_LEN] = {
	    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
	    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
	    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10,
	};
	unsigned carry = 0;

	for (size_t i = 0; i < POINT_LEN; i++) {
		carry += (unsigned)number[i] + order[i];
		number[i] = (unsigned char)(carry & 0xff);
		carry >>= 8;
	}
}

/* test_large_s - the same signature written in another way, which RFC 8032 5.1.7 refuses */
static void test_large_s(struct pool *pool)
{
	struct pair pair = ed25519_pair(pool);
	unsigned char digest[DKIM_HASH_LEN] = {1};
	struct slice signature = sign(pool, &pair, digest);
	char *changed = slice_copy(pool, signature);

	ok(public_key_verify(&pair.public, digest, signature), "Ed25519: S below the order");
	for (unsigned times = 1; times < 8; times++) {
		add_order((unsigned char *)changed + POINT_LEN);
		ok(!public_key_verify(&pair.public, digest, slice_from(changed, signature.len)),
		   "Ed25519: S and %u times the order", times);
	}
	EVP_PKEY_free(pair.private);
}

/* y of the points of small order, and what else stands for them if p = 2^255 - 19 is added. */
static const char small_orders[][POINT_LEN + 1] = {
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
    "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
    "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    "\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
};

/* small_order - one of them, with this sign of x */
static struct slice small_order(struct pool *pool, size_t index, unsigned negative)
{
	char *point = pool_copy(pool, small_orders[index], POINT_LEN);

	point[POINT_LEN - 1] = (char)((unsigned char)point[POINT_LEN - 1] | negative << 7);
	return slice_from(point, POINT_LEN);
}

/*
 * test_small_orders - why they are refused: R and the key neutral, S zero, is a signature of
 * everything for libcrypto
 */
static void test_small_orders(struct pool *pool)
{
	struct public_key neutral = {
	    .type = DKIM_KEY_ED25519,
	    .bits = 256,
	    .point = small_order(pool, 1, 0),
	};
	unsigned char digest[DKIM_HASH_LEN] = {1};
	char signature[2 * POINT_LEN] = {1};

	ok(public_key_verify(&neutral, digest, slice_from(signature, sizeof(signature))),
	   "Ed25519: the neutral point verifies what nobody has signed");
	for (size_t i = 0; i < sizeof(small_orders) / sizeof(small_orders[0]); i++) {
		for (unsigned negative = 0; negative < 2; negative++) {
			const char *reason =
			    reads(pool, DKIM_KEY_ED25519, small_order(pool, i, negative));

			ok(reason != NULL, "so key %zu%s %s", i, negative ? ", negative," : "",
			   reason != NULL ? reason : "is taken");
		}
	}
}

/* test_field - RFC 8032 section 5.1.3: y is less than p = 2^255 - 19 */
static void test_field(struct pool *pool)
{
	char point[POINT_LEN];
	unsigned refused = 0;

	memset(point, 0xff, sizeof(point));
	point[POINT_LEN - 1] = 0x7f;
	for (unsigned first = 0xed; first <= 0xff; first++) {
		point[0] = (char)(unsigned char)first;
		refused += reads(pool, DKIM_KEY_ED25519, slice_from(point, POINT_LEN)) != NULL;
	}
	is_number(refused, 0xff - 0xed + 1, "Ed25519: no y of p or more is a key");
	point[0] = (char)(unsigned char)0xeb;
	is_text(reads(pool, DKIM_KEY_ED25519, slice_from(point, POINT_LEN)), NULL,
		"Ed25519: the largest y that is none of these");
	is_text(reads(pool, DKIM_KEY_ED25519, slice_from(point, POINT_LEN - 1)),
		"is no Ed25519 key (p=)", "Ed25519: 31 octets");
}

int main(void)
{
	struct pool *pool = pool_new();
	struct pair pair;

	srand(1);
	pair = rsa_pair(pool);
	test_pair(pool, &pair, "RSA");
	pair = ed25519_pair(pool);
	test_pair(pool, &pair, "Ed25519");
	test_large_s(pool);
	test_small_orders(pool);
	test_field(pool);
	pool_free(pool);
	return done();
}
