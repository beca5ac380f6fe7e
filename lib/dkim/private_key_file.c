/*
 * private_key_file - private keys in files; see private_key_file.h
 *
 * The checks are made on the open file, and the directories are those of the file that
 * is open: what a name points to may change in between.
 */
#include "dkim/private_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "dkim/der.h"
#include "dkim/tag_values.h"

#define ED25519_BITS 256
#define MODE_OTHERS  (S_IRWXG | S_IRWXO)
#define MODE_WRITE   (S_IWGRP | S_IWOTH)
#define MODE_BITS    07777

/* What to do about a key that cannot be used. */
#define MAKE_KEY "dkimsign genkey -d DOMAIN -s SELECTOR makes one"

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char mark_end[] = "-----";

static bool damaged(struct error *error)
{
	return error_set(error, STATUS_CONFIG, "is damaged");
}

/* take_rsa - RFC 8017 A.1.2: RSAPrivateKey */
static bool take_rsa(struct slice der, struct private_key *key, struct error *error)
{
	struct slice rest = der;
	struct slice fields;
	struct slice version;

	key->type = DKIM_KEY_RSA;
	key->secret = der;
	if (!der_take(&rest, DER_SEQUENCE, &fields) || !der_take(&fields, DER_INTEGER, &version) ||
	    !der_take_number(&fields, &key->modulus) || !der_take_number(&fields, &key->exponent))
		return damaged(error);
	key->bits = der_number_bits(key->modulus);
	if (key->bits < DKIM_KEY_BITS_MIN)
		return error_set(error, STATUS_SECURITY,
				 "has an RSA key of %u bits; below %d nobody accepts it (RFC 8301)",
				 key->bits, DKIM_KEY_BITS_MIN);
	if (key->bits > DKIM_KEY_BITS_MAX)
		return error_set(error, STATUS_CONFIG, "has an RSA key of %u bits, more than %d",
				 key->bits, DKIM_KEY_BITS_MAX);
	return true;
}

static bool take_ed25519(struct slice seed, struct private_key *key, struct error *error)
{
	key->type = DKIM_KEY_ED25519;
	key->bits = ED25519_BITS;
	key->secret = seed;
	return seed.len == DKIM_KEY_SEED_LEN || damaged(error);
}

/* is_ec - does an AlgorithmIdentifier begin with id-ecPublicKey (RFC 5480 2.1.1)? */
static bool is_ec(struct slice algorithm)
{
	static const char oid[] = "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
	size_t len = sizeof(oid) - 1;

	return algorithm.len >= len && memcmp(algorithm.data, oid, len) == 0;
}

/* take_pkcs8 - RFC 5958: what is after the version of a PrivateKeyInfo */
static bool take_pkcs8(struct slice rest, struct private_key *key, struct error *error)
{
	struct slice algorithm;
	struct slice octets;
	struct slice seed;

	if (!der_take(&rest, DER_SEQUENCE, &algorithm) ||
	    !der_take(&rest, DER_OCTET_STRING, &octets))
		return damaged(error);
	if (slice_equal(algorithm, der_rsa_encryption()))
		return take_rsa(octets, key, error);
	if (!slice_equal(algorithm, der_ed25519()))
		return error_set(error, STATUS_CONFIG,
				 "has %s key, and DKIM has RSA and Ed25519 only: " MAKE_KEY,
				 is_ec(algorithm) ? "an EC" : "another kind of");
	if (!der_take(&octets, DER_OCTET_STRING, &seed))
		return damaged(error);
	return take_ed25519(seed, key, error);
}

/* take_der - PKCS#8 has a sequence after its version, PKCS#1 a number */
static bool take_der(struct slice der, struct private_key *key, struct error *error)
{
	struct slice rest = der;
	struct slice fields;
	struct slice version;

	if (!der_take(&rest, DER_SEQUENCE, &fields) || !der_take(&fields, DER_INTEGER, &version))
		return damaged(error);
	if (fields.len > 0 && (unsigned char)fields.data[0] == DER_SEQUENCE)
		return take_pkcs8(fields, key, error);
	return take_rsa(slice_between(der.data, rest.data), key, error);
}

/* take_base64 - the octets of an Ed25519 key, its public key perhaps after it, or DER */
static bool take_base64(struct pool *pool, struct slice text, struct private_key *key,
			struct error *error)
{
	struct slice octets;

	if (!dkim_tag_base64(pool, text, &octets))
		return error_set(error, STATUS_CONFIG,
				 "is none: neither PEM nor DER nor base64 of an Ed25519 key");
	if (octets.len == 2 * DKIM_KEY_SEED_LEN)
		octets.len = DKIM_KEY_SEED_LEN;
	if (octets.len == DKIM_KEY_SEED_LEN)
		return take_ed25519(octets, key, error);
	return take_der(octets, key, error);
}

