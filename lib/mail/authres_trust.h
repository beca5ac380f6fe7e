/*
 * authres_trust - which Authentication-Results fields to believe (RFC 8601 sections 1.2 and 5)
 *
 * Nothing is believed but what stands inside the trust boundary, written by our own
 * authserv-id or one that is trusted by name.
 */
#ifndef ASSAY_MAIL_AUTHRES_TRUST_H
#define ASSAY_MAIL_AUTHRES_TRUST_H

#include "mail/message.h"

/* Are these the same authserv-id (RFC 8601 2.2, 2.5: case-insensitive, A- and U-label alike)? */
bool authres_same_id(struct pool *pool, const char *a, const char *b);

/*
 * The trusted zone: fields 0 to authres_trust_boundary() - 1. It ends at the hops-th
 * Received field (hops 1: the topmost). Without that many Received fields there is no
 * border; then *bordered is false and the zone is the block of
 * Authentication-Results and Received-SPF fields on top.
 */
size_t authres_trust_boundary(const struct message *message, unsigned hops, bool *bordered);

/*
 * Removes Authentication-Results fields that claim to be ours from outside the
 * trusted zone; with first_in_chain and no border, from everywhere. A field that is
 * not well-formed, or whose authserv-id is no token, may be read as ours by
 * somebody: it is removed if it contains ours anywhere, or an encoded-word
 * (RFC 2047), which may hide it. Returns how many were removed.
 */
size_t authres_strip(struct message *message, const char *id, unsigned hops, bool first_in_chain);

#endif
