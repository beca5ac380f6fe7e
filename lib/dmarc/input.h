/*
 * input - what DMARC needs to know of a message, read from its header section
 *
 * The results of SPF and DKIM are those that a trusted verifier has written into
 * the trust boundary (mail/authres.h): Authentication-Results, and Received-SPF from
 * verifiers that write no other field.
 */
#ifndef ASSAY_DMARC_INPUT_H
#define ASSAY_DMARC_INPUT_H

#include "dmarc/evaluation.h"
#include "mail/authres_trust.h"
#include "mail/frame.h"
#include "mail/ip_address.h"

/* Whose results are believed. */
struct dmarc_trust {
	const char *id;                 /* our own authserv-id */
	const char *const *trusted_ids; /* further ones, --trusted-ids */
	size_t trusted_count;
	unsigned hops;      /* --trusted-hops, see authres_find_zone() */
	const char *sender; /* MAIL FROM, "" or "<>" for a null sender; NULL: not known */
	/*
	 * Outside the zone, where no border is, a Received-SPF field of our own policy service is
	 * believed by its seal (mail/run_seal.h) if it is about the sender and this client. NULL,
	 * or family 0: none is.
	 */
	const struct run_seal *seal;
	const struct ip_address *client;
	/* In a stream the results are those in the frame, and no field is believed; else NULL. */
	const struct frame *frame;
};

/*
 * The author domain, or why there is none; the SPF result for the MAIL FROM identity
 * (never the HELO identity, RFC 9989 3.2.4): the topmost that can be used; all
 * DKIM results, of those that are the same in everything the topmost. envelope_from is
 * that of trust->sender; without it, it is set only if a Received-SPF field tells that the SPF
 * result is about a null sender.
 */
void dmarc_input_gather(struct pool *pool, const struct message *message,
			const struct dmarc_trust *trust, const struct trace *trace,
			struct dmarc_input *input);

#endif
