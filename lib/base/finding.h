/*
 * finding - what is wrong with a published record, in the words of --lint
 */
#ifndef ASSAY_BASE_FINDING_H
#define ASSAY_BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum finding_severity {
	FINDING_WARNING, /* it does something else than its owner can want */
	FINDING_ERROR,   /* a part of it, or all, does not count */
};

struct finding {
	enum finding_severity severity;
	const char *domain;  /* whose record; NULL or "" for a record without a domain */
	const char *term;    /* as written; NULL: the record as a whole */
	size_t position;     /* octets of the record before what is wrong */
	const char *section; /* of an RFC */
	const char *text;
	const char *remedy; /* what to write or to do instead, one sentence; NULL: none is known */
};

struct findings {
	size_t count;
	struct finding *items;
};

void findings_add(struct pool *pool, struct findings *findings, struct finding finding);

/* Is there a finding of that severity? */
bool findings_have(const struct findings *findings, enum finding_severity severity);

/* "warning" or "error" */
const char *finding_severity_word(enum finding_severity severity);

/* Writes one JSON object a finding; false if that fails. */
bool findings_print_json(const struct findings *findings);

/* The exit status of --lint: 0 for a good record, 1 for warnings, 2 for errors. */
int findings_status(const struct findings *findings);

#endif
