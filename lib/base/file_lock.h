/*
 * file_lock - waiting in a queue for a file, but only so long
 *
 * The kernel hands flock(2) locks on in the order of arrival, so that of many who wait
 * nobody is passed over. A lock goes with the descriptor, and with the process, however it ends.
 */
#ifndef ASSAY_BASE_FILE_LOCK_H
#define ASSAY_BASE_FILE_LOCK_H

#include <stdbool.h>

#include "base/deadline.h"

/*
 * Takes a lock of fd, LOCK_EX or LOCK_SH, waiting for it until the deadline. False with errno,
 * ETIMEDOUT when the time is up. Uses SIGALRM and the interval timer while it waits.
 */
bool file_lock(int fd, int kind, const struct timespec *deadline);

#endif
