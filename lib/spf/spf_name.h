/*
 * spf_name - the name that a term begins with (RFC 7208 4.6.1), and what was meant by a wrong one
 */
#ifndef ASSAY_SPF_SPF_NAME_H
#define ASSAY_SPF_SPF_NAME_H

#include "base/bytes.h"

/* One of + - ~ ? */
bool spf_is_qualifier(char byte);

/* How many of them a word begins with; there should be one at most. */
size_t spf_skip_qualifiers(struct slice word);

/* Octets of the letters, digits, hyphens and underscores that a word begins with. */
size_t spf_name_len(struct slice word);

/* A name of RFC 7208, or NULL. */
const char *spf_exact_name(struct slice written);

/* The name that was meant, or NULL; short names are not guessed at. */
const char *spf_nearest_name(struct slice written);

/* Is it a name with "=" after it? */
bool spf_is_modifier_name(const char *name);

#endif
