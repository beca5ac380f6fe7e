/*
 * report_builder - makes the attachments of aggregate reports, one after the other, from a history
 */
#ifndef ASSAY_REPORT_REPORT_BUILDER_H
#define ASSAY_REPORT_REPORT_BUILDER_H

#include "base/spool.h"
#include "history/history.h"
#include "mail/host_list.h"
#include "report/aggregate.h"

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
