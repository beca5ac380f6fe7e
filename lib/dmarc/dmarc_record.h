/*
 * dmarc_record - a DMARC policy record (RFC 9989 section 4.7)
 */
#ifndef ASSAY_DMARC_DMARC_RECORD_H
#define ASSAY_DMARC_DMARC_RECORD_H

#include "base/bytes.h"

enum dmarc_policy {
	DMARC_POLICY_UNSET, /* tag missing or its value unknown */
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

struct dmarc_record {
	enum dmarc_policy p;  /* effective: NONE where 4.7 says "act as p=none" */
	enum dmarc_policy sp; /* UNSET: p applies */
	enum dmarc_policy np; /* UNSET: sp, then p applies */
	bool p_forced;        /* a bad or missing policy and a valid rua made it p=none */
	bool usable;          /* false: no valid p and no rua, so no DMARC for this message */
	char psd;             /* 'y', 'n' or 'u' */
	bool testing;         /* t=y */
	bool dkim_strict;     /* adkim=s */
	bool spf_strict;      /* aspf=s */
	const char *rua;      /* as published, NULL without */
	const char *ruf;
	const char *fo;   /* "0" by default */
	const char *text; /* the record as published, printable */
};

/*
 * Is this TXT a DMARC record at all: is its first tag v with the value exactly DMARC1?
 * Everything else at the name is not looked at (RFC 9989 4.10).
 */
bool dmarc_record_is(struct slice text);

/* Reads a record for which dmarc_record_is() holds. */
const struct dmarc_record *dmarc_record_parse(struct pool *pool, struct slice text);

const char *dmarc_policy_word(enum dmarc_policy policy); /* "none" also for UNSET */

/* Octets of the scheme (RFC 3986 section 3.1); 0 if there is no colon after it. */
size_t dmarc_uri_scheme_len(struct slice uri);

/* Octets of an obs-dmarc-report-size such as "!10m" at the end; 0 if there is none. */
size_t dmarc_uri_size_len(struct slice uri);

#endif
