/*
 * dkim_keyfile - the content of a file with a private key
 *
 * Whatever libcrypto can make a key of gives a signature that its own public key verifies.
 */
#include "dkim_keyfile.h"

#include "dkim.h"
#include "dkim_keypair.h"
#include "fuzz.h"
#include "pool.h"

#define SIGNED_BITS_MAX 2048 /* larger keys take too much time */

/* check_parts - of a key that was read */
static void check_parts(const struct dkim_private_key *key)
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
static void check_public(struct pool *pool, const struct dkim_private_key *key,
			 struct dkim_key *public)
{
	enum result result;
	const char *reason;
	struct error error;
	const char *record = dkim_keypair_record(pool, key, &error);
	bool matches = false;

	public->bits = 0;
	if (record == NULL || !dkim_key_parse(pool, slice_of(record), public, &result, &reason))
		return;
	fuzz_expect(public->type == key->type && public->bits == key->bits);
	fuzz_expect(dkim_keypair_matches(pool, key, public, &matches, &error) && matches);
}

/* check_signature - RSA keys need not fit together: then there may be none, or a wrong one */
static void check_signature(struct pool *pool, const struct dkim_crypto *crypto,
			    const struct dkim_private_key *key, const struct dkim_key *public)
{
	const unsigned char digest[DKIM_HASH_LEN] = {1};
	struct slice signature;
	struct error error;
	bool good;

	if (!dkim_keypair_sign(pool, key, digest, &signature, &error) ||
	    !dkim_hash_verify(pool, crypto, public, digest, signature, &good, &error))
		return;
	fuzz_expect(good || key->type == DKIM_KEY_RSA);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct dkim_private_key key;
	struct dkim_key public;
	struct error error;
	struct dkim_crypto *crypto = dkim_crypto_open(&error);

	fuzz_expect(crypto != NULL);
	if (dkim_keyfile_parse(pool, input, &key, &error)) {
		check_parts(&key);
		check_public(pool, &key, &public);
		if (public.bits != 0 && key.bits <= SIGNED_BITS_MAX)
			check_signature(pool, crypto, &key, &public);
	}
	dkim_crypto_close(crypto);
	pool_free(pool);
}
