/*
 * domain - domain names in the one form they are compared and looked up in
 *
 * A canonical name is lower-case ASCII, internationalized labels as A-labels
 * (IDNA2008, RFC 5890; libidn2), labels of 1 to 63 octets joined by single dots,
 * no trailing dot, at most 253 octets (RFC 1035 section 2.3.4). Underscores and
 * other printable ASCII are allowed: DNS has them, and the caller's grammar
 * decides what its field may contain.
 */
#ifndef ASSAY_MAIL_DOMAIN_H
#define ASSAY_MAIL_DOMAIN_H

#include "base/bytes.h"

#define DOMAIN_TEXT_MAX  253 /* RFC 1035 2.3.4: 255 octets on the wire */
#define DOMAIN_LABEL_MAX 63  /* RFC 1035 2.3.4 */

/*
 * The canonical form of a name in ASCII or UTF-8, or NULL if it is none: empty,
 * an empty label, a label or name too long, a space, a control character, an
 * ill-formed or disallowed international label. One trailing dot is dropped.
 */
const char *domain_canonical(struct pool *pool, struct slice text);

/* The canonical name with A-labels shown as U-labels where they convert, for people. */
const char *domain_for_display(struct pool *pool, const char *name);

/*
 * Is it a host or mail domain of letters, digits, hyphens (and underscores)
 * with at least two labels (RFC 5321 section 2.3.5, RFC 6376 section 3.5 d=)?
 */
bool domain_is_qualified(const char *name);

/* The following take canonical names. */
bool domain_equal(const char *a, const char *b);
bool domain_is_within(const char *name, const char *ancestor); /* equal or below */
unsigned domain_label_count(const char *name);
const char *domain_parent(const char *name); /* NULL for a single label; points into name */
const char *domain_last_labels(const char *name, unsigned count); /* points into name */

#endif
