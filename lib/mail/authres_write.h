/*
 * authres_write - writing Authentication-Results fields (RFC 8601)
 *
 * One field a method, authserv-id first, the result after it, then properties; folded only
 * between them. Whatever a stranger may have chosen is quoted or left out.
 */
#ifndef ASSAY_MAIL_AUTHRES_WRITE_H
#define ASSAY_MAIL_AUTHRES_WRITE_H

#include "base/bytes.h"
#include "mail/result.h"

#define AUTHRES_TEXT_MAX (1U << 20) /* octets written as one field; the rest is left out */

/*
 * Writing: begin, then any number of the others, then end; the text is for
 * message_add_field(). What is longer than a line may be (RFC 5322 section
 * 2.1.1: 998 octets) is left out.
 */
struct authres_writer {
	struct buffer text;
	size_t column;
	bool one_line; /* never folded */
};

/* "Authentication-Results: ID; method=result"; id is the caller's own, quoted if need be. */
void authres_begin(struct authres_writer *writer, const char *id, const char *method,
		   enum result result);
/*
 * The same without field name and id, for check mode and streams: "method=result". Never folded, so
 * that all of it fits on one line.
 */
void authres_begin_bare(struct authres_writer *writer, const char *method, enum result result);
/*
 * " (text)"; all but printable ASCII, and parentheses and backslashes, become '?'.
 * It stays on the line of what it explains. NULL and "" are left out.
 */
void authres_comment(struct authres_writer *writer, const char *text);
/* " reason="text""; all but printable ASCII becomes '?'. NULL is left out. */
void authres_reason(struct authres_writer *writer, const char *text);
/*
 * " type.name=value", quoted unless value is a token or [local@]domain. A value with
 * control characters or ill-formed UTF-8 is left out; NULL is left out.
 */
void authres_add(struct authres_writer *writer, const char *type, const char *name,
		 const char *value);
/* Returns the text, NUL-terminated, in the pool, and releases the writer. */
const char *authres_end(struct authres_writer *writer, struct pool *pool);

#endif
