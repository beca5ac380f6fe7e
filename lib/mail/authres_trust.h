/*
 * authres_trust - which Authentication-Results fields to believe (RFC 8601 sections 1.2 and 5)
 *
 * Nothing is believed but what stands inside the trust boundary, written by our own
 * authserv-id or one that is trusted by name.
 */
#ifndef ASSAY_MAIL_AUTHRES_TRUST_H
#define ASSAY_MAIL_AUTHRES_TRUST_H

#include "mail/message.h"
#include "mail/run_seal.h"

/* Where results are believed: fields 0 to end - 1. */
struct authres_zone {
	size_t end;
	bool is_bordered; /* by the hops-th Received field; hops 1: the topmost */
	bool is_sealed;   /* the fields of this run, mail/run_seal.h */
	size_t seal;      /* then the index of the field with the seal */
};

/*
 * Finds the zone. A seal that holds comes first; without one it ends at our own Received field;
 * without that it is empty. By its looks alone a Received field of ours cannot be told from one
 * that a stranger has written on a site that removes ours. What smtpd(8) writes begins with "from"
 * and one blank, and such are what header_checks of that kind remove; so with wants_smtpd no other
 * form is a border. seal may be NULL.
 */
struct authres_zone authres_find_zone(struct pool *pool, const struct message *message,
				      unsigned hops, const struct run_seal *seal, bool wants_smtpd);

/* The length of the block of Authentication-Results and Received-SPF fields on top. */
size_t authres_block(const struct message *message);

/*
 * Removes Authentication-Results fields that claim to be ours, from field number first on. A field
 * that is not well-formed, or whose authserv-id is no token or neither ASCII nor a canonical domain
 * name, may be read as ours by somebody: it is removed if it contains ours anywhere, an
 * encoded-word (RFC 2047), which may hide it, or such an id. Returns how many were removed.
 */
size_t authres_strip(struct message *message, const char *id, size_t first);

/* The same for Received-SPF fields (RFC 7208 9.1) whose receiver is ours, or cannot be read. */
size_t authres_strip_spf(struct message *message, const char *id, size_t first);

#endif
