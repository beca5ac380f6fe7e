/*
 * send_due - works off every destination that is due, in rounds
 *
 * Those whose DNS does not answer come after all others (plan.h).
 */
#ifndef DMARCREPORT_SEND_DUE_H
#define DMARCREPORT_SEND_DUE_H

#include "send_run.h"

/* What was added on the way, too, and what kept us waiting after all the rest. */
bool send_work_off(struct send_run *run, struct error *error);

#endif
