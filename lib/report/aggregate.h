/*
 * aggregate - what one report is about, and what it is called (RFC 9990)
 *
 * There is one report for each UTC day, DMARC Policy Domain and published policy. Everything in
 * it follows from the history, the submitter and the time of its creation, so that a report that
 * is made again is the same, octet by octet.
 */
#ifndef ASSAY_REPORT_AGGREGATE_H
#define ASSAY_REPORT_AGGREGATE_H

#include <time.h>

#include "base/siphash.h"
#include "dmarc/dmarc_record.h"

/* Who reports. Texts are well-formed UTF-8 without control characters. */
struct report_submitter {
	const char *organization;
	const char *email;   /* whom to ask; also the sender */
	const char *contact; /* more about how to reach them; NULL: nothing */
	const char *domain;  /* canonical; the Mail Receiver in Subject and file name */
};

struct aggregate_report {
	const struct report_submitter *submitter;
	const char *id;  /* Report-ID: letters and digits */
	long long begin; /* first and last second of the day, since 1970 */
	long long end;
	time_t created;
	const char *policy_domain;
	const struct dmarc_record *policy;
	bool legacy; /* the form of RFC 7489 */
};

/*
 * The Report-ID of a day's report on a policy, for the history of that name. RFC 9990 section
 * 3.1.4 wants the same text in the file name, where only letters and digits may stand. Who has
 * got other reports cannot foretell it: bounces are believed by it.
 */
const char *report_id(struct pool *pool, const char *history_name, long long day,
		      const char *policy_domain, const char *policy_record);

/* The octets of a key of 32 hexadecimal digits. */
void report_key_octets(const char *name, unsigned char key[SIPHASH_KEY_LEN]);

/* Is this text of the form of report_id()? */
bool report_id_is(struct slice text);

/* Sets begin, end and policy. */
void report_set_policy(struct pool *pool, struct aggregate_report *report, long long day,
		       const char *policy_domain, const char *policy_record);

/*
 * The file name of the attachment (RFC 9990 section 3.5.2). Of a domain that is too long for a name
 * of REPORT_NAME_MAX octets, the beginning is left out.
 */
#define REPORT_NAME_MAX 250 /* octets; file systems take 255 */

const char *report_file_name(struct pool *pool, const struct aggregate_report *report);

#endif
