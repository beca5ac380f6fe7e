/*
 * verify - the verdict on each DKIM signature of a message (RFC 6376, 8301, 8463, 8616)
 *
 * A verifier is made when the header section is known, is fed the body as it
 * arrives, and then gives one verdict for each signature, independent of the
 * others. Canonicalization and hashing happen on the way: the body is never kept here.
 */
#ifndef ASSAY_DKIM_VERIFY_H
#define ASSAY_DKIM_VERIFY_H

#include <time.h>

#include "dkim/public_key.h"
#include "dns/dns.h"
#include "mail/author.h"
#include "mail/result.h"

#define DKIM_SIGNATURES_MAX                                                                        \
	10 /* default number of signatures verified (RFC 6376 6.1 lets us choose) */

/*
 * What signatures of others than the author may spend of the time for DNS. Anybody can add them,
 * and name domains whose name servers are silent (RFC 6376 8.4).
 */
#define DKIM_FOREIGN_PARTS_MAX                                                                     \
	4 /* all of one closeness together: 1/4 of the time for a message                          \
	   */
#define DKIM_FOREIGN_SECONDS_MAX 5.0 /* one of them */

/* What a site may choose. */
struct dkim_policy {
	unsigned min_key_bits;   /* --min-key-bits, DKIM_KEY_BITS_MIN or more */
	unsigned max_signatures; /* --max-signatures */
	bool allow_length;       /* --allow-length: body octets not covered by l= may pass */
	time_t now;              /* for x= */
};

/* The verdict on one signature; texts in the pool, as written in the tag, NULL if not readable. */
struct dkim_result {
	enum result result;
	const char *reason;    /* one short line; NULL for a plain pass */
	const char *domain;    /* d=, canonical */
	const char *selector;  /* s= */
	const char *identity;  /* i=, or "@" d= (RFC 6376 3.5) */
	const char *algorithm; /* a= */
	const char
	    *signature;    /* b= without white space: header.b shows the start of it (RFC 6008) */
	size_t index;      /* of the signature among the signatures, 0 topmost */
	unsigned key_bits; /* 0 as long as no key was read */
	unsigned long long unsigned_bytes; /* canonicalized body octets that l= leaves uncovered */
	bool verified;                     /* key and hashes were looked at, or would have been */
	bool testing;                      /* key record t=y */
};

struct dkim_verifier;

/*
 * Reads the signatures of the message. It and pool must outlive the verifier.
 * Signatures of the author's domains, of any of them, come first: when there are more than
 * max_signatures, of which those beyond get RESULT_POLICY, and in DNS.
 */
struct dkim_verifier *dkim_verify_new(struct pool *pool, const struct message *message,
				      const struct dkim_policy *policy, const struct author *author,
				      const struct trace *trace);

/* A message_sink; context is the verifier. */
void dkim_verify_body(void *context, const char *data, size_t len);

/*
 * Fetches keys and judges. The author domain's own signatures may use all of the budget, and come
 * first; then those of its organization, then those of others, each within its share. A signature
 * that cannot pass, because the body was changed for example, costs no query. Results in the pool:
 * one for each signature, topmost first; count 0 for an unsigned message.
 */
struct dkim_result *dkim_verify_finish(struct dkim_verifier *verifier, struct dns *dns,
				       struct dns_budget *budget, size_t *count);

void dkim_verify_free(struct dkim_verifier *verifier); /* accepts NULL */

#endif
