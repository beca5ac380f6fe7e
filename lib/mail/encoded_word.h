/*
 * encoded_word - what encoded words (RFC 2047 section 2) stand for
 */
#ifndef ASSAY_MAIL_ENCODED_WORD_H
#define ASSAY_MAIL_ENCODED_WORD_H

#include "base/bytes.h"

/* Is there anything in the text that could be one? */
bool encoded_words_present(struct slice text);

/*
 * The text with every well-formed encoded word replaced by its octets, and without the white space
 * between two of them (6.2). The charset is not looked at: in all that are in use for mail but
 * UTF-16 and UTF-7, ASCII is ASCII. In the pool.
 */
struct slice encoded_words_decode(struct pool *pool, struct slice text);

#endif
