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

#include "base/spool.h"
#include "dmarc/dmarc_record.h"
#include "history/history.h"
#include "mail/host_list.h"

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

/* Is this text of the form of report_id()? */
bool report_id_is(struct slice text);

/* Sets begin, end and policy. */
void report_set_policy(struct pool *pool, struct aggregate_report *report, long long day,
		       const char *policy_domain, const char *policy_record);

/* The file name of the attachment (RFC 9990 section 3.5.2). */
const char *report_file_name(struct pool *pool, const struct aggregate_report *report);

/* The attachment as it stands in the mail, and what is in it. */
struct report_content {
	struct spool base64;
	unsigned long long records;
	unsigned long long messages;
	unsigned long long passed; /* messages with an aligned pass */
};

/* What makes one report after the other from a history. Clients in ignored (or NULL) are left out.
 */
struct report_builder;

struct report_builder *report_builder_new(struct pool *pool, struct history *history,
					  const struct host_list *ignored, struct error *error);
void report_builder_free(struct report_builder *builder); /* accepts NULL */

/*
 * Makes the content from the rows of the history; policy is their number there. There may be no
 * record at all.
 */
bool report_build(struct report_builder *builder, const struct aggregate_report *report,
		  long long policy, struct report_content *content, struct error *error);
void report_content_free(struct report_content *content);

#endif
