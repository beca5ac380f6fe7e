/*
 * abnf - one skipper for each grammar rule that mail RFCs share
 *
 * A skipper takes the text that is left and returns how many bytes its rule
 * matches at the start, 0 if it does not match (or matches nothing). Parsers
 * are written with them so that they read like the grammar. All are ASCII and
 * locale-free; "UTF-8" marks rules that also take well-formed RFC 6532 text.
 * Control characters match where an obs- rule of RFC 5322 has them, but NUL, and
 * CR and LF that are no fold, never do.
 */
#ifndef ASSAY_MAIL_ABNF_H
#define ASSAY_MAIL_ABNF_H

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/utf8.h"

#define ABNF_COMMENT_DEPTH_MAX 64 /* nesting of comments; deeper is a syntax error */

/* RFC 5322 section 3.2.3, without UTF-8 */
bool is_atext(char byte);

/* RFC 5322 section 3.2.2. A line end without white space after it does not match. */
size_t skip_wsp(struct slice s);     /* *WSP */
size_t skip_fws(struct slice s);     /* [FWS], with obs-FWS; CRLF or LF */
size_t skip_comment(struct slice s); /* UTF-8; nested */
size_t skip_cfws(struct slice s);    /* [CFWS] */

/* RFC 5322 section 3.2.3 and 3.2.4, UTF-8; without surrounding CFWS */
size_t skip_atom(struct slice s);          /* 1*atext */
size_t skip_dot_atom(struct slice s);      /* dot-atom-text */
size_t skip_quoted_string(struct slice s); /* with both quotes */
size_t skip_domain_literal(struct slice s);

/* RFC 2045 section 5.1: token */
size_t skip_token(struct slice s);

/* RFC 6376 section 3.2: tag-name; RFC 5321 section 4.1.2: Keyword (= Ldh-str) */
size_t skip_tag_name(struct slice s);
size_t skip_keyword(struct slice s);

/* Appends a quoted-string (RFC 5322 3.2.4). Control characters, which it cannot have, become '?'.
 */
void put_quoted_string(struct buffer *buffer, struct slice content);

/* The content of a quoted-string: quotes, backslashes and line ends removed. */
char *unquote(struct pool *pool, struct slice quoted, size_t *len);

#endif
