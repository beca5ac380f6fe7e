/*
 * arc - Authenticated Received Chain, verification (RFC 8617 section 5.2)
 *
 * Whoever hands a message on, a list or a forwarder, can seal what he has found out about it: a set
 * of three fields, numbered from 1. The chain is valid if each set was sealed by who it says, over
 * all sets before it, and the last one signs the message as it is now. That says who had the
 * message, not that any of them is honest: whom to believe is the receiver's choice.
 */
#ifndef ASSAY_DKIM_ARC_H
#define ASSAY_DKIM_ARC_H

#include <time.h>

#include "base/trace.h"
#include "dkim/signature.h"
#include "dns/dns.h"
#include "mail/message.h"
#include "mail/result.h"

struct arc_result {
	enum result result; /* none, pass, fail; temperror if DNS does not answer */
	const char *reason; /* one line for people; NULL for none and pass */
	unsigned sets;      /* of a chain that passes */
	/* The domains of the seals of a chain that passes, each once, from set 1 on; in the pool.
	 */
	unsigned sealer_count;
	const char **sealers;
	/*
	 * The author domain that set 1 has found dmarc=pass for, canonical; NULL if it says no such
	 * thing. Only as good as the sealers are.
	 */
	const char *passed_author;
};

/* What a site may choose. */
struct arc_policy {
	unsigned min_key_bits; /* shorter RSA keys do not pass */
	time_t now;            /* for x= */
};

struct arc_verifier;

/* Reads the sets of the message. It and pool must outlive the verifier. */
struct arc_verifier *arc_verify_new(struct pool *pool, const struct message *message,
				    const struct arc_policy *policy, const struct trace *trace);

/* A message_sink; context is the verifier. */
void arc_verify_body(void *context, const char *data, size_t len);

/* Fetches keys and judges the chain; a chain that breaks a rule asks for none. */
void arc_verify_finish(struct arc_verifier *verifier, struct dns *dns, struct dns_budget *budget,
		       struct arc_result *result);

void arc_verify_free(struct arc_verifier *verifier); /* accepts NULL */

#endif
