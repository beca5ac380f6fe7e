/*
 * row - what the history keeps of a message: what RFC 9990 reports are made of
 *
 * No recipient, no subject, no message id. Messages that are alike in everything here are one
 * row with a count.
 */
#ifndef ASSAY_HISTORY_ROW_H
#define ASSAY_HISTORY_ROW_H

#include "base/bytes.h"
#include "dmarc/dmarc_record.h"
#include "mail/result.h"

#define HISTORY_SIGNATURES_MAX 100 /* RFC 9990 3.1.2.4: of one row; the most telling are kept */
#define HISTORY_SECONDS_A_DAY  86400
#define HISTORY_DAY_MAX        2932896 /* 9999-12-31: RFC 5322 3.3 has four digits of a year */

struct history_signature {
	const char *domain;
	const char *selector; /* "" if it is not known */
	enum result result;
};

/* Why the disposition is not the published policy (RFC 9990 3.1.2.6). */
struct history_reason {
	const char *type;
	const char *comment; /* "" for none; one line */
};

/* Texts are never NULL; domains are canonical; "" stands for what there is not. */
struct history_row {
	long long day; /* UTC, counted from 1970-01-01 */
	const char *policy_domain;
	const char *policy_record; /* the published record in its one form, dmarc_record_text() */
	const char *organization;  /* organizational domain of policy_domain; NULL: not known */
	const char *source;        /* address of the client */
	const char *header_from;
	const char *envelope_from; /* domain of MAIL FROM */
	const char *spf_domain;    /* scope mfrom; "": there was no SPF result */
	enum result spf_result;
	size_t dkim_count;
	const struct history_signature *dkim;
	const char *disposition; /* as reported: none, pass, quarantine or reject */
	bool spf_aligned;
	bool dkim_aligned;
	size_t reason_count;
	const struct history_reason *reasons;
	unsigned long long count; /* messages */
};

/* A row as texts, in the order of the columns of the table "messages". */
enum history_column {
	HISTORY_DAY,
	HISTORY_POLICY_DOMAIN,
	HISTORY_POLICY_RECORD,
	HISTORY_SOURCE,
	HISTORY_HEADER_FROM,
	HISTORY_ENVELOPE_FROM,
	HISTORY_SPF_DOMAIN,
	HISTORY_SPF_RESULT,
	HISTORY_DKIM, /* a line "result domain selector" a signature */
	HISTORY_DISPOSITION,
	HISTORY_SPF_ALIGNED, /* pass or fail */
	HISTORY_DKIM_ALIGNED,
	HISTORY_REASONS, /* a line "type comment" a reason */
	HISTORY_COUNT,
	HISTORY_ORGANIZATION, /* not in the table: see history/quota.h; "" if it is not known */
	HISTORY_COLUMNS
};

struct history_texts {
	const char *column[HISTORY_COLUMNS];
};

void history_row_write(struct pool *pool, const struct history_row *row,
		       struct history_texts *texts);
/* False if day or count is no number. */
bool history_row_read(struct pool *pool, const struct history_texts *texts,
		      struct history_row *row);

/*
 * The same on one line, after a checksum, without the line end. False if the line is damaged. A
 * line that an older version has written has no organization.
 */
const char *history_line_write(struct pool *pool, const struct history_texts *texts);
bool history_line_read(struct pool *pool, struct slice line, struct history_texts *texts);

#endif