/* find - what comes before the mark; *rest is what comes after it */
static bool find(struct slice *rest, const char *mark, struct slice *before)
{
	const char *found =
	    rest->len > 0 ? memmem(rest->data, rest->len, mark, strlen(mark)) : NULL;

	if (found == NULL)
		return false;
	*before = slice_between(rest->data, found);
	*rest = slice_skip(*rest, before->len + strlen(mark));
	return true;
}

/* check_label - private keys in forms of other programs */
static bool check_label(struct slice label, struct error *error)
{
	if (slice_starts_nocase(label, "EC "))
		return error_set(error, STATUS_CONFIG,
				 "has an EC key, and DKIM has RSA and Ed25519 only: " MAKE_KEY);
	if (slice_starts_nocase(label, "OPENSSH"))
		return error_set(
		    error, STATUS_CONFIG,
		    "has a key of OpenSSH, in a form of its own: " MAKE_KEY
		    ", or ssh-keygen -p -m PKCS8 -f FILE changes the form of an RSA key");
	if (slice_starts_nocase(label, "PGP") || slice_starts_nocase(label, "DSA"))
		return error_set(error, STATUS_CONFIG,
				 "has a key of PGP or DSA, which is of no use for DKIM: " MAKE_KEY);
	return true;
}

/* take_pem - RFC 7468: the private key among what the file has */
static bool take_pem(struct pool *pool, struct slice rest, struct private_key *key,
		     struct error *error)
{
	struct slice label;
	struct slice body;
	struct slice before;

	while (find(&rest, begin_mark, &before)) {
		if (!find(&rest, mark_end, &label) || !find(&rest, end_mark, &body))
			return damaged(error);
		if (memmem(label.data, label.len, "PRIVATE KEY", strlen("PRIVATE KEY")) == NULL)
			continue;
		if (!check_label(label, error))
			return false;
		if (slice_starts_nocase(label, "ENCRYPTED") ||
		    memmem(body.data, body.len, "ENCRYPTED", strlen("ENCRYPTED")) != NULL)
			return error_set(error, STATUS_CONFIG,
					 "is encrypted; there is nobody to ask for the passphrase");
		return take_base64(pool, body, key, error);
	}
	return error_set(error, STATUS_CONFIG,
			 "has no private key, only what others may know: name the file with "
			 "\"PRIVATE KEY\" in it");
}

bool private_key_file_parse(struct pool *pool, struct slice content, struct private_key *key,
			    struct error *error)
{
	struct slice rest = content;
	struct slice before;

	*key = (struct private_key){.type = DKIM_KEY_RSA};
	if (slice_trim(content).len == 0)
		return error_set(error, STATUS_CONFIG, "is empty");
	if (find(&rest, begin_mark, &before))
		return take_pem(pool, content, key, error);
	if (content.data[0] == DER_SEQUENCE && slice_find(content, DER_INTEGER) < content.len)
		return take_der(content, key, error); /* as text it has no such byte */
	return take_base64(pool, slice_trim(content), key, error);
}

/* owner_is_trusted - root or ourselves */
static bool owner_is_trusted(const struct stat *status)
{
	return status->st_uid == 0 || status->st_uid == geteuid();
}

/*
 * owner_error - the file or directory belongs to neither root nor us. Root must not sign with it,
 * or be given it: then the user who signs could read it no more.
 */
static bool owner_error(const char *path, const char *what, uid_t owner, struct error *error)
{
	bool is_file = strcmp(path, what) == 0;
	const char *before = is_file ? "" : ": directory ";
	const char *directory = is_file ? "" : what;

	if (geteuid() == 0)
		return error_set(
		    error, STATUS_SECURITY,
		    "key file %s%s%s belongs to user %u, so run the command as that user: "
		    "runuser -u \"$(id -un %u)\" -- dkimsign ...",
		    path, before, directory, owner, owner);
	return error_set(
	    error, STATUS_SECURITY,
	    "key file %s%s%s belongs to user %u, but dkimsign runs as user %u: as root, "
	    "chown %u %s && chmod %s %s",
	    path, before, directory, owner, geteuid(), geteuid(), what, is_file ? "600" : "go-w",
	    what);
}

