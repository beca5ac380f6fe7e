/*
 * least_policies - domains that this site is stricter with than they ask for themselves
 *
 * One "DOMAIN POLICY" a line, POLICY none, quarantine or reject; "#" begins a comment. A line is
 * for the domain and all names below it, one for ".DOMAIN" or "*.DOMAIN" only for those below. The
 * longest domain that fits decides, so that a name below can be excepted with none.
 */
#ifndef ASSAY_DMARC_LEAST_POLICIES_H
#define ASSAY_DMARC_LEAST_POLICIES_H

#include "base/error.h"
#include "dmarc/dmarc_record.h"

struct least_policies;

/* NULL with an error that names file and line if it cannot be used. */
const struct least_policies *least_policies_read(struct pool *pool, const char *path,
						 struct error *error);

/* The least that mail of this domain (canonical) is held to; UNSET if no line fits. */
enum dmarc_policy least_policies_find(const struct least_policies *list, const char *domain);

#endif
