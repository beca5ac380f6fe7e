/*
 * crypto_floor - what verifying costs at least: SHA-256 of standard input and one RSA-2048
 * signature, by nettle
 *
 * usage: crypto_floor MODULUS SIGNATURE <DATA     (both in hexadecimal)
 *
 * Exit status 0 if the signature is good.
 */
#include <nettle/rsa.h>
#include <nettle/sha2.h>
#include <unistd.h>

#define EXPONENT    65537
#define HEXADECIMAL 16
#define CHUNK       65536

int main(int argc, char **argv)
{
	static uint8_t chunk[CHUNK];
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;
	struct rsa_public_key key;
	mpz_t signature;
	ssize_t got;

	if (argc != 3)
		return 2;
	rsa_public_key_init(&key);
	mpz_set_ui(key.e, EXPONENT);
	if (mpz_set_str(key.n, argv[1], HEXADECIMAL) != 0 ||
	    mpz_init_set_str(signature, argv[2], HEXADECIMAL) != 0 || !rsa_public_key_prepare(&key))
		return 2;
	sha256_init(&hash);
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		sha256_update(&hash, (size_t)got, chunk);
	sha256_digest(&hash, sizeof(digest), digest);
	return rsa_sha256_verify_digest(&key, digest, signature) == 1 ? 0 : 1;
}
