/*
 * incoming - what others report to us: an aggregate report (RFC 7489, 9990), a failure report
 * (RFC 9991, 6591) or an SMTP TLS report (RFC 8460), as far as we keep it
 *
 * All texts are clean: well-formed UTF-8 without control characters, no blanks at the ends, "" if
 * there is none. Words and domains are in lower case. That they are clean does not make them true.
 */
#ifndef ASSAY_REPORT_INCOMING_H
#define ASSAY_REPORT_INCOMING_H

#include "base/bytes.h"
#include "report/xml_events.h"

#define INCOMING_FIELD_MAX                                                                         \
	255U /* RFC 1035 2.3.4: octets of a domain; other texts are cut there                      \
	      */
#define INCOMING_ID_MAX      XML_TOKEN_MAX /* octets of a report id, which is never cut */
#define INCOMING_RESULTS_MAX 100U        /* RFC 7489 A: any number; DKIM and SPF results of a row */
#define INCOMING_COUNT_MAX   1000000000U /* messages of a row; RFC 9990 has no bound */

enum incoming_kind {
	INCOMING_AGGREGATE,
	INCOMING_FAILURE,
	INCOMING_TLS,
};
#define INCOMING_KINDS 3

const char *incoming_kind_word(enum incoming_kind kind);

/* What we had to mend or to guess; the first ones are those of report/xml_events.h. */
enum incoming_repair {
	REPAIR_BLANKS = XML_REPAIRS, /* white space before the document */
	REPAIR_WORD,                 /* a known mistake, an empty or an unknown word for a result */
	REPAIR_PERIOD,               /* a begin or end that is not in seconds since 1970 */
	REPAIR_LENGTH,               /* a text was cut */
	REPAIR_RESULTS,              /* more results in a row than are kept */
	REPAIR_RECORD,               /* a record whose end is missing: not counted */
	REPAIR_CONTAINER,            /* a damaged gzip or zip file */
	INCOMING_REPAIRS
};

struct incoming_repairs {
	unsigned counts[INCOMING_REPAIRS];
};

const char *incoming_repair_word(unsigned number);

/* Parts that a report has to have. */
enum incoming_missing {
	MISSING_ORG = 1,
	MISSING_ID = 2,
	MISSING_DOMAIN = 4,
	MISSING_BEGIN = 8,
	MISSING_END = 16,
};

/* "org report_id" and so on; "" if nothing is missing. */
const char *incoming_missing_words(struct pool *pool, unsigned missing);

struct incoming_head {
	enum incoming_kind kind;
	const char *org;
	const char *email;
	const char *id;
	const char *domain; /* that it is about */
	const char *policy; /* "p=reject sp=none", as published */
	const char *generator;
	const char *remark; /* <error> of the reporter */
	long long begin;    /* seconds since 1970; 0: not known */
	long long end;
	unsigned missing; /* enum incoming_missing */
	bool incomplete;
	struct incoming_repairs repairs;
};

enum incoming_disposition {
	DISPOSITION_NONE,
	DISPOSITION_QUARANTINE,
	DISPOSITION_REJECT,
};

struct incoming_row {
	const char *source; /* an IP address in its usual form */
	unsigned long long messages;
	enum incoming_disposition disposition;
	bool dkim; /* aligned and passed */
	bool spf;
	const char *header_from;
	const char *envelope_from;
	const char *envelope_to;
	const char
	    *results; /* lines "dkim\tDOMAIN\tSELECTOR\tRESULT", "spf\tDOMAIN\tSCOPE\tRESULT" */
	const char *reasons; /* types of overrides, separated by spaces */
};

/* A policy of a TLS report. */
struct incoming_tls {
	const char *domain;
	const char *type; /* sts, tlsa, no-policy-found */
	unsigned long long good;
	unsigned long long failed;
	const char *failures; /* lines "RESULT-TYPE\tCOUNT\tMX" */
};

/* A failure report. Only counted unless it is to be kept. */
struct incoming_failure {
	const char *source; /* "" if it is no address */
	const char *cause;  /* dmarc, dkim, spf, ... */
	const char *delivery;
	struct slice fields; /* all of them, as they came: two reports that are alike are one */
};

/* Whom a report is told to. Each returns false to end the reading. */
struct incoming_sink {
	void *context;
	bool (*begin)(void *context, enum incoming_kind kind);
	bool (*row)(void *context, const struct incoming_row *row);
	bool (*tls)(void *context, const struct incoming_tls *policy);
	bool (*failure)(void *context, const struct incoming_failure *failure);
	bool (*reject)(void *context, const char *reason, const char *excerpt);
	bool (*end)(void *context, const struct incoming_head *head);
};

/* A clean copy, cut to max octets; *cut is set if it was. */
const char *incoming_text(struct pool *pool, struct slice text, size_t max, bool *cut);

/* The same in lower case. */
const char *incoming_word(struct pool *pool, struct slice text);

/*
 * A moment: seconds since 1970 with or without a fraction, milliseconds, or an ISO 8601 date and
 * time in UTC. 0 if it is none of them, or not between 1970 and 9999. *mended: it was not whole
 * seconds.
 */
long long incoming_time(struct slice text, bool *mended);

#endif
