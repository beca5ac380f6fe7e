/*
 * crypto_floor - what the cryptography of one message costs at least: SHA-256 of standard input and
 * one RSA-2048 signature by OpenSSL's libcrypto, started as dkimverify and dkimsign start it
 *
 * usage: crypto_floor MODULUS SIGNATURE <DATA     (both in hexadecimal)
 *
 * Exit status 0 if the signature is good.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <unistd.h>

#define EXPONENT   65537
#define DIGEST_LEN 32
#define CHUNK      65536

/* key_of - the public key of that modulus; NULL if it is none */
static EVP_PKEY *key_of(const char *modulus)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *number = NULL;
	EVP_PKEY *key = NULL;

	BN_hex2bn(&number, modulus);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, number);
	OSSL_PARAM_BLD_push_uint(builder, OSSL_PKEY_PARAM_RSA_E, EXPONENT);
	if (EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY,
			      OSSL_PARAM_BLD_to_param(builder)) != 1)
		return NULL;
	return key;
}

/* read_digest - of standard input */
static void read_digest(const EVP_MD *sha256, unsigned char digest[DIGEST_LEN])
{
	static unsigned char chunk[CHUNK];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	ssize_t got;

	EVP_DigestInit_ex2(context, sha256, NULL);
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		EVP_DigestUpdate(context, chunk, (size_t)got);
	EVP_DigestFinal_ex(context, digest, NULL);
}

int main(int argc, char **argv)
{
	unsigned char digest[DIGEST_LEN];
	EVP_PKEY_CTX *context;
	unsigned char *signature;
	EVP_MD *sha256;
	EVP_PKEY *key;
	long len;

	if (argc != 3 ||
	    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
				    OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
				    OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT,
				NULL) != 1)
		return 2;
	sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	read_digest(sha256, digest);
	key = key_of(argv[1]);
	signature = OPENSSL_hexstr2buf(argv[2], &len);
	context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (signature == NULL || context == NULL || EVP_PKEY_verify_init(context) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, sha256) != 1)
		return 2;
	return EVP_PKEY_verify(context, signature, (size_t)len, digest, DIGEST_LEN) == 1 ? 0 : 1;
}
