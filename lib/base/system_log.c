/*
 * system_log - the system log; see base/system_log.h
 *
 * Not by syslog(3): that waits for a log daemon that has stopped, which mail must not do, and
 * opens files in the middle of its work, which a confined process must not do. An entry without a
 * time, as RFC 3164 section 4.3.3 has it, gets that of its arrival.
 */
#include "base/system_log.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/printable.h"

#define LOG_SOCKET "/dev/log"

/* log_connect - -1 without a log */
static int log_connect(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = LOG_SOCKET};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* log_send - whole or not at all */
static bool log_send(const struct system_log *log, const char *entry)
{
	return log->fd >= 0 && send(log->fd, entry, strlen(entry), MSG_NOSIGNAL) >= 0;
}

void system_log_open(struct system_log *log, const char *tool)
{
	*log = (struct system_log){.fd = log_connect(), .tool = tool};
}

void system_log_write(struct system_log *log, int level, struct slice text)
{
	struct pool *pool = pool_new();
	const char *entry =
	    pool_printf(pool, "<%d>%s[%ld]: %s", LOG_MAIL | level, log->tool, (long)getpid(),
			text_make_printable(slice_copy(pool, slice_trim(text))));

	if (!log_send(log, entry)) {
		/* The daemon may have been started again. */
		system_log_close(log);
		log->fd = log_connect();
		log_send(log, entry);
	}
	pool_free(pool);
}

void system_log_close(struct system_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

bool system_log_is_needed(void)
{
	struct stat input;
	struct stat error;

	return fstat(STDIN_FILENO, &input) == 0 && fstat(STDERR_FILENO, &error) == 0 &&
	       S_ISSOCK(error.st_mode) && input.st_dev == error.st_dev &&
	       input.st_ino == error.st_ino;
}
