/*
 * sign - making DKIM signatures (RFC 6376 sections 3.5, 3.7 and 5; RFC 8301, 8463)
 *
 * A signer is made when the header section is known, is fed the body as it arrives, and then
 * gives a signature for each key: the body is hashed once for all of them. It never makes
 * an l= tag: what is after the signed part anybody could have written.
 */
#ifndef ASSAY_DKIM_SIGN_H
#define ASSAY_DKIM_SIGN_H

#include "dkim/private_key.h"
#include "dkim/signature.h"
#include "mail/message.h"

/* RFC 6376 section 5.4.1, and the fields that say how the body is to be read (RFC 2045). */
#define DKIM_SIGN_HEADERS                                                                          \
	"From:Reply-To:Subject:Date:To:Cc:Resent-Date:Resent-From:Resent-To:Resent-Cc:"            \
	"In-Reply-To:References:List-Id:List-Help:List-Unsubscribe:List-Unsubscribe-Post:"         \
	"List-Subscribe:List-Post:List-Owner:List-Archive:Sender:Message-ID:MIME-Version:"         \
	"Content-Type:Content-Transfer-Encoding"
#define DKIM_SIGN_OVERSIGN "From"

#define DKIM_SIGN_COLUMNS 78 /* RFC 5322 2.1.1: lines should not be longer */

/* How to sign. */
struct dkim_sign_policy {
	enum dkim_canon header_canon;
	enum dkim_canon body_canon;
	const char *headers;       /* names of fields to sign, separated by colons */
	const char *oversign;      /* of these one more than there are: none can be added */
	unsigned long long time;   /* t=, or DKIM_NO_NUMBER */
	unsigned long long expiry; /* x=, or DKIM_NO_NUMBER */
	bool copies;               /* z= */
};

/* Who signs. */
struct dkim_sign_key {
	const char *domain; /* canonical */
	const char *selector;
	const char *identity; /* i= with its "@", within the domain; NULL: none */
	struct private_key key;
};

struct dkim_signer;

/*
 * A list of field names that may be signed, or an empty one? With the reason in error if not:
 * Received and Return-Path change on the way, and a signature does not sign signatures.
 */
bool dkim_sign_names_are_good(const char *names, struct error *error);

/* Is this one of the fields that are signed? */
bool dkim_sign_has_name(const struct dkim_sign_policy *policy, const char *name);

/* "relaxed/simple" or "relaxed", which leaves the body simple (RFC 6376 3.5 c=). */
bool dkim_sign_canons(struct slice text, struct dkim_sign_policy *policy);

/*
 * Message and policy must outlive the signer; the message must not change before the
 * last signature is made.
 */
struct dkim_signer *dkim_sign_new(struct pool *pool, const struct message *message,
				  const struct dkim_sign_policy *policy);

/* A message_sink; context is the signer. */
void dkim_sign_body(void *context, const char *data, size_t len);

/*
 * When the body is complete: the DKIM-Signature field of a key, for message_add_field(). NULL
 * and error.
 */
const char *dkim_sign_field(struct dkim_signer *signer, const struct dkim_sign_key *key,
			    struct error *error);

void dkim_sign_free(struct dkim_signer *signer); /* accepts NULL */

#endif
