/*
 * spf_finding - what spf_lint finds of an SPF record, and where it is in it
 *
 * The parts of spf_lint share the linter, and go through records as a visit: the record, and the
 * terms that led to it. Who can mend a record is known from that, and so what the remedy says.
 */
#ifndef ASSAY_SPF_SPF_FINDING_H
#define ASSAY_SPF_SPF_FINDING_H

#include "base/finding.h"
#include "dns/dns.h"
#include "spf/spf_correction.h"
#include "spf/spf_record.h"

/* A record, and after it its terms; those of an included record follow on the include. */
struct spf_lint_line {
	unsigned depth;     /* 0: the record itself, 1: that of an include, ... */
	const char *domain; /* of a record; NULL: this is a term */
	const char *text;   /* as written; printable ASCII */
	size_t position;    /* of a term in its record */
	unsigned lookups;   /* with those of what it includes */
	unsigned void_lookups;
};

struct spf_lint {
	struct findings findings;
	size_t line_count;
	struct spf_lint_line *lines;
	unsigned lookups;
	unsigned void_lookups;
	size_t octets;         /* of the record */
	const char *corrected; /* the record with the remedies in it; NULL: there are none, or some
				  need a decision */
};

/* Clients ask for one of the two only. */
enum spf_family {
	SPF_FAMILY_IP4,
	SPF_FAMILY_IP6,
	SPF_FAMILIES,
};

struct spf_linter {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	struct spf_lint *lint;
	const char *sender_domain; /* the domain that was asked about; NULL: a record without one */
	struct spf_correction *correction; /* of the record itself; NULL: there is none */
	unsigned voids[SPF_FAMILIES];      /* terms that are void for clients of that family */
};

/* A record that is being gone through, and how we came to it. */
struct spf_visit {
	const struct spf_visit *from; /* NULL: it is the one that was asked for */
	const char *domain;           /* "" if not known */
	unsigned depth;
	bool is_own;         /* not included by somebody: what it does with strangers matters */
	struct slice reason; /* the term of the record itself that led here */
	size_t shift;        /* octets that the text has before the record as it is read */
	struct spf_record record;
	size_t taken_count; /* words that the findings about those before them speak of, too */
	const char **taken;
};

struct spf_advice {
	const char *section;
	const char *text;
	const char *remedy;
	const char *write; /* in place of the term, "" for nothing; NULL: that needs a decision */
};

void spf_finding_add(struct spf_linter *linter, struct finding finding);

/* Notes what is to be written in place of a term, if the record is the one to mend. */
void spf_finding_correct(struct spf_linter *linter, const struct spf_visit *visit,
			 struct slice term, const char *write);

/* Others have to mend their records themselves: says so. */
const char *spf_finding_remedy(struct spf_linter *linter, const struct spf_visit *visit,
			       const char *remedy);

/* A finding about one term. */
void spf_finding_term(struct spf_linter *linter, const struct spf_visit *visit,
		      enum finding_severity severity, struct slice term, struct spf_advice advice);

/* The same, a warning. */
void spf_finding_warn(struct spf_linter *linter, const struct spf_visit *visit,
		      const struct spf_term *term, struct spf_advice advice);

/* About a record as a whole. */
void spf_finding_record(struct spf_linter *linter, enum finding_severity severity,
			const char *domain, struct spf_advice advice);

/* A line for a record, with its domain, or for a term of it; returns its number. */
size_t spf_finding_line(struct spf_linter *linter, const struct spf_visit *visit, struct slice text,
			const char *domain);

/* What leads to a record that cannot be trusted is not to be used. */
void spf_finding_drop_reason(struct spf_linter *linter, const struct spf_visit *visit);

#endif
