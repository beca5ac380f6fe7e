/*
 * der - reading what keys need of the distinguished encoding rules (X.690)
 *
 * Reading is strict, which libcrypto's is not: a key that can be written in two ways is not DER.
 * The tag numbers are the identifier octets of the universal types, of which no key has one above
 * 30 (8.1.2).
 */
#ifndef ASSAY_DKIM_DER_H
#define ASSAY_DKIM_DER_H

#include "base/bytes.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_SEQUENCE = 0x30, /* constructed */
};

/* What an AlgorithmIdentifier contains: rsaEncryption with its NULL (RFC 3279 2.3.1); RFC 8410 3.
 */
struct slice der_rsa_encryption(void);
struct slice der_ed25519(void);

/* The content of the next element, which must have this tag, cut off *rest; else false. */
bool der_take(struct slice *rest, enum der_tag tag, struct slice *content);

/* The same for a positive INTEGER: big-endian, without leading zeros. */
bool der_take_number(struct slice *rest, struct slice *number);

/* The length of such a number in bits; 0 for no octets. */
unsigned der_number_bits(struct slice number);

#endif
