/*
 * lint_subject - what --lint is asked about: a record that somebody has pasted, or a domain
 *
 * A person pastes what a name server, a provider's page or a terminal shows: a record with blanks
 * around it, in the quotes of a zone file, with the version misspelt. All of that is a record; the
 * linter of its kind says what is wrong with it. Only what can be a domain name is one.
 */
#ifndef ASSAY_MAIL_LINT_SUBJECT_H
#define ASSAY_MAIL_LINT_SUBJECT_H

#include "base/bytes.h"
#include "base/finding.h"

enum lint_subject_kind {
	LINT_RECORD,
	LINT_DOMAIN,
	LINT_NEITHER, /* reason and remedy say why, and what was perhaps meant */
};

struct lint_subject {
	enum lint_subject_kind kind;
	struct slice text;  /* of a record: character-strings joined, otherwise as it was given */
	const char *domain; /* canonical; NULL for a record */
	size_t longest;     /* octets of the longest character-string; 0: not in quotes */
	const char *reason;
	const char *remedy;
};

#define LINT_STRING_MAX 255 /* RFC 1035 3.3: octets of a character-string */

/* Everything in subject is in pool or in text. */
void lint_subject_read(struct pool *pool, const char *text, struct lint_subject *subject);

#endif
