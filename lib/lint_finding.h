/*
 * lint_finding - what is wrong with a published record, in the words of --lint
 */
#ifndef ASSAY_LINT_FINDING_H
#define ASSAY_LINT_FINDING_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum lint_severity {
	LINT_WARNING, /* it does something else than its owner can want */
	LINT_ERROR,   /* a part of it, or all, does not count */
};

struct lint_finding {
	enum lint_severity severity;
	const char *domain;  /* whose record; NULL or "" for a record without a domain */
	const char *term;    /* as written; NULL: the record as a whole */
	size_t position;     /* octets of the record before what is wrong */
	const char *section; /* of an RFC */
	const char *text;
};

struct lint_findings {
	size_t count;
	struct lint_finding *items;
};

void lint_add(struct pool *pool, struct lint_findings *findings, struct lint_finding finding);

/* Is there a finding of that severity? */
bool lint_has(const struct lint_findings *findings, enum lint_severity severity);

/* "warning" or "error" */
const char *lint_severity_word(enum lint_severity severity);

/* Writes one JSON object a finding; false if that fails. */
bool lint_print_json(const struct lint_findings *findings);

/* The exit status of --lint: 0 for a good record, 1 for warnings, 2 for errors. */
int lint_status(const struct lint_findings *findings);

#endif
