/*
 * key_record - key records in the DNS (RFC 6376 section 3.6; RFC 8301, 8463)
 *
 * Keys that must not be used are found here, before anything is computed with them.
 */
#ifndef ASSAY_DKIM_KEY_RECORD_H
#define ASSAY_DKIM_KEY_RECORD_H

#include "dns/dns.h"
#include "mail/result.h"

#define DKIM_KEY_BITS_MIN 1024 /* RFC 8301 3.2: shorter RSA keys must not pass */
#define DKIM_KEY_BITS_MAX 8192 /* RFC 6376 3.3.3 asks for 2048; work grows with the cube */

#define DKIM_KEY_RECORDS_MAX       8  /* TXT records tried at one name; one is normal (3.6.2.2) */
#define DKIM_KEY_EXPONENT_BITS_MAX 64 /* as OpenSSL has it for long moduli; 17 are usual */
#define DKIM_KEY_ED25519_LEN       32 /* octets, RFC 8032 section 5.1.5 */

enum dkim_key_type {
	DKIM_KEY_RSA,
	DKIM_KEY_ED25519,
};

/* A public key for e-mail and SHA-256. The numbers are big-endian, without leading zeros. */
struct key_record {
	enum dkim_key_type type;
	unsigned bits;         /* exact length of the modulus; 256 for Ed25519 */
	struct slice modulus;  /* RSA */
	struct slice exponent; /* RSA */
	struct slice point;    /* Ed25519 */
	bool testing;          /* t=y */
	bool strict;           /* t=s: the domains of i= and d= must be the same */
};

/*
 * Reads a key record. False with a reason if it is none, is revoked, must not be used for mail
 * or for SHA-256: then *result is permerror; or policy if the key is too short or too long to be
 * used (RFC 8301 section 3.2). key->bits and key->testing are set as far as they could be read.
 */
bool key_record_parse(struct pool *pool, struct slice text, struct key_record *key,
		      enum result *result, const char **reason);

/*
 * Asks for the TXT records of a selector. NULL without an answer that has any: then *result is
 * permerror or temperror and *reason says why.
 */
const struct dns_answer *key_record_fetch(struct pool *pool, struct dns *dns,
					  struct dns_budget *budget, const char *selector,
					  const char *domain, enum result *result,
					  const char **reason);

#endif
