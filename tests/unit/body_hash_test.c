/*
 * dkim_body: several hashes of one body in one pass
 */
#include "dkim/body_hash.h"

#include "base/pool.h"
#include "dkim/signature.h"
#include "tap.h"

/* is_hash_of - a hash that was asked for is the hash of this text */
static void is_hash_of(const struct dkim_body_hash *wanted, const char *text, const char *name)
{
	struct dkim_hash *hash = dkim_hash_new();
	unsigned char digest[DKIM_HASH_LEN];

	dkim_hash_add(hash, text, strlen(text));
	dkim_hash_digest(hash, digest);
	ok(wanted->complete && memcmp(digest, wanted->digest, sizeof(digest)) == 0, "%s", name);
	dkim_hash_free(hash);
}

static void test_lengths(struct pool *pool)
{
	struct dkim_body *body = dkim_body_new();
	enum dkim_canon simple = DKIM_CANON_SIMPLE;
	enum dkim_canon relaxed = DKIM_CANON_RELAXED;
	const struct dkim_body_hash *whole = dkim_body_want(body, pool, relaxed, DKIM_NO_NUMBER);
	const struct dkim_body_hash *seven = dkim_body_want(body, pool, relaxed, 7);
	const struct dkim_body_hash *none = dkim_body_want(body, pool, relaxed, 0);
	const struct dkim_body_hash *all = dkim_body_want(body, pool, relaxed, 10);
	const struct dkim_body_hash *more = dkim_body_want(body, pool, relaxed, 11);
	const struct dkim_body_hash *other = dkim_body_want(body, pool, simple, DKIM_NO_NUMBER);

	ok(dkim_body_want(body, pool, relaxed, 7) == seven, "the same hash is computed once");
	ok(dkim_body_want(body, pool, simple, 7) != seven, "but for each canonicalization");
	dkim_body_add(body, "one  ", 5);
	dkim_body_add(body, "two\nx\n", 6);
	dkim_body_finish(body);
	is_hash_of(whole, "one two\r\nx\r\n", "the whole body");
	is_hash_of(seven, "one two", "a part of it");
	is_hash_of(none, "", "nothing of it");
	is_hash_of(other, "one  two\r\nx\r\n", "the other canonicalization");
	ok(dkim_body_length(body, relaxed) == 12 && dkim_body_length(body, simple) == 13,
	   "the lengths of the canonicalized bodies");
	is_hash_of(all, "one two\r\nx", "a part that ends within the last span");
	is_hash_of(more, "one two\r\nx\r", "a part that ends within a line end");
	dkim_body_free(body);
}

static void test_too_long(struct pool *pool)
{
	struct dkim_body *body = dkim_body_new();
	const struct dkim_body_hash *exact = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 3);
	const struct dkim_body_hash *more = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 4);
	const struct dkim_body_hash *infinite =
	    dkim_body_want(body, pool, DKIM_CANON_RELAXED, DKIM_INFINITE);

	dkim_body_add(body, "x", 1);
	dkim_body_finish(body);
	is_hash_of(exact, "x\r\n", "as much as there is");
	ok(!more->complete, "one octet more than there is gives no hash");
	ok(!infinite->complete, "infinitely many octets give none");
	dkim_body_free(body);
}

static void test_empty(struct pool *pool)
{
	struct dkim_body *body = dkim_body_new();
	const struct dkim_body_hash *simple =
	    dkim_body_want(body, pool, DKIM_CANON_SIMPLE, DKIM_NO_NUMBER);
	const struct dkim_body_hash *relaxed =
	    dkim_body_want(body, pool, DKIM_CANON_RELAXED, DKIM_NO_NUMBER);
	const struct dkim_body_hash *none = dkim_body_want(body, pool, DKIM_CANON_RELAXED, 0);

	dkim_body_finish(body);
	is_hash_of(simple, "\r\n", "simple: a missing body is one line end");
	is_hash_of(relaxed, "", "relaxed: a missing body is nothing");
	is_hash_of(none, "", "relaxed: of which nothing can be asked for");
	dkim_body_free(body);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_lengths(pool);
	test_too_long(pool);
	test_empty(pool);
	pool_free(pool);
	return done();
}
