/*
 * private_key_file_test - private keys in files: formats, and who may touch them
 *
 * The keys are made here by OpenSSL in every format.
 */
#include "dkim/private_key_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_generation.h"
#include "tap.h"

#define BITS 1024 /* the smallest that is accepted: quickly made */

/* One key in all formats. */
struct sample {
	struct slice pkcs8_pem;
	struct slice pkcs8_der;
	struct slice pkcs1_pem;
	struct slice pkcs1_der;
};

static struct slice bio_text(struct pool *pool, BIO *bio)
{
	char *data;
	size_t len = (size_t)BIO_get_mem_data(bio, &data);
	struct slice text = slice_from(pool_copy(pool, data, len), len);

	BIO_free(bio);
	return text;
}

static struct slice der_text(struct pool *pool, unsigned char *der, int len)
{
	struct slice text = slice_from(pool_copy(pool, der, (size_t)len), (size_t)len);

	OPENSSL_free(der);
	return text;
}

static struct sample sample_of(struct pool *pool, EVP_PKEY *pkey)
{
	struct sample sample = {.pkcs1_pem = {NULL, 0}};
	BIO *pkcs8 = BIO_new(BIO_s_mem());
	BIO *pkcs8_der = BIO_new(BIO_s_mem());
	BIO *pkcs1 = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;

	PEM_write_bio_PKCS8PrivateKey(pkcs8, pkey, NULL, NULL, 0, NULL, NULL);
	i2d_PKCS8PrivateKey_bio(pkcs8_der, pkey, NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_PrivateKey_traditional(pkcs1, pkey, NULL, NULL, 0, NULL, NULL);
	sample.pkcs8_pem = bio_text(pool, pkcs8);
	sample.pkcs8_der = bio_text(pool, pkcs8_der);
	sample.pkcs1_pem = bio_text(pool, pkcs1);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA) {
		int len = i2d_PrivateKey(pkey, &der);

		sample.pkcs1_der = der_text(pool, der, len);
	}
	return sample;
}

/* parses - does the text give that public key? */
static bool parses(struct pool *pool, struct slice text, const char *wanted)
{
	struct private_key key;
	struct error error;
	const char *public_key;

	if (!private_key_file_parse(pool, text, &key, &error)) {
		printf("# %s\n", error.text);
		return false;
	}
	public_key = key_encoding_public(pool, &key, &error);
	return public_key != NULL && strcmp(public_key, wanted) == 0;
}

static void test_rsa_formats(struct pool *pool, EVP_PKEY *pkey)
{
	struct sample sample = sample_of(pool, pkey);
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	const char *wanted = base64_encode(pool, der, (size_t)len);
	struct slice bare =
	    slice_of(base64_encode(pool, sample.pkcs1_der.data, sample.pkcs1_der.len));

	OPENSSL_free(der);
	ok(parses(pool, sample.pkcs8_pem, wanted), "RSA, PKCS#8 PEM");
	ok(parses(pool, sample.pkcs8_der, wanted), "RSA, PKCS#8 DER");
	ok(parses(pool, sample.pkcs1_pem, wanted), "RSA, PKCS#1 PEM");
	ok(parses(pool, sample.pkcs1_der, wanted), "RSA, PKCS#1 DER");
	ok(parses(pool, bare, wanted), "RSA, base64 of DER without marks");
	ok(parses(pool,
		  slice_of(pool_printf(pool,
				       "a line of text\n-----BEGIN CERTIFICATE-----\nMIIB\n"
				       "-----END CERTIFICATE-----\n%s",
				       sample.pkcs8_pem.data)),
		  wanted),
	   "RSA, after a comment and a certificate");
}

static void test_ed25519_formats(struct pool *pool, EVP_PKEY *pkey)
{
	struct sample sample = sample_of(pool, pkey);
	unsigned char octets[2 * DKIM_KEY_SEED_LEN];
	size_t len = DKIM_KEY_SEED_LEN;
	const char *wanted;

	EVP_PKEY_get_raw_private_key(pkey, octets, &len);
	EVP_PKEY_get_raw_public_key(pkey, octets + DKIM_KEY_SEED_LEN, &len);
	wanted = base64_encode(pool, octets + DKIM_KEY_SEED_LEN, DKIM_KEY_SEED_LEN);
	ok(parses(pool, sample.pkcs8_pem, wanted), "Ed25519, PKCS#8 PEM");
	ok(parses(pool, sample.pkcs8_der, wanted), "Ed25519, PKCS#8 DER");
	ok(parses(pool, slice_of(base64_encode(pool, octets, DKIM_KEY_SEED_LEN)), wanted),
	   "Ed25519, base64 of 32 octets");
	ok(parses(pool,
		  slice_of(pool_printf(pool, "%s\n", base64_encode(pool, octets, sizeof(octets)))),
		  wanted),
	   "Ed25519, base64 of 64 octets and a line end");
}

