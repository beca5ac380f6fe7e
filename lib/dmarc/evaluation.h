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
#include "mail/author.h"
#include "mail/result.h"

/* One authenticated identifier, from SPF (smtp.mailfrom) or DKIM (header.d). */
struct dmarc_identifier {
	enum result result;
	const char *domain;   /* canonical; NULL if it was unreadable */
	const char *selector; /* DKIM only, NULL if unknown */
};

/* The chain of those who have handed a message on and sealed it (RFC 8617). */
struct dmarc_chain {
	enum result result;   /* none: there is no chain, or nobody has looked */
	size_t sealer_count;  /* of a chain that passes */
	const char **sealers; /* canonical */
	const char *author;   /* the first sealer found dmarc=pass for this domain; or NULL */
};

/* What is known about a message before DMARC; all domains canonical. */
struct dmarc_input {
	struct author author;      /* of the From fields: all that dmarc_judge() judges */
	const char *author_domain; /* the one that dmarc_evaluate() judges; NULL: none */
	bool is_protected; /* dmarc_evaluate() looks for alignment even if there is no policy */
	const char *envelope_from; /* domain of MAIL FROM; "" for a null sender or one without
				      domain, NULL: not known */
	const struct dmarc_identifier *spf;  /* NULL if there was no SPF result */
	const struct dmarc_identifier *dkim; /* each signature once */
	size_t dkim_count;
	struct dmarc_chain arc;
};

/* What is to be done with a message, in rising order of strictness. */
enum dmarc_disposition {
	DMARC_DISPOSITION_NONE,
	DMARC_DISPOSITION_QUARANTINE,
	DMARC_DISPOSITION_DEFER, /* refuse it for now: it may be judged when it comes again */
	DMARC_DISPOSITION_REJECT,
};

struct dmarc_result {
	enum result result;        /* none, pass, fail, temperror, permerror */
	const char *reason;        /* one line for people, always set */
	const char *note;          /* the part of it that tells what is unusual, or NULL */
	const char *author_domain; /* whose verdict this is; NULL if no domain could be judged */
	const char *org_domain;    /* of the author domain; NULL if it could not be found out */
	const char *policy_domain; /* where the policy record is; NULL without record */
	const char *policy_tag;    /* "p", "sp" or "np": which tag applied; NULL without record */
	enum dmarc_policy policy;  /* published, after the choice of the tag */
	enum dmarc_disposition disposition; /* asked for this message, after t= */
	const char *local_reason; /* why this site asks for more than the domain does, or NULL */
	bool test_mode;           /* t=y lowered the disposition */
	bool spf_aligned;         /* passed and aligned */
	bool dkim_aligned;
	const struct dmarc_record *record; /* the policy record; NULL if there is none, or if it
					      could not be looked up: even with pass then */
	const char **queries; /* the _dmarc names asked in search of the policy, in order */
	size_t query_count;
};

/* Adds to the note, and to the reason. */
void dmarc_note(struct pool *pool, struct dmarc_result *result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *dmarc_disposition_word(enum dmarc_disposition disposition);
enum dmarc_disposition dmarc_disposition_of(enum dmarc_policy policy);

/*
 * Judges a message for input->author_domain. Always gives a result; everything in result lives in
 * pool. Without an author domain it is permerror. disposition is none unless it is fail.
 */
void dmarc_evaluate(struct pool *pool, const struct dmarc_input *input, struct dns *dns,
		    struct dns_budget *budget, const struct trace *trace,
		    struct dmarc_result *result);

#endif
