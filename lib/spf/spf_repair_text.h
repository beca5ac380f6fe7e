/*
 * spf_repair_text - steps that mend a word in which there is more or less than a term
 *
 * It was copied from a page or a zone file, has several terms in it, or parts that no term has.
 * Each step takes one word, and gives the word or words that were meant in place of it, or NULL if
 * it does not apply. What it gives stands for no more hosts than what was written.
 */
#ifndef ASSAY_SPF_SPF_REPAIR_TEXT_H
#define ASSAY_SPF_SPF_REPAIR_TEXT_H

#include "base/bytes.h"

/* What comes from a page with line ends in it */
const char *spf_repair_fix_blanks(struct pool *pool, struct slice word);

/* Quotes, brackets and backslashes */
const char *spf_repair_drop_marks(struct pool *pool, struct slice word);

/* "ip4:192.0.2.1,192.0.2.2": what has no name gets that of the entry before it */
const char *spf_repair_split_list(struct pool *pool, struct slice word);

/* "http://host/path" */
const char *spf_repair_drop_url(struct pool *pool, struct slice word);

/* "user@host"; "@" has no place in a domain */
const char *spf_repair_drop_user(struct pool *pool, struct slice word);

/* "ip4:192.0.2.1~all", "mx-all": a blank got lost */
const char *spf_repair_split_all(struct pool *pool, struct slice word);

/* "ip4:192.0.2.1ip4:192.0.2.2": the same between others */
const char *spf_repair_split_terms(struct pool *pool, struct slice word);

/* "a..example", ".i.example" */
const char *spf_repair_fix_dots(struct pool *pool, struct slice word);

/* "-all.", "mx:" */
const char *spf_repair_drop_end(struct pool *pool, struct slice word);

#endif
