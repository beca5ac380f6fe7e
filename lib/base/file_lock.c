/*
 * file_lock - flock(2) with a deadline; see base/file_lock.h
 *
 * A signal is the only way to end the wait. It comes at the deadline, not before: a wait that is
 * begun again is at the end of the queue. It is repeated, for the first one may come just before
 * the wait has begun.
 */
#include "base/file_lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#define REPEAT_MICROSECONDS 20000
#define MICROSECONDS        1000000L

/* wake - the signal has done its work by interrupting the wait */
static void wake(int number)
{
	(void)number;
}

/* wait_for_lock - with the timer running */
static bool wait_for_lock(int fd, int kind, const struct timespec *deadline)
{
	while (flock(fd, kind) != 0) {
		if (errno != EINTR)
			return false;
		if (deadline_left(deadline) > 0)
			continue;
		errno = ETIMEDOUT;
		return false;
	}
	return true;
}

/* timer_until - a timer of 0 would never go off */
static struct itimerval timer_until(const struct timespec *deadline)
{
	double left = deadline_left(deadline);
	struct itimerval timer = {.it_interval = {.tv_usec = REPEAT_MICROSECONDS}};

	timer.it_value.tv_sec = (time_t)left;
	timer.it_value.tv_usec =
	    1 + (long)((left - (double)timer.it_value.tv_sec) * (MICROSECONDS - 1));
	return timer;
}

bool file_lock(int fd, int kind, const struct timespec *deadline)
{
	const struct itimerval timer = timer_until(deadline);
	const struct sigaction action = {.sa_handler = wake};
	struct itimerval timer_before;
	struct sigaction action_before;
	bool locked;
	int number;

	if (flock(fd, kind | LOCK_NB) == 0)
		return true;
	if (errno != EWOULDBLOCK && errno != EINTR)
		return false;
	sigaction(SIGALRM, &action, &action_before);
	setitimer(ITIMER_REAL, &timer, &timer_before);
	locked = wait_for_lock(fd, kind, deadline);
	number = errno;
	setitimer(ITIMER_REAL, &timer_before, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	errno = number;
	return locked;
}
