/*
 * sending_lock - one run sends at a time; see report/sending_lock.h
 */
#include "report/sending_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file_lock.h"
#include "base/pool.h"

#define LOCK_SUFFIX  "-sending"
#define LOCK_SECONDS 0.2

int sending_lock(struct pool *pool, const char *path, struct error *error)
{
	const char *name = pool_printf(pool, "%s" LOCK_SUFFIX, path);
	const struct timespec deadline = deadline_after(LOCK_SECONDS);
	int fd =
	    open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, S_IRUSR | S_IWUSR);

	/* A run that was killed has left a process, which may need a moment to see it
	 * (report/sendmail.h).
	 */
	if (fd >= 0 && file_lock(fd, LOCK_EX, &deadline))
		return fd;
	if (errno == ETIMEDOUT)
		error_set(error, STATUS_OTHER, "%s: another run is at work", name);
	else
		error_set(error, STATUS_OTHER, "%s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
