/*
 * macro - macro strings of SPF records (RFC 7208 section 7)
 *
 * One reader for the grammar, used both to check a text and to expand it. What a
 * letter stands for comes from the caller; splitting, reversing, cutting and URL
 * escaping are done here, because libspf2 miscounts labels in all of them.
 */
#ifndef ASSAY_SPF_MACRO_H
#define ASSAY_SPF_MACRO_H

#include "base/bytes.h"

#define SPF_TARGET_MAX    253   /* RFC 7208 7.3: longer names lose labels on the left */
#define SPF_EXPANSION_MAX 65536 /* RFC 7208 names none: the size of the largest DNS answer */

/* What is wrong with a record or a macro string, and where. All texts but term are literals. */
struct spf_syntax_error {
	struct slice term;   /* of the record; empty if the error is in none */
	size_t position;     /* octets of the text before the one that breaks the rule */
	const char *section; /* of RFC 7208 */
	const char *what;
};

/* Where a macro string stands decides what it may contain. */
enum spf_macro_kind {
	SPF_DOMAIN_SPEC,    /* RFC 7208 7.1 domain-spec: has to end in a top label or a macro */
	SPF_MACRO_STRING,   /* the value of an unknown modifier */
	SPF_EXPLAIN_STRING, /* the text that exp= points at: spaces, and the letters c, r and t */
};

/* False, with position, section and what in error, if text breaks the grammar. */
bool spf_macro_check(struct slice text, enum spf_macro_kind kind, struct spf_syntax_error *error);

/* Does a letter, in lower case, occur in a macro of a text that was checked? */
bool spf_macro_uses(struct slice text, char letter);

/*
 * Where values come from. letter is in lower case; a slice with data NULL
 * means that there is no value and the text cannot be expanded.
 */
struct spf_macro_source {
	struct slice (*value)(void *context, char letter);
	void *context;
};

/*
 * Expands a text that was checked. The result is NUL-terminated, in pool; NULL if
 * a value is missing or it would be longer than SPF_EXPANSION_MAX.
 */
const char *spf_macro_expand(struct pool *pool, struct slice text,
			     const struct spf_macro_source *source);

/*
 * The target name of a domain-spec that was checked: expanded, without its last
 * dot, trimmed to SPF_TARGET_MAX octets by whole labels. NULL if that is no name DNS can be
 * asked for (RFC 7208 4.8): an empty label or one above 63 octets.
 */
const char *spf_macro_target(struct pool *pool, struct slice text,
			     const struct spf_macro_source *source);

#endif
