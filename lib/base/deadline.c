/*
 * deadline - moments by which work has to end; see base/deadline.h
 */
#include "base/deadline.h"

#define NANOSECONDS 1000000000L /* in a second */
#define SECONDS_MAX 1e9         /* so that no time_t overflows */

struct timespec deadline_after(double seconds)
{
	double length = seconds < 0 ? 0 : seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
	time_t whole = (time_t)length;
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += whole;
	deadline.tv_nsec += (long)((length - (double)whole) * (double)NANOSECONDS);
	if (deadline.tv_nsec >= NANOSECONDS) {
		deadline.tv_nsec -= NANOSECONDS;
		deadline.tv_sec++;
	}
	return deadline;
}

double deadline_passed(const struct timespec *moment)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - moment->tv_sec) +
	       (double)(now.tv_nsec - moment->tv_nsec) / (double)NANOSECONDS;
}

double deadline_left(const struct timespec *deadline)
{
	double left = -deadline_passed(deadline);

	return left > 0 ? left : 0;
}
