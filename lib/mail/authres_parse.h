/*
 * authres_parse - reading Authentication-Results fields (RFC 8601)
 *
 * What is not well-formed is not believed.
 */
#ifndef ASSAY_MAIL_AUTHRES_PARSE_H
#define ASSAY_MAIL_AUTHRES_PARSE_H

#include "base/bytes.h"
#include "mail/result.h"

/* RFC 8601 names no limits. */
#define AUTHRES_RESULTS_MAX    1000U /* resinfos read of one field; the rest is not believed */
#define AUTHRES_PROPERTIES_MAX 100U  /* of one resinfo; more is a syntax error */

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
 * Reads a field body. False if what comes before the first ';' is not an
 * authserv-id, with a version or without. Results before a syntax error are
 * returned; the broken one and all after it are dropped. Not believed either, but no
 * reason to drop others: a version other than 1, and a resinfo that gives one
 * property two values.
 */
bool authres_parse(struct pool *pool, struct slice value, struct authres *authres);

/* The value of a property of one result, or NULL. */
const char *authres_property(const struct authres_result *result, const char *type,
			     const char *name);

/* Is it a token (RFC 2045 section 5.1), with the UTF-8 of RFC 6532? */
bool authres_is_token(struct slice s);

/* Are these the same authserv-id (RFC 8601 2.2, 2.5: case-insensitive, A- and U-label alike)? */
bool authres_same_id(struct pool *pool, const char *a, const char *b);

#endif
