/*
 * dkim_body: several hashes of one body in one pass
 */
#include "dkim_body.h"

#include <stdlib.h>

#include "dkim_signature.h"
#include "pool.h"
#include "tap.h"

/* is_hash_of - a hash that was asked for is the hash of this text */
static void is_hash_of(struct dkim_crypto *crypto, const struct dkim_body_hash *wanted,
		       const char *text, const char *name)
{
	struct dkim_hash *hash = dkim_hash_new(crypto);
	unsigned char digest[DKIM_HASH_LEN];
	struct error error;

	dkim_hash_add(hash, text, strlen(text));
	ok(wanted->complete && dkim_hash_digest(hash, digest, &error) &&
	       memcmp(digest, wanted->digest, sizeof(digest)) == 0,
	   "%s", name);
	dkim_hash_free(hash);
}

static void test_lengths(struct dkim_crypto *crypto, struct pool *pool)
{
	struct dkim_body *body = dkim_body_new(crypto);
	enum dkim_canon simple = DKIM_CANON_SIMPLE;
	enum dkim_canon relaxed = DKIM_CANON_RELAXED;
	const struct dkim_body_hash *whole = dkim_body_want(body, pool, relaxed, DKIM_NO_NUMBER);
	const struct dkim_body_hash *seven = dkim_body_want(body, pool, relaxed, 7);
	const struct dkim_body_hash *none = dkim_body_want(body, pool, relaxed, 0);
	const struct dkim_body_hash *all = dkim_body_want(body, pool, relaxed, 10);
	const struct dkim_body_hash *more = dkim_body_want(body, pool, relaxed, 11);
	const struct dkim_body_hash *other = dkim_body_want(body, pool, simple, DKIM_NO_NUMBER);
	struct error error;

	ok(dkim_body_want(body, pool, relaxed, 7) == seven, "the same hash is computed once");
	ok(dkim_body_want(body, pool, simple, 7) != seven, "but for each canonicalization");
	dkim_body_add(body, "one  ", 5);
	dkim_body_add(body, "two\nx\n", 6);
	ok(dkim_body_finish(body, &error), "libcrypto works");
	is_hash_of(crypto, whole, "one two\r\nx\r\n", "the whole body");
	is_hash_of(crypto, seven, "one two", "a part of it");
	is_hash_of(crypto, none, "", "nothing of it");
	is_hash_of(crypto, other, "one  two\r\nx\r\n", "the other canonicalization");
	ok(dkim_body_length(body, relaxed) == 12 && dkim_body_length(body, simple) == 13,
	   "the lengths of the canonicalized bodies");
	is_hash_of(crypto, all, "one two\r\nx", "a part that ends within the last span");
	is_hash_of(crypto, more, "one two\r\nx\r", "a part that ends within a line end");
	dkim_body_free(body);
}

static void test_too_long(struct dkim_crypto *crypto, struct pool *pool)
{
	struct dkim_body *body = dkim_body_new(crypto);
	const struct dkim_body_hash *exact = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 3);
	const struct dkim_body_hash *more = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 4);
	const struct dkim_body_hash *infinite =
	    dkim_body_want(body, pool, DKIM_CANON_RELAXED, DKIM_INFINITE);
	struct error error;

	dkim_body_add(body, "x", 1);
	dkim_body_finish(body, &error);
	is_hash_of(crypto, exact, "x\r\n", "as much as there is");
	ok(!more->complete, "one octet more than there is gives no hash");
	ok(!infinite->complete, "infinitely many octets give none");
	dkim_body_free(body);
}

static void test_empty(struct dkim_crypto *crypto, struct pool *pool)
{
	struct dkim_body *body = dkim_body_new(crypto);
	const struct dkim_body_hash *simple =
	    dkim_body_want(body, pool, DKIM_CANON_SIMPLE, DKIM_NO_NUMBER);
	const struct dkim_body_hash *relaxed =
	    dkim_body_want(body, pool, DKIM_CANON_RELAXED, DKIM_NO_NUMBER);
	const struct dkim_body_hash *none = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 0);
	struct error error;

	dkim_body_finish(body, &error);
	is_hash_of(crypto, simple, "\r\n", "simple: a missing body is one line end");
	is_hash_of(crypto, relaxed, "", "relaxed: a missing body is nothing");
	is_hash_of(crypto, none, "", "relaxed: of which nothing can be asked for");
	dkim_body_free(body);
}

int main(void)
{
	struct pool *pool = pool_new();
	struct error error;
	struct dkim_crypto *crypto = dkim_crypto_open(&error);

	if (crypto == NULL)
		exit(1);
	test_lengths(crypto, pool);
	test_too_long(crypto, pool);
	test_empty(crypto, pool);
	dkim_crypto_close(crypto);
	pool_free(pool);
	return done();
}
