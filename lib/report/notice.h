/*
 * notice - a mail about another mail, taken apart in memory (RFC 2045, 2046, 6522)
 *
 * Only multiparts are looked into. What is inside of an attached message is that message's, not
 * what the notice says: a person who forwards a bounce is no mail system.
 */
#ifndef ASSAY_REPORT_NOTICE_H
#define ASSAY_REPORT_NOTICE_H

#include "base/bytes.h"

#define NOTICE_PARTS_MAX 100 /* further ones are not looked at; RFC 6522 has three */
#define NOTICE_DEPTH_MAX 8   /* multiparts in each other; RFC 2046 names none */

struct notice_part {
	const char *type;  /* "text/plain", lower case */
	struct slice body; /* decoded */
	bool in_report;    /* directly in a multipart/report */
};

struct notice {
	struct slice header;     /* of the mail itself */
	const char *type;        /* of the same */
	const char *report_type; /* of the outermost multipart/report, lower case; "" without one */
	size_t count;
	struct notice_part *parts; /* the leaves, in order */
};

/* Everything lives in pool, or in text. */
void notice_parse(struct pool *pool, struct slice text, struct notice *notice);

/*
 * The value of the first field of that name in a header section or a group of fields, its folds
 * undone; NULL if there is none.
 */
const char *notice_field(struct pool *pool, struct slice header, const char *name);

/* A parameter of such a value, or NULL (RFC 2045 section 5.1). */
const char *notice_parameter(struct pool *pool, const char *value, const char *name);

/* Cuts the lines up to the next empty one off, with that; false if nothing is left. */
bool notice_cut_group(struct slice *rest, struct slice *group);

#endif
