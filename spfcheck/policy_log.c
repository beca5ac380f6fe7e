/*
 * policy_log - where the policy service speaks to people; see policy_log.h
 *
 * What a stranger chose must not look like a part of the line: blanks, commas, quotes and brackets
 * in it become '?', so that ", spf=pass" cannot be written from outside.
 */
#include "policy_log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/printable.h"

#define LINE_SIZE 8192 /* octets; longer lines become several entries */
#define SHOWN_MAX                                                                                  \
	320 /* octets of a value that is shown: RFC 5321 4.5.3.1, local part and domain            \
	     */

/* write_trace - a cookie_write_function_t */
static ssize_t write_trace(void *cookie, const char *text, size_t len)
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

void policy_log_open(struct policy_log *log, const char *tool, bool quiet)
{
	cookie_io_functions_t functions = {.write = write_trace};

	*log = (struct policy_log){.tool = tool, .quiet = quiet};
	log->trace = (struct trace){.file = stderr, .tool = tool};
	log->to_system = system_log_is_needed();
	if (!log->to_system)
		return;
	leave_connection();
	system_log_open(&log->system, POLICY_LOG_NAME);
	log->trace.file = fopencookie(&log->system, "w", functions);
	if (log->trace.file != NULL)
		setvbuf(log->trace.file, NULL, _IOLBF, LINE_SIZE);
}

void policy_log_print(struct policy_log *log, int level, const char *format, ...)
{
	struct pool *pool;
	const char *text;
	va_list args;

	if (log->quiet && level != LOG_ERR)
		return;
	pool = pool_new();
	va_start(args, format);
	text = pool_vprintf(pool, format, args);
	va_end(args);
	if (log->to_system)
		system_log_write(&log->system, level, slice_of(text));
	else
		trace_print(&log->trace, "%s", text);
	pool_free(pool);
}

/* plain - a value that cannot be taken for another part of the line */
static const char *plain(struct pool *pool, const char *value)
{
	struct slice text = slice_of(value);
	char *copy;

	if (text.len > SHOWN_MAX)
		text.len = SHOWN_MAX;
	copy = text_printable(pool, text);
	for (char *byte = copy; *byte != '\0'; byte++) {
		if (strchr(" ,\"<>", *byte) != NULL)
			*byte = '?';
	}
	return copy;
}

/* sentence - for within quotes */
static const char *sentence(struct pool *pool, const char *text)
{
	char *copy = text_printable(pool, slice_of(text));

	for (char *byte = copy; *byte != '\0'; byte++) {
		if (*byte == '"')
			*byte = '\'';
	}
	return copy;
}

/* id_of - what the message is called in the lines of Postfix, or what its requests have in common
 */
static const char *id_of(struct pool *pool, const struct policy_request *request)
{
	if (request->values[POLICY_QUEUE_ID][0] != '\0')
		return plain(pool, request->values[POLICY_QUEUE_ID]);
	if (request->values[POLICY_INSTANCE][0] != '\0')
		return plain(pool, request->values[POLICY_INSTANCE]);
	return "NOQUEUE";
}

/* verdict_of - the result and what it rests on */
static const char *verdict_of(struct pool *pool, const struct spf_result *result)
{
	if (result == NULL)
		return "skipped";
	return pool_printf(
	    pool, "%s, identity=%s, domain=%s, mechanism=\"%s\"", result_word(result->result),
	    result->identity == SPF_HELO ? "helo" : "mailfrom", plain(pool, result->domain),
	    result->mechanism != NULL ? sentence(pool, result->mechanism) : "");
}

void policy_log_decision(struct policy_log *log, const struct policy_request *request,
			 const struct spf_result *result, const char *action, const char *reason)
{
	const char *const *values = request->values;
	struct pool *pool;

	if (log->quiet)
		return;
	pool = pool_new();
	policy_log_print(
	    log, LOG_INFO,
	    "%s: client=%s[%s], helo=<%s>, from=<%s>, spf=%s, action=%s, reason=\"%s\"",
	    id_of(pool, request),
	    values[POLICY_CLIENT_NAME][0] != '\0' ? plain(pool, values[POLICY_CLIENT_NAME])
						  : "unknown",
	    plain(pool, values[POLICY_CLIENT_ADDRESS]), plain(pool, values[POLICY_HELO_NAME]),
	    plain(pool, values[POLICY_SENDER]), verdict_of(pool, result), action,
	    sentence(pool, reason));
	pool_free(pool);
}
