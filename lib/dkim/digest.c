/*
 * digest - SHA-256 by libcrypto; see dkim/digest.h
 */
#include "dkim/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/pool.h"
#include "dkim/crypto.h"

struct dkim_hash {
	EVP_MD *sha256;
	EVP_MD_CTX *current;
	EVP_MD_CTX *copy; /* in which a digest is completed while current goes on */
};

struct dkim_hash *dkim_hash_new(void)
{
	struct dkim_hash *hash = memory_alloc(sizeof(*hash));

	hash->sha256 = crypto_sha256();
	hash->current = EVP_MD_CTX_new();
	hash->copy = EVP_MD_CTX_new();
	dkim_hash_restart(hash);
	return hash;
}

void dkim_hash_free(struct dkim_hash *hash)
{
	if (hash == NULL)
		return;
	EVP_MD_CTX_free(hash->copy);
	EVP_MD_CTX_free(hash->current);
	EVP_MD_free(hash->sha256);
	free(hash);
}

/* expect - these calls have no reason to fail; a digest that is not one must not be believed */
static void expect(int outcome)
{
	if (outcome != 1)
		crypto_fail("working SHA-256");
}

void dkim_hash_restart(struct dkim_hash *hash)
{
	expect(EVP_DigestInit_ex2(hash->current, hash->sha256, NULL));
}

void dkim_hash_add(void *context, const char *data, size_t len)
{
	struct dkim_hash *hash = context;

	expect(EVP_DigestUpdate(hash->current, data, len));
}

void dkim_hash_digest(struct dkim_hash *hash, unsigned char digest[DKIM_HASH_LEN])
{
	unsigned len = 0;

	expect(EVP_MD_CTX_copy_ex(hash->copy, hash->current));
	expect(EVP_DigestFinal_ex(hash->copy, digest, &len));
	expect(len == DKIM_HASH_LEN);
}
