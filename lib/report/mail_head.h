/*
 * mail_head - what the header sections of all our report mails have alike (RFC 5322, RFC 2047)
 */
#ifndef ASSAY_REPORT_MAIL_HEAD_H
#define ASSAY_REPORT_MAIL_HEAD_H

#include "report/aggregate.h"

/* The From field, with the organization as display name. */
void mail_head_from(struct buffer *out, const struct report_submitter *submitter);

/* A date-time without its field, in UTC; strftime would use words of the locale. */
void mail_head_time(struct buffer *out, time_t time);

#endif
