/*
 * private_key - private keys in use, by nettle; see private_key.h
 *
 * RSA signatures are made with blinding and in constant time, and each is checked before it is
 * given away: with one that was computed wrongly the key could be found out. That takes 1.6 ms
 * for 2048 bits where libcrypto takes 0.4 ms, and is made up for by the start (see dkim_hash.c).
 */
#include "dkim/private_key.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/eddsa.h>
#include <nettle/rsa.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/pool.h"
#include "dkim/big_number.h"
#include "dkim/der.h"

#define PUBLIC_EXPONENT 65537
#define PEM_COLUMNS     64 /* RFC 7468 section 2 */

struct rsa_pair {
	struct rsa_public_key public;
	struct rsa_private_key private;
};

/* random_octets - a nettle_random_func; no context. random_is_there() has been asked before. */
static void random_octets(void *context, size_t len, uint8_t *octets)
{
	(void)context;
	while (len > 0) {
		ssize_t got = getrandom(octets, len, 0);

		octets += got > 0 ? got : 0;
		len -= got > 0 ? (size_t)got : 0;
	}
}

static bool random_is_there(struct error *error)
{
	char octet;

	return getrandom(&octet, sizeof(octet), 0) == sizeof(octet) ||
	       error_set(error, STATUS_OTHER, "the system gives no random numbers: %s",
			 strerror(errno));
}

const char *dkim_base64(struct pool *pool, const void *octets, size_t len)
{
	char *text = pool_alloc(pool, BASE64_ENCODE_RAW_LENGTH(len) + 1);

	base64_encode_raw(text, len, octets);
	return text;
}

static void pair_init(struct rsa_pair *pair)
{
	big_number_start();
	rsa_public_key_init(&pair->public);
	rsa_private_key_init(&pair->private);
}

static void pair_clear(struct rsa_pair *pair)
{
	rsa_private_key_clear(&pair->private);
	rsa_public_key_clear(&pair->public);
}

/* is_below - 0 < number < limit */
static bool is_below(const mpz_t number, const mpz_t limit)
{
	return mpz_sgn(number) > 0 && mpz_cmp(number, limit) < 0;
}

/* pair_fits - nettle relies on sizes that only numbers of one key have */
static bool pair_fits(const struct rsa_pair *pair)
{
	const struct rsa_private_key *private = &pair->private;
	bool fits = mpz_odd_p(private->p) && mpz_odd_p(private->q) &&
		    is_below(private->a, private->p) && is_below(private->b, private->q) &&
		    is_below(private->c, private->p);
	mpz_t product;

	mpz_init(product);
	mpz_mul(product, private->p, private->q);
	fits = fits && mpz_cmp(product, pair->public.n) == 0;
	mpz_clear(product);
	return fits;
}

static bool damaged(struct error *error)
{
	return error_set(error, STATUS_CONFIG,
			 "the private key is damaged: its numbers do not belong together");
}

/* pair_read - the numbers of a key; pair_clear() is due in any case */
static bool pair_read(struct rsa_pair *pair, const struct private_key *key, struct error *error)
{
	pair_init(pair);
	return (rsa_keypair_from_der(&pair->public, &pair->private, 0, key->secret.len,
				     (const uint8_t *)key->secret.data) == 1 &&
		pair_fits(pair)) ||
	       damaged(error);
}

static bool rsa_sign(struct pool *pool, const struct private_key *key, const unsigned char *digest,
		     struct slice *signature, struct error *error)
{
	struct rsa_pair pair;
	mpz_t number;
	bool done = pair_read(&pair, key, error) && random_is_there(error);

	mpz_init(number);
	if (done) {
		done = rsa_sha256_sign_digest_tr(&pair.public, &pair.private, NULL, random_octets,
						 digest, number) == 1 ||
		       damaged(error);
		*signature = big_number_octets(pool, number, pair.public.size);
	}
	mpz_clear(number);
	pair_clear(&pair);
	return done;
}

/* ed25519_public - the point and nothing around it */
static struct slice ed25519_public(struct pool *pool, const struct private_key *key)
{
	uint8_t *point = pool_alloc(pool, ED25519_KEY_SIZE);

	ed25519_sha512_public_key(point, (const uint8_t *)key->secret.data);
	return slice_from((const char *)point, ED25519_KEY_SIZE);
}

static struct slice ed25519_sign(struct pool *pool, const struct private_key *key,
				 const unsigned char *digest)
{
	uint8_t *octets = pool_alloc(pool, ED25519_SIGNATURE_SIZE);

	ed25519_sha512_sign((const uint8_t *)ed25519_public(pool, key).data,
			    (const uint8_t *)key->secret.data, DKIM_HASH_LEN, digest, octets);
	return slice_from((const char *)octets, ED25519_SIGNATURE_SIZE);
}

bool private_key_sign(struct pool *pool, const struct private_key *key,
		      const unsigned char digest[DKIM_HASH_LEN], struct slice *signature,
		      struct error *error)
{
	if (key->type == DKIM_KEY_RSA)
		return rsa_sign(pool, key, digest, signature, error);
	*signature = ed25519_sign(pool, key, digest);
	return true;
}

/* joined - one text of two */
static struct slice joined(struct pool *pool, struct slice first, struct slice second)
{
	char *octets = pool_alloc(pool, first.len + second.len);

