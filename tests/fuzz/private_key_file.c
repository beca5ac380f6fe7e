/*
 * private_key_file - the content of a file with a private key
 *
 * Whatever is taken for a key gives a signature that its own public key verifies, or none.
 */
#include "dkim/private_key_file.h"

#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_record.h"
#include "dkim/verify.h"
#include "fuzz.h"

#define SIGNED_BITS_MAX 2048 /* larger keys take too much time */

/* check_parts - of a key that was read */
static void check_parts(const struct private_key *key)
{
	if (key->type == DKIM_KEY_ED25519) {
		fuzz_expect(key->secret.len == DKIM_KEY_SEED_LEN);
		return;
	}
	fuzz_expect(key->bits >= DKIM_KEY_BITS_MIN && key->bits <= DKIM_KEY_BITS_MAX);
	fuzz_expect(fuzz_is_within(key->modulus, key->secret));
	fuzz_expect(fuzz_is_within(key->exponent, key->secret));
}

/* check_public - the record for the key is one that can be used, and is of this key */
static void check_public(struct pool *pool, const struct private_key *key,
			 struct public_key *public)
{
	struct key_record read;
	enum result result;
	const char *reason;
	struct error error;
	const char *record = key_encoding_record(pool, key, &error);

	public->bits = 0;
	if (record == NULL || !key_record_parse(pool, slice_of(record), &read, &result, &reason))
		return;
	*public = read.public_key;
	fuzz_expect(public->type == key->type && public->bits == key->bits);
	fuzz_expect(key_encoding_matches(key, public));
}

/* check_signature - the numbers of an RSA key need not be of one key: then there is none */
static void check_signature(struct pool *pool, const struct private_key *key,
			    const struct public_key *public)
{
	const unsigned char digest[DKIM_HASH_LEN] = {1};
	struct slice signature;
	struct error error;

	if (private_key_sign(pool, key, digest, &signature, &error))
		fuzz_expect(public_key_verify(public, digest, signature));
	else
		fuzz_expect(key->type == DKIM_KEY_RSA);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct private_key key;
	struct public_key public;
	struct error error;

	if (private_key_file_parse(pool, input, &key, &error)) {
		check_parts(&key);
		check_public(pool, &key, &public);
		if (public.bits != 0 && key.bits <= SIGNED_BITS_MAX)
			check_signature(pool, &key, &public);
	}
	pool_free(pool);
}
