/*
 * policy_log - where the policy service may speak to people; see policy_log.h
 */
#include "policy_log.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/system_log.h"

#define LINE_SIZE 8192 /* octets; longer lines become several entries */

/* is_connection - is standard error the socket that standard input is? */
static bool is_connection(void)
{
	struct stat input;
	struct stat error;

	return fstat(STDIN_FILENO, &input) == 0 && fstat(STDERR_FILENO, &error) == 0 &&
	       S_ISSOCK(error.st_mode) && input.st_dev == error.st_dev &&
	       input.st_ino == error.st_ino;
}

/* write_log - a cookie_write_function_t */
static ssize_t write_log(void *cookie, const char *text, size_t len)
{
	system_log_write(cookie, LOG_INFO, slice_from(text, len));
	return (ssize_t)len;
}

/* leave_connection - nothing may reach it by way of standard error */
static void leave_connection(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
	if (null >= 0)
		close(null);
}

FILE *policy_log_open(struct pool *pool, const char *tool)
{
	cookie_io_functions_t functions = {.write = write_log};
	struct system_log *system_log;
	FILE *log;

	if (!is_connection())
		return stderr;
	leave_connection();
	system_log = pool_alloc(pool, sizeof(*system_log));
	system_log_open(system_log, tool);
	log = fopencookie(system_log, "w", functions);
	if (log != NULL)
		setvbuf(log, NULL, _IOLBF, LINE_SIZE);
	return log;
}
