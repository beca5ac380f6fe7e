/*
 * send_begin - begins a report for each policy, or each source of failures, that has none
 *
 * A report is booked with all its destinations before any mail is made.
 */
#ifndef DMARCREPORT_SEND_BEGIN_H
#define DMARCREPORT_SEND_BEGIN_H

#include "send_run.h"

/* For every policy that has none on a day that is over. */
bool send_begin_reports(struct send_run *run, struct error *error);

/* For every source of failures that has none on a day that is over. */
bool send_begin_failures(struct send_run *run, struct error *error);

#endif
