/*
 * taglist - tag=value lists (RFC 6376 section 3.2)
 *
 * DKIM signatures and key records demand the whole list to be well-formed;
 * DMARC records (RFC 9989 section 4.7) ignore what they do not understand.
 * Both read the list with taglist_next(); taglist_parse() is the strict reading.
 */
#ifndef ASSAY_MAIL_TAGLIST_H
#define ASSAY_MAIL_TAGLIST_H

#include "base/bytes.h"
#include "base/error.h"

#define TAGLIST_TAGS_MAX 1000U /* RFC 6376 names none; no known tag list has 20 */

struct tag {
	struct slice name;
	struct slice value; /* outer FWS removed, inner FWS kept */
};

struct taglist {
	size_t count;
	struct tag *tags; /* in the pool, in the order of the text */
};

enum taglist_step {
	TAGLIST_END, /* nothing more */
	TAGLIST_TAG, /* *tag is set */
	TAGLIST_BAD, /* no "=", a bad name or an octet that no value has: skipped up to the ';' */
};

/* Cuts the next tag-spec off *rest. An empty spec is BAD, but not after a last ';'. */
enum taglist_step taglist_next(struct slice *rest, struct tag *tag);

/*
 * The whole list; names are case-sensitive. False, with the rule that is
 * broken in error, on any BAD spec, a duplicate tag, no tag at all or too many.
 */
bool taglist_parse(struct pool *pool, struct slice text, struct taglist *list, struct error *error);

/* The value of a tag, or NULL. */
const struct slice *taglist_value(const struct taglist *list, const char *name);

/* The value without any FWS, as base64 and colon lists want it; NUL-terminated copy. */
struct slice taglist_compact(struct pool *pool, struct slice value);

#endif