/* mode_error - others can read or write it; who owns it for them must be the one who signs */
static bool mode_error(const char *path, const struct stat *status, struct error *error)
{
	unsigned mode = status->st_mode & MODE_BITS;
	const char *access = (mode & MODE_WRITE) != 0 ? "write" : "read";

	if (status->st_uid == geteuid())
		return error_set(
		    error, STATUS_SECURITY,
		    "key file %s has mode %04o, so that others can %s it: chmod 600 %s", path, mode,
		    access, path);
	return error_set(
	    error, STATUS_SECURITY,
	    "key file %s belongs to root and has mode %04o, so that others than the user "
	    "who signs can %s it: as root, chown %u %s && chmod 600 %s",
	    path, mode, access, geteuid(), path, path);
}

/* check_file - who can read it, who can change it? */
static bool check_file(const char *path, const struct stat *status, struct error *error)
{
	if (!S_ISREG(status->st_mode))
		return error_set(error, STATUS_CONFIG, "key file %s is no regular file", path);
	if (!owner_is_trusted(status))
		return owner_error(path, path, status->st_uid, error);
	return (status->st_mode & MODE_OTHERS) == 0 || mode_error(path, status, error);
}

/* check_directory - in a sticky one nobody can exchange what belongs to others */
static bool check_directory(const char *path, const char *directory, struct error *error)
{
	struct stat status;
	unsigned mode;

	if (stat(directory, &status) != 0)
		return error_set(error, STATUS_CONFIG, "key file %s: cannot check %s: %s", path,
				 directory, strerror(errno));
	mode = status.st_mode & MODE_BITS;
	if (!owner_is_trusted(&status))
		return owner_error(path, directory, status.st_uid, error);
	if ((mode & MODE_WRITE) != 0 && (mode & S_ISVTX) == 0)
		return error_set(error, STATUS_SECURITY,
				 "key file %s: directory %s has mode %04o, so that others can "
				 "replace the key: chmod go-w %s",
				 path, directory, mode, directory);
	return true;
}

/* check_parents - each directory above the file that is open */
static bool check_parents(const char *path, const struct stat *opened, struct error *error)
{
	char *real = realpath(path, NULL);
	struct stat status;
	char *slash;
	bool good = real != NULL && stat(real, &status) == 0 && status.st_ino == opened->st_ino &&
		    status.st_dev == opened->st_dev;

	if (!good)
		error_set(error, STATUS_CONFIG, "key file %s: cannot find its directory: %s", path,
			  real == NULL ? strerror(errno) : "it is being changed");
	while (good && (slash = strrchr(real, '/')) != NULL) {
		*slash = '\0';
		good = check_directory(path, slash == real ? "/" : real, error);
	}
	free(real);
	return good;
}

/* read_key - all of the file that is open */
static bool read_key(const char *path, int fd, struct buffer *content, struct error *error)
{
	if (io_read_all(fd, content))
		return true;
	if (content->overflow)
		return error_set(error, STATUS_CONFIG, "key file %s is larger than %d octets", path,
				 PRIVATE_KEY_FILE_MAX);
	return error_set(error, STATUS_CONFIG, "cannot read key file %s: %s", path,
			 strerror(errno));
}

/* read_checked - the content of a file that passes all checks */
static bool read_checked(const char *path, int fd, struct buffer *content, struct error *error)
{
	struct stat status;

	if (fd < 0 && errno == EACCES)
		return error_set(
		    error, STATUS_CONFIG,
		    "cannot open key file %s as user %u: %s: namei -l %s shows who may; "
		    "the file has to belong to the user who signs, with mode 0600",
		    path, geteuid(), strerror(errno), path);
	if (fd < 0 || fstat(fd, &status) != 0)
		return error_set(error, STATUS_CONFIG, "cannot open key file %s: %s", path,
				 strerror(errno));
	return check_file(path, &status, error) && check_parents(path, &status, error) &&
	       read_key(path, fd, content, error);
}

/* forbid_core - a core file would have the key in it */
static void forbid_core(void)
{
	const struct rlimit nothing = {0, 0};

	setrlimit(RLIMIT_CORE, &nothing);
}

bool private_key_file_read(struct pool *pool, const char *path, struct private_key *key,
			   struct error *error)
{
	/* O_NONBLOCK: a FIFO of that name must not make us wait */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct buffer content;
	struct error cause;
	bool good;

	forbid_core();
	buffer_init(&content, PRIVATE_KEY_FILE_MAX);
	good = read_checked(path, fd, &content, error);
	if (good) {
		struct slice text = buffer_slice(&content);

		text.data = slice_copy(pool, text);
		good = private_key_file_parse(pool, text, key, &cause) ||
		       error_set(error, cause.status, "key file %s %s", path, cause.text);
	}
	buffer_free(&content);
	if (fd >= 0)
		close(fd);
	return good;
}
