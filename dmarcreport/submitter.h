/*
 * submitter - who reports: what the options say about it
 */
#ifndef DMARCREPORT_SUBMITTER_H
#define DMARCREPORT_SUBMITTER_H

#include "base/error.h"
#include "report/aggregate.h"

/* Is it complete and can it stand in a report? Fills in the domain if it is not there. */
bool submitter_check(struct pool *pool, struct report_submitter *submitter, struct error *error);

#endif