	memcpy(octets, first.data, first.len);
	memcpy(octets + first.len, second.data, second.len);
	return slice_from(octets, first.len + second.len);
}

/* rsa_public - SubjectPublicKeyInfo (RFC 5280 section 4.1), which every verifier understands */
static struct slice rsa_public(struct pool *pool, const struct private_key *key)
{
	struct slice numbers =
	    joined(pool, der_number(pool, key->modulus), der_number(pool, key->exponent));
	struct slice bits = joined(pool, slice_from("", 1), /* none of the last octet is unused */
				   der_element(pool, DER_SEQUENCE, numbers));
	struct slice algorithm = der_element(pool, DER_SEQUENCE, der_rsa_encryption());

	return der_element(pool, DER_SEQUENCE,
			   joined(pool, algorithm, der_element(pool, DER_BIT_STRING, bits)));
}

const char *private_key_public(struct pool *pool, const struct private_key *key,
			       struct error *error)
{
	struct slice octets;
	struct rsa_pair pair;
	bool whole;

	if (key->type == DKIM_KEY_ED25519) {
		octets = ed25519_public(pool, key);
		return dkim_base64(pool, octets.data, octets.len);
	}
	whole = pair_read(&pair, key, error);
	pair_clear(&pair);
	octets = rsa_public(pool, key);
	return whole ? dkim_base64(pool, octets.data, octets.len) : NULL;
}

const char *private_key_record(struct pool *pool, const struct private_key *key,
			       struct error *error)
{
	const char *public_key = private_key_public(pool, key, error);

	if (public_key == NULL)
		return NULL;
	return pool_printf(pool, "v=DKIM1; k=%s; p=%s",
			   key->type == DKIM_KEY_RSA ? "rsa" : "ed25519", public_key);
}

/* pem_of - PKCS#8 (RFC 5958) without a passphrase, as text (RFC 7468 section 10) */
static const char *pem_of(struct pool *pool, struct slice algorithm, struct slice key)
{
	struct slice version = der_number(pool, slice_of(NULL));
	struct slice head = joined(pool, version, der_element(pool, DER_SEQUENCE, algorithm));
	struct slice info = der_element(
	    pool, DER_SEQUENCE, joined(pool, head, der_element(pool, DER_OCTET_STRING, key)));
	struct slice rest = slice_of(dkim_base64(pool, info.data, info.len));
	struct buffer text;
	const char *pem;

	buffer_init(&text, SIZE_MAX);
	buffer_add_text(&text, "-----BEGIN PRIVATE KEY-----\n");
	while (rest.len > 0) {
		size_t len = rest.len < PEM_COLUMNS ? rest.len : PEM_COLUMNS;

		buffer_printf(&text, "%.*s\n", (int)len, rest.data);
		rest = slice_skip(rest, len);
	}
	buffer_add_text(&text, "-----END PRIVATE KEY-----\n");
	pem = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return pem;
}

/* rsa_private - RSAPrivateKey (RFC 8017 A.1.2) */
static struct slice rsa_private(struct pool *pool, const struct rsa_pair *pair)
{
	const mpz_t *const numbers[] = {
	    &pair->public.n,  &pair->public.e,  &pair->private.d, &pair->private.p,
	    &pair->private.q, &pair->private.a, &pair->private.b, &pair->private.c,
	};
	struct slice all = der_number(pool, slice_of(NULL)); /* the version: two primes */

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t len = big_number_len(*numbers[i]);

		all =
		    joined(pool, all, der_number(pool, big_number_octets(pool, *numbers[i], len)));
	}
	return der_element(pool, DER_SEQUENCE, all);
}

static const char *generate_rsa(struct pool *pool, unsigned bits, struct error *error)
{
	struct rsa_pair pair;
	const char *pem = NULL;

	pair_init(&pair);
	mpz_set_ui(pair.public.e, PUBLIC_EXPONENT);
	if (rsa_generate_keypair(&pair.public, &pair.private, NULL, random_octets, NULL, NULL, bits,
				 0) == 1)
		pem = pem_of(pool, der_rsa_encryption(), rsa_private(pool, &pair));
	else
		error_set(error, STATUS_OTHER, "there is no RSA key of %u bits", bits);
	pair_clear(&pair);
	return pem;
}

static const char *generate_ed25519(struct pool *pool)
{
	char *seed = pool_alloc(pool, DKIM_KEY_SEED_LEN);

	random_octets(NULL, DKIM_KEY_SEED_LEN, (uint8_t *)seed);
	return pem_of(pool, der_ed25519(),
		      der_element(pool, DER_OCTET_STRING, slice_from(seed, DKIM_KEY_SEED_LEN)));
}

const char *private_key_generate(struct pool *pool, enum dkim_key_type type, unsigned bits,
				 struct error *error)
{
	if (!random_is_there(error))
		return NULL;
	return type == DKIM_KEY_RSA ? generate_rsa(pool, bits, error) : generate_ed25519(pool);
}

bool private_key_matches(struct pool *pool, const struct private_key *key,
			 const struct key_record *record)
{
	if (record->type != key->type)
		return false;
	if (key->type == DKIM_KEY_RSA)
		return slice_equal(key->modulus, record->modulus) &&
		       slice_equal(key->exponent, record->exponent);
	return slice_equal(ed25519_public(pool, key), record->point);
}
