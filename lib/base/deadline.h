/*
 * deadline - moments by which work has to end, whatever becomes of the time of day
 */
#ifndef ASSAY_BASE_DEADLINE_H
#define ASSAY_BASE_DEADLINE_H

#include <time.h>

/* A moment of CLOCK_MONOTONIC, so many seconds from now; at the earliest now. */
struct timespec deadline_after(double seconds);

/* The seconds left until then; 0: it is past. */
double deadline_left(const struct timespec *deadline);

/* The seconds since a moment, negative as long as it is to come. */
double deadline_passed(const struct timespec *moment);

#endif
