/*
 * key_record - a signature of 64 octets, and the text of a key record, through libcrypto
 *
 * A key that is taken is one that libcrypto's own decoder reads, and writes again as the same
 * octets: so it is DER and there is nothing around it. Nothing random is its signature.
 */
#include "dkim/key_record.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/tag_values.h"
#include "fuzz.h"
#include "mail/taglist.h"

#define SIGNATURE_LEN 64 /* of Ed25519; one of RSA is made of it again and again */
#define OCTET_BITS    8
#define WORK_BITS_MAX 4096 /* larger keys take too much time */

/* p_of - the octets of p= */
static struct slice p_of(struct pool *pool, struct slice text)
{
	struct taglist list;
	struct slice octets;
	struct error error;

	fuzz_expect(taglist_parse(pool, text, &list, &error));
	fuzz_expect(taglist_value(&list, "p") != NULL);
	fuzz_expect(dkim_tag_base64(pool, *taglist_value(&list, "p"), &octets));
	return octets;
}

/* written_again - as libcrypto writes what it has read, with SubjectPublicKeyInfo or without */
static struct slice written_again(struct pool *pool, struct slice octets, bool wrapped)
{
	const unsigned char *at = (const unsigned char *)octets.data;
	EVP_PKEY *pkey = wrapped ? d2i_PUBKEY(NULL, &at, (long)octets.len)
				 : d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)octets.len);
	unsigned char *der = NULL;
	struct slice again = slice_of(NULL);
	int len;

	if (pkey == NULL)
		return again;
	len = wrapped ? i2d_PUBKEY(pkey, &der) : i2d_PublicKey(pkey, &der);
	if (len > 0)
		again = slice_from(pool_copy(pool, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return again;
}

/* check_rsa - what read_rsa() of public_key.c says that such a key is */
static void check_rsa(struct pool *pool, const struct public_key *key, struct slice octets)
{
	fuzz_expect(key->bits >= DKIM_KEY_BITS_MIN && key->bits <= DKIM_KEY_BITS_MAX);
	fuzz_expect(key->modulus.len == (key->bits + OCTET_BITS - 1) / OCTET_BITS);
	fuzz_expect(key->modulus.data[0] != '\0' && key->exponent.data[0] != '\0');
	fuzz_expect((key->modulus.data[key->modulus.len - 1] & 1) == 1);
	fuzz_expect((key->exponent.data[key->exponent.len - 1] & 1) == 1);
	fuzz_expect(key->exponent.len <= DKIM_KEY_EXPONENT_BITS_MAX / OCTET_BITS);
	fuzz_expect(!slice_is(key->exponent, "\x01"));
	fuzz_expect(slice_equal(written_again(pool, octets, true), octets) ||
		    slice_equal(written_again(pool, octets, false), octets));
	ERR_clear_error();
}

/* check_signature - octets of the input as a signature of the right length */
static void check_signature(struct pool *pool, const struct public_key *key, struct slice octets)
{
	static const unsigned char digest[DKIM_HASH_LEN] = {1};
	size_t len = key->type == DKIM_KEY_RSA ? key->modulus.len : SIGNATURE_LEN;
	char *signature = pool_alloc(pool, len);

	if (key->bits > WORK_BITS_MAX)
		return;
	for (size_t i = 0; i < len && octets.len > 0; i++)
		signature[i] = octets.data[i % octets.len];
	fuzz_expect(!public_key_verify(key, digest, slice_from(signature, len)));
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	size_t len = input.len < SIGNATURE_LEN ? input.len : SIGNATURE_LEN;
	struct slice text = slice_skip(input, len);
	struct key_record record;
	enum result result = RESULT_NONE;
	const char *reason = NULL;

	if (!key_record_parse(pool, text, &record, &result, &reason)) {
		fuzz_expect(reason != NULL);
		fuzz_expect(result == RESULT_PERMERROR || result == RESULT_POLICY);
	} else {
		if (record.public_key.type == DKIM_KEY_RSA)
			check_rsa(pool, &record.public_key, p_of(pool, text));
		else
			fuzz_expect(slice_equal(record.public_key.point, p_of(pool, text)));
		check_signature(pool, &record.public_key, slice_from(input.data, len));
	}
	pool_free(pool);
}
