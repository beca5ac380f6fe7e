/*
 * evaluation - Domain-based Message Authentication, Reporting and Conformance (RFC 9989)
 *
 * Three steps that do not share code: the record (dmarc_record), finding it
 * and the organizational domain by tree walk (dmarc_discovery), and the judgement here.
 */
#ifndef ASSAY_DMARC_EVALUATION_H
#define ASSAY_DMARC_EVALUATION_H

#include "dmarc/dmarc_record.h"
#include "dns/dns.h"
#include "mail/message.h"
#include "mail/result.h"

/* One authenticated identifier, from SPF (smtp.mailfrom) or DKIM (header.d). */
struct dmarc_identifier {
	enum result result;
	const char *domain;   /* canonical; NULL if it was unreadable */
	const char *selector; /* DKIM only, NULL if unknown */
};

/* What is known about a message before DMARC; all domains canonical. */
struct dmarc_input {
	const char *author_domain; /* of the From field, see mail/author.h; NULL: none */
	const char *author_error;  /* then why there is none, for people; may be NULL */
	const char *envelope_from; /* domain of MAIL FROM; "" for a null sender or one without
				      domain, NULL: not known */
	const struct dmarc_identifier *spf;  /* NULL if there was no SPF result */
	const struct dmarc_identifier *dkim; /* each signature once */
	size_t dkim_count;
};

struct dmarc_result {
	enum result result;        /* none, pass, fail, temperror, permerror */
	const char *reason;        /* one line for people, always set */
	const char *org_domain;    /* of the author domain; NULL if it could not be found out */
	const char *policy_domain; /* where the policy record is; NULL without record */
	const char *policy_tag;    /* "p", "sp" or "np": which tag applied; NULL without record */
	enum dmarc_policy policy;  /* published, after the choice of the tag */
	enum dmarc_policy disposition; /* asked for this message: after t=; none unless fail */
	bool test_mode;                /* t=y lowered the disposition */
	bool spf_aligned;              /* passed and aligned */
	bool dkim_aligned;
	const struct dmarc_record *record; /* the policy record; NULL if there is none, or if it
					      could not be looked up: even with pass then */
	const char **queries; /* the _dmarc names asked in search of the policy, in order */
	size_t query_count;
};

/* Judges. Always gives a result; everything in result lives in pool. */
void dmarc_evaluate(struct pool *pool, const struct dmarc_input *input, struct dns *dns,
		    struct dns_budget *budget, const struct trace *trace,
		    struct dmarc_result *result);

#endif
