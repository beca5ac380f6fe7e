/*
 * tag_values - values that tags of signatures and of key records share (RFC 6376
 * sections 2.10, 2.11)
 *
 * The values come from a tag list, which has made sure that CR and LF occur in them
 * only as folding white space.
 */
#ifndef ASSAY_DKIM_TAG_VALUES_H
#define ASSAY_DKIM_TAG_VALUES_H

#include "base/bytes.h"

/*
 * base64string: white space anywhere; padding complete or, as the grammar has it, left out.
 * False if it is anything else, or empty.
 */
bool dkim_tag_base64(struct pool *pool, struct slice value, struct slice *octets);

/*
 * dkim-quoted-printable (RFC 6376 section 2.11), its white space left out. False if there is no
 * octet after a "=".
 */
bool dkim_tag_quoted(struct pool *pool, struct slice value, struct slice *octets);

/*
 * Cuts the next item of a colon-separated list off *rest, without the white space around it.
 * An empty value is a list of one empty item.
 */
bool dkim_tag_next_item(struct slice *rest, struct slice *item);

/* Is this one of the items? Case-sensitively, as RFC 6376 section 3.2 wants it. */
bool dkim_tag_has_item(struct slice list, const char *wanted);

#endif
