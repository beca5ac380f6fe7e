/*
 * deadline: moments to come and past, and numbers of seconds that are none
 */
#include "base/deadline.h"

#include <math.h>

#include "tap.h"

int main(void)
{
	static const double lengths[] = {0, 0.5, 0.999999999, 1, 59.25, 86400, 1e9};
	static const double odd[] = {-1, -1e300, -0.0};
	struct timespec deadline;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		double left;

		deadline = deadline_after(lengths[i]);
		left = deadline_left(&deadline);
		ok(deadline.tv_nsec >= 0 && deadline.tv_nsec < 1000000000,
		   "%g seconds from now: a moment", lengths[i]);
		ok(left <= lengths[i] && left > lengths[i] - 5, "... that is as far away");
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		deadline = deadline_after(odd[i]);
		ok(deadline_left(&deadline) <= 0, "%g seconds from now: is past", odd[i]);
	}
	deadline = deadline_after(1e300);
	ok(deadline_left(&deadline) > 9e8 && isfinite(deadline_left(&deadline)),
	   "what no clock can hold is in some decades");
	deadline = deadline_after(10);
	ok(deadline_passed(&deadline) < -5, "time that has passed is negative before the moment");
	deadline.tv_sec -= 30;
	ok(deadline_passed(&deadline) >= 20 && deadline_passed(&deadline) < 25,
	   "... and positive after it");
	ok(deadline_left(&deadline) <= 0 && deadline_left(&deadline) >= 0,
	   "... when nothing is left");
	return done();
}
