/*
 * sending_lock - one run sends at a time
 */
#ifndef ASSAY_REPORT_SENDING_LOCK_H
#define ASSAY_REPORT_SENDING_LOCK_H

#include "base/bytes.h"
#include "base/error.h"

/*
 * Takes the lock of the history of that path: a file beside it, which serves report/sendmail.h as
 * its record. The descriptor holds it until it is closed; -1 with error if another run has it.
 */
int sending_lock(struct pool *pool, const char *path, struct error *error);

#endif
