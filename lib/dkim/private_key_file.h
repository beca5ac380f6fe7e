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
#include "dkim/private_key.h"

#define PRIVATE_KEY_FILE_MAX 65536 /* octets; an RSA key of 16384 bits has 13 thousand in PEM */

/* Reads a key and checks file and directories. Refuses RSA keys below DKIM_KEY_BITS_MIN. */
bool private_key_file_read(struct pool *pool, const char *path, struct private_key *key,
			   struct error *error);

/* The key that the content of a file is. False with what is wrong with it, without its name. */
bool private_key_file_parse(struct pool *pool, struct slice content, struct private_key *key,
			    struct error *error);

#endif