static void test_damaged(struct pool *pool, EVP_PKEY *pkey)
{
	struct sample sample = sample_of(pool, pkey);
	struct private_key key;
	struct error error;
	size_t parsed = 0;

	for (size_t len = 0; len < sample.pkcs8_der.len; len++) {
		/* a copy of its own, so that a sanitizer sees reading after the end */
		char *copy = malloc(len + 1);

		memcpy(copy, sample.pkcs8_der.data, len);
		parsed += private_key_file_parse(pool, slice_from(copy, len), &key, &error);
		free(copy);
	}
	is_number((long long)parsed, 0, "a file that is cut short anywhere is refused");
}

static void test_refused(struct pool *pool)
{
	static const struct {
		const char *text;
		const char *wanted;
		const char *name;
	} cases[] = {
	    {"", "is empty", "an empty file"},
	    {" \n", "is empty", "white space"},
	    {"hello, world", "is none", "any text"},
	    {"c2hvcnQ=", "is damaged", "base64 of too few octets"},
	    {"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "has no private key",
	     "a public key"},
	    {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n",
	     "is encrypted", "an encrypted PKCS#8 key"},
	    {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n"
	     "-----END RSA PRIVATE KEY-----\n",
	     "is encrypted", "an encrypted PKCS#1 key"},
	    {"-----BEGIN PRIVATE KEY-----\nMIIB\n", "is damaged", "a PEM file without its end"},
	    {"-----BEGIN PRIVATE KEY", "is damaged", "a mark without its end"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct private_key key;
		struct error error = {.text = ""};

		ok(!private_key_file_parse(pool, slice_of(cases[i].text), &key, &error) &&
		       strstr(error.text, cases[i].wanted) != NULL,
		   "%s: %s", cases[i].name, error.text);
	}
}

static void test_bits(struct pool *pool)
{
	static const struct {
		unsigned bits;
		bool good;
	} cases[] = {{512, false}, {1016, false}, {1024, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {.text = ""};
		struct private_key key = {.bits = 0};
		const char *pem = key_generation_pem(pool, DKIM_KEY_RSA, cases[i].bits, &error);

		ok(pem != NULL &&
		       private_key_file_parse(pool, slice_of(pem), &key, &error) == cases[i].good,
		   "an RSA key of %u bits is %s", cases[i].bits,
		   cases[i].good ? "taken" : "refused");
		is_number(key.bits, cases[i].bits, "its bits are counted");
	}
}

/* reads - the error text of reading, "" if the file is good */
static const char *reads(struct pool *pool, const char *path)
{
	struct private_key key;
	struct error error = {.text = ""};

	private_key_file_read(pool, path, &key, &error);
	return pool_printf(pool, "%s", error.text);
}

static void test_modes(struct pool *pool, const char *directory, const char *path)
{
	static const mode_t open_modes[] = {0640, 0604, 0620, 0602, 0644, 0666, 0610};

	is_text(reads(pool, path), "", "a key file of mode 0600");
	chmod(path, 0400);
	is_text(reads(pool, path), "", "of mode 0400");
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		const char *mode = pool_printf(pool, "mode %04o", open_modes[i]);
		const char *text;

		chmod(path, open_modes[i]);
		text = reads(pool, path);
		ok(strstr(text, path) && strstr(text, mode) && strstr(text, "chmod 600"), "%s",
		   text);
	}
	chmod(path, 0600);
	chmod(directory, 0777);
	ok(strstr(reads(pool, path), "chmod go-w") != NULL, "%s", reads(pool, path));
	chmod(directory, 0770);
	ok(strstr(reads(pool, path), "mode 0770") != NULL, "%s", reads(pool, path));
	chmod(directory, 01777);
	is_text(reads(pool, path), "", "in a sticky directory others cannot exchange it");
	chmod(directory, 0700);
}

static void test_owner(struct pool *pool, const char *directory, const char *path)
{
	if (geteuid() != 0) {
		ok(true, "owners # SKIP needs root");
		return;
	}
	if (chown(path, 1, 0) != 0)
		ok(false, "chown");
	ok(strstr(reads(pool, path), "belongs to user 1, so run the command as that user") != NULL,
	   "%s", reads(pool, path));
	if (chown(path, 0, 0) != 0 || chown(directory, 1, 0) != 0)
		ok(false, "chown");
	ok(strstr(reads(pool, path), "runuser -u \"$(id -un 1)\"") != NULL, "%s",
	   reads(pool, path));
	ok(strstr(reads(pool, path), "chown") == NULL, "nothing is given to root");
	if (chown(directory, 0, 0) != 0)
		ok(false, "chown");
}

/* test_signer - what another user than root reads, who signs */
static void test_signer(struct pool *pool, const char *directory, const char *path)
{
	const char *remedy = pool_printf(pool, "as root, chown 1 %s && chmod 600 %s", path, path);

	if (geteuid() != 0) {
		ok(true, "what the signer reads # SKIP needs root");
		return;
	}
	chmod(directory, 0755);
	if (chown(path, 0, 1) != 0 || chmod(path, 0640) != 0 || setegid(1) != 0 || seteuid(1) != 0)
		ok(false, "another user");
	ok(strstr(reads(pool, path), remedy) != NULL, "root's, for a group: %s", reads(pool, path));
	if (seteuid(0) != 0 || chown(path, 2, 1) != 0 || seteuid(1) != 0)
		ok(false, "another owner");
	ok(strstr(reads(pool, path), remedy) != NULL, "another user's: %s", reads(pool, path));
	if (seteuid(0) != 0 || chown(path, 0, 0) != 0 || seteuid(1) != 0)
		ok(false, "another group");
	ok(strstr(reads(pool, path), "namei -l") != NULL, "not readable: %s", reads(pool, path));
	if (seteuid(0) != 0 || setegid(0) != 0)
		ok(false, "root again");
	chmod(path, 0600);
	chmod(directory, 0700);
}

static void test_files(struct pool *pool, const char *directory, const char *path)
{
	const char *fifo = pool_printf(pool, "%s/fifo", directory);
	const char *link = pool_printf(pool, "%s/link", directory);

	ok(strstr(reads(pool, directory), "no regular file") != NULL, "a directory is no key file");
	if (mkfifo(fifo, 0600) != 0 || symlink(path, link) != 0)
		ok(false, "mkfifo, symlink");
	ok(strstr(reads(pool, fifo), "no regular file") != NULL, "a FIFO does not make us wait");
	is_text(reads(pool, link), "", "a symbolic link to a good file");
	unlink(fifo);
	unlink(link);
	ok(strstr(reads(pool, link), "cannot open") != NULL, "a file that is not there");
	if (truncate(path, PRIVATE_KEY_FILE_MAX + 1) != 0)
		ok(false, "truncate");
	ok(strstr(reads(pool, path), "larger than") != NULL, "a file that is too large");
}

/* test_file - everything about files, in a directory of its own */
static void test_file(struct pool *pool)
{
	char directory[] = "/tmp/private_key_file_test.XXXXXX";
	struct error error;
	const char *pem = key_generation_pem(pool, DKIM_KEY_ED25519, 0, &error);
	const char *path;
	int fd;

	if (mkdtemp(directory) == NULL || pem == NULL) {
		ok(false, "a directory and a key");
		return;
	}
	path = pool_printf(pool, "%s/key", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (write(fd, pem, strlen(pem)) < 0)
		ok(false, "write");
	close(fd);
	test_modes(pool, directory, path);
	test_owner(pool, directory, path);
	test_signer(pool, directory, path);
	test_files(pool, directory, path);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	struct pool *pool = pool_new();
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)BITS);
	EVP_PKEY *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	test_rsa_formats(pool, rsa);
	test_ed25519_formats(pool, ed25519);
	test_damaged(pool, rsa);
	test_damaged(pool, ed25519);
	test_refused(pool);
	test_bits(pool);
	test_file(pool);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed25519);
	pool_free(pool);
	return done();
}
