/*
 * spf_lint_walk - through all terms of a record, and those of what it includes (RFC 7208 5.2, 6.1)
 */
#ifndef ASSAY_SPF_SPF_LINT_WALK_H
#define ASSAY_SPF_SPF_LINT_WALK_H

#include "spf/spf_finding.h"

#define SPF_LINT_LOOKUPS_MAX 100 /* terms that DNS is asked for; further ones are only counted */
#define SPF_LINT_DEPTH_MAX   10  /* RFC 7208 4.6.4: deeper includes cannot be evaluated */

/* What was found of a domain's record. */
enum spf_search {
	SPF_SEARCH_FOUND,
	SPF_SEARCH_NONE,
	SPF_SEARCH_SEVERAL,
	SPF_SEARCH_FAILED,
};

/* Looks for the SPF record of a domain (RFC 7208 4.5); answer is that of DNS. */
enum spf_search spf_lint_search(struct spf_linter *linter, const char *domain, struct slice *text,
				const struct dns_answer **answer);

/* Finds that a domain has two records; visit is NULL if it is the one that was asked for. */
void spf_lint_several(struct spf_linter *linter, const struct spf_visit *visit, const char *domain,
		      const struct dns_answer *answer);

/* Goes through one record; visit says whose it is and what led to it. */
void spf_lint_walk(struct spf_linter *linter, struct spf_visit *visit, struct slice text);

#endif
