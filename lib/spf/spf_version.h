/*
 * spf_version - how an SPF record begins, and how those begin that were meant as one (RFC 7208 4.5)
 *
 * A text that does not begin with "v=spf1" and a space, or the end, is no SPF record, without any
 * sign of it: the domain has none. What people publish in its place is told here.
 */
#ifndef ASSAY_SPF_SPF_VERSION_H
#define ASSAY_SPF_SPF_VERSION_H

#include "base/bytes.h"

struct spf_version {
	bool is_near;       /* a version, or what was meant as one, is there */
	size_t position;    /* octets before the one that is wrong */
	const char *wrong;  /* in words; NULL for a record */
	struct slice terms; /* after it, without what divides them from it */
};

void spf_version_read(struct pool *pool, struct slice text, struct spf_version *version);

#endif
