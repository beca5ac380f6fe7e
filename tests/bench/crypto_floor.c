/*
 * crypto_floor - what verifying costs at least: SHA-256 of standard input and one RSA-2048
 * signature, through EVP as libcrypto comes
 *
 * usage: crypto_floor MODULUS SIGNATURE <DATA     (both in hexadecimal)
 *
 * Exit status 0 if the signature is good.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <unistd.h>

#define CHUNK    65536
#define OCTETS   256 /* of a modulus and a signature */
#define EXPONENT 65537

/* octets - OCTETS of them from hexadecimal text, in network or native order */
static int octets(const char *text, unsigned char *out, int native)
{
	BIGNUM *number = NULL;
	int done =
	    BN_hex2bn(&number, text) > 0 && (native ? BN_bn2nativepad(number, out, OCTETS)
						    : BN_bn2binpad(number, out, OCTETS)) == OCTETS;

	BN_free(number);
	return done;
}

static EVP_PKEY *public_key(unsigned char *modulus)
{
	unsigned long exponent = EXPONENT;
	OSSL_PARAM parameters[] = {
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, OCTETS),
	    OSSL_PARAM_construct_ulong(OSSL_PKEY_PARAM_RSA_E, &exponent),
	    OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	EVP_PKEY_fromdata_init(context);
	EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
	EVP_PKEY_CTX_free(context);
	return key;
}

int main(int argc, char **argv)
{
	static unsigned char chunk[CHUNK];
	unsigned char modulus[OCTETS], signature[OCTETS], digest[EVP_MAX_MD_SIZE];
	unsigned len;
	ssize_t got;
	EVP_MD *sha256 = EVP_MD_fetch(NULL, OSSL_DIGEST_NAME_SHA2_256, NULL);
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	EVP_PKEY_CTX *verifier;

	if (argc != 3 || !octets(argv[1], modulus, 1) || !octets(argv[2], signature, 0))
		return 64;
	EVP_DigestInit_ex2(hash, sha256, NULL);
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		EVP_DigestUpdate(hash, chunk, (size_t)got);
	EVP_DigestFinal_ex(hash, digest, &len);
	verifier = EVP_PKEY_CTX_new_from_pkey(NULL, public_key(modulus), NULL);
	EVP_PKEY_verify_init(verifier);
	EVP_PKEY_CTX_set_rsa_padding(verifier, RSA_PKCS1_PADDING);
	EVP_PKEY_CTX_set_signature_md(verifier, sha256);
	return EVP_PKEY_verify(verifier, signature, OCTETS, digest, len) == 1 ? 0 : 1;
}
