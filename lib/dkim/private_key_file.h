/*
 * private_key_file - private keys in files that only their owner can touch
 *
 * A file may be PEM or DER, PKCS#8 (RFC 5958) or PKCS#1 (RFC 8017 A.1.2), RSA or Ed25519
 * (RFC 8410), or base64 of the 32 octets of an Ed25519 key, as dkimpy writes it; the 64 of
 * key and public key are known too. Whatever is wrong with a file is found before anything is
 * computed with the key.
 *
 * Whoever can read the file can sign for the domain, and whoever can write one of its
 * directories can exchange it. Such a file is refused with what helps. No error text
 * has a part of a key in it.
 */
#ifndef ASSAY_DKIM_PRIVATE_KEY_FILE_H
#define ASSAY_DKIM_PRIVATE_KEY_FILE_H

#include "base/error.h"
#include "dkim/key_record.h"

#define PRIVATE_KEY_FILE_MAX  65536 /* octets; an RSA key of 16384 bits has 13 thousand in PEM */
#define DKIM_KEY_BITS_ADVISED 2048  /* RFC 8301 3.2: signers should use at least so many */
#define DKIM_KEY_SEED_LEN     32    /* octets, RFC 8032 section 5.1.5 */

struct private_key {
	enum dkim_key_type type;
	unsigned bits;         /* of the modulus; 256 for Ed25519 */
	struct slice modulus;  /* RSA: big-endian, without leading zeros */
	struct slice exponent; /* RSA */
	struct slice secret;   /* RSA: RSAPrivateKey in DER; Ed25519: DKIM_KEY_SEED_LEN octets */
};

/* Reads a key and checks file and directories. Refuses RSA keys below DKIM_KEY_BITS_MIN. */
bool private_key_file_read(struct pool *pool, const char *path, struct private_key *key,
			   struct error *error);

/* The key that the content of a file is. False with what is wrong with it, without its name. */
bool private_key_file_parse(struct pool *pool, struct slice content, struct private_key *key,
			    struct error *error);

#endif
