/*
 * signature - the DKIM-Signature field (RFC 6376 section 3.5; RFC 8301, 8463, 8616)
 *
 * Reading is strict: a signature is understood in full or not used (RFC 6376 section 6.1.1).
 * What a signer needs to make one and what a verifier learns from one is the same
 * structure. Names of domains are canonical in it, see mail/domain.h.
 */
#ifndef ASSAY_DKIM_SIGNATURE_H
#define ASSAY_DKIM_SIGNATURE_H

#include "dkim/canonicalization.h"
#include "dkim/public_key.h"

#define DKIM_LENGTH_DIGITS_MAX 76 /* RFC 6376 3.5 l= */

#define DKIM_NO_NUMBER (~0ULL)              /* a length or time that no tag gives */
#define DKIM_INFINITE  (DKIM_NO_NUMBER - 1) /* a number of too many digits */

/* The fields of this kind: DKIM-Signature, and those of an ARC set (RFC 8617 section 4.1). */
enum signature_kind {
	SIGNATURE_DKIM,
	SIGNATURE_ARC_MESSAGE, /* ARC-Message-Signature */
	SIGNATURE_ARC_SEAL,    /* ARC-Seal */
};

#define ARC_INSTANCE_MAX 50 /* RFC 8617 4.2.1: a chain has no more sets */

struct dkim_signature {
	enum dkim_key_type key_type; /* a=; the hash of a usable one is always SHA-256 */
	enum dkim_canon header_canon;
	enum dkim_canon body_canon;
	const char *domain;          /* d= */
	const char *selector;        /* s= */
	const char *identity_domain; /* of i=, or that of d= */
	struct slice names;          /* h=, for dkim_tag_next_item() */
	struct slice copies;         /* z=, for copied_fields_changed() */
	struct slice body_hash;      /* bh=, decoded: DKIM_HASH_LEN octets */
	struct slice signature;      /* b=, decoded */
	unsigned long long length;   /* l= */
	unsigned long long time;     /* t= */
	unsigned long long expiry;   /* x= */
	struct slice b_value;        /* in the field: all between the "=" of b= and the next tag */
	unsigned instance;           /* ARC: i=, 1 to ARC_INSTANCE_MAX */
	enum result chain;           /* ARC-Seal: cv=, none, pass or fail */
	bool is_sha1;                /* a=rsa-sha1: readable, but must not be used (RFC 8301) */

	/* As written, without white space; NULL if absent or not readable. */
	const char *algorithm_text; /* a= */
	const char *identity_text;  /* i=, or "@" d= */
	const char *signature_text; /* b= */
};

/*
 * Reads a DKIM-Signature field. False with a reason if it must not be used; what could be read
 * is in signature nevertheless. *result is permerror then, or policy if there is nothing against
 * it but its algorithm.
 */
bool dkim_signature_parse(struct pool *pool, const struct field *field,
			  struct dkim_signature *signature, enum result *result,
			  const char **reason);

/* The same for a field of an ARC set, whose i= is a number and which has no v=. */
bool arc_signature_parse(struct pool *pool, enum signature_kind kind, const struct field *field,
			 struct dkim_signature *signature, enum result *result,
			 const char **reason);

#endif
