/*
 * authres - Authentication-Results fields (RFC 8601), and which to believe
 *
 * Writing: one field a method, authserv-id first, the result behind it, then
 * properties; folded only between them. Whatever a stranger may have chosen is
 * quoted or left out.
 *
 * Reading: nothing is believed but what stands in the trusted zone, written
 * by our own authserv-id or one that is trusted by name. What is not
 * well-formed is not believed.
 */
#ifndef ASSAY_AUTHRES_H
#define ASSAY_AUTHRES_H

#include "bytes.h"
#include "message.h"
#include "result.h"

/* RFC 8601 names no limits. */
#define AUTHRES_RESULTS_MAX    1000U      /* resinfos read of one field; the rest is not believed */
#define AUTHRES_PROPERTIES_MAX 100U       /* of one resinfo; more is a syntax error */
#define AUTHRES_TEXT_MAX       (1U << 20) /* written as one field; the rest is left out */

/* One property: "header.d=example.org". All in the pool, NUL-terminated. */
struct authres_property {
	const char *type;  /* smtp, header, body, policy, ...; lower case */
	const char *name;  /* lower case */
	const char *value; /* unquoted, comments removed; "local part"@domain stays as written */
};

/* One resinfo: "dkim=pass reason="..." header.d=..." */
struct authres_result {
	const char *method; /* lower case, without version */
	enum result result;
	const char *word;   /* the result as written, lower case */
	const char *reason; /* or NULL */
	size_t count;
	struct authres_property *properties;
};

struct authres {
	const char *id; /* authserv-id, unquoted */
	size_t count;   /* 0 for "none" */
	struct authres_result *results;
	bool well_formed; /* no syntax error: nothing was dropped for that */
};

/*
 * Reads a field body. False if what stands before the first ';' is not an
 * authserv-id, with a version or without. Results before a syntax error are
 * returned; the broken one and all behind it are dropped. Not believed either, but no
 * reason to drop others: a version other than 1, and a resinfo that gives one
 * property two values.
 */
bool authres_parse(struct pool *pool, struct slice value, struct authres *authres);

/* The value of a property of one result, or NULL. */
const char *authres_property(const struct authres_result *result, const char *type,
			     const char *name);

/* Are these the same authserv-id (RFC 8601 2.2, 2.5: case-insensitive, A- and U-label alike)? */
bool authres_same_id(struct pool *pool, const char *a, const char *b);

/*
 * The trusted zone: fields 0 to authres_zone_end() - 1. It ends at the hops-th
 * Received field (hops 1: the topmost). Without that many Received fields there is no
 * border; then *bordered is false and the zone is the block of
 * Authentication-Results and Received-SPF fields on top.
 */
size_t authres_zone_end(const struct message *message, unsigned hops, bool *bordered);

/*
 * Removes Authentication-Results fields that claim to be ours from outside the
 * trusted zone; with first_in_chain and no border, from everywhere. A field that is
 * not well-formed, or whose authserv-id is no token, may be read as ours by
 * somebody: it is removed if it contains ours anywhere, or an encoded-word
 * (RFC 2047), which may hide it. Returns how many were removed.
 */
size_t authres_strip(struct message *message, const char *id, unsigned hops, bool first_in_chain);

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
/* The same without field name and id, for check mode: "method=result". Never folded. */
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

/* For the parts of this module: is it a token (RFC 2045 section 5.1), with the UTF-8 of RFC 6532?
 */
bool authres_is_token(struct slice s);

#endif
