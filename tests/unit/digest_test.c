/*
 * digest_test - SHA-256, and what happens when libcrypto gets no memory
 */
#include "dkim/digest.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/hex.h"
#include "tap.h"

/* status_of - the exit status of a child that does this */
static int status_of(void (*work)(void))
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(EX_OSERR);
		work();
		_exit(EX_OK);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		exit(1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* exhaust - libcrypto asks for more memory than there is */
static void exhaust(void)
{
	dkim_hash_free(dkim_hash_new());
	if (OPENSSL_malloc(SIZE_MAX / 2) == NULL)
		_exit(EX_UNAVAILABLE);
}

/* exhaust_again - the same for memory that grows */
static void exhaust_again(void)
{
	void *memory;

	dkim_hash_free(dkim_hash_new());
	memory = OPENSSL_malloc(1);
	if (OPENSSL_realloc(memory, SIZE_MAX / 2) == NULL)
		_exit(EX_UNAVAILABLE);
}

/* digest_is - the digest up to now, as hexadecimal digits */
static void digest_is(struct dkim_hash *hash, const char *hexadecimal, const char *name)
{
	unsigned char digest[DKIM_HASH_LEN];
	char text[2 * DKIM_HASH_LEN + 1] = "";

	dkim_hash_digest(hash, digest);
	hex_text(text, digest, sizeof(digest));
	is_text(text, hexadecimal, name);
}

static void test_digest(void)
{
	static const char empty[] =
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const char abc[] =
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char abcabc[] =
	    "bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c";
	struct dkim_hash *hash = dkim_hash_new();

	digest_is(hash, empty, "SHA-256 of nothing");
	dkim_hash_add(hash, "ab", 2);
	dkim_hash_add(hash, "c", 1);
	digest_is(hash, abc, "SHA-256 of abc (FIPS 180-4)");
	dkim_hash_add(hash, "abc", 3);
	digest_is(hash, abcabc, "a digest does not end the hash");
	dkim_hash_restart(hash);
	digest_is(hash, empty, "a hash can be started again");
	dkim_hash_free(hash);
}

int main(void)
{
	ok(status_of(exhaust) == EX_TEMPFAIL, "libcrypto without memory is exit status 75");
	ok(status_of(exhaust_again) == EX_TEMPFAIL, "and so it is when memory cannot grow");
	test_digest();
	return done();
}
