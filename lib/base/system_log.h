/*
 * system_log - the system log, for what nobody would read on standard error
 *
 * pipe(8) shows the standard error of a command that failed only; spawn(8) makes it the
 * connection. The log is /dev/log, facility mail, as syslog(3) has it.
 */
#ifndef ASSAY_BASE_SYSTEM_LOG_H
#define ASSAY_BASE_SYSTEM_LOG_H

#include <syslog.h>

#include "base/bytes.h"

struct system_log {
	int fd; /* -1: there is no log, and nothing is logged */
	const char *tool;
};

/* Connects; to be done before a process confines itself. It never fails. */
void system_log_open(struct system_log *log, const char *tool);

/* One entry, without what is not printable ASCII; level is LOG_ERR, LOG_WARNING, LOG_INFO. */
void system_log_write(struct system_log *log, int level, struct slice text);

void system_log_close(struct system_log *log);

/*
 * Is standard error the socket that standard input is? spawn(8) makes it so: what is written there
 * would be taken for an answer, and nobody would read it.
 */
bool system_log_is_needed(void);

#endif
