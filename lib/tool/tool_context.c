/*
 * tool_context - what a program has at hand while it runs; see tool/tool_context.h
 */
#include "tool/tool_context.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/system_log.h"

/* explain_short_id - those who read results expect another name; -v and a terminal are told */
static void explain_short_id(const struct tool_context *context)
{
	const struct common_options *options = &context->options;

	if (options->verbose || (!options->quiet && isatty(STDERR_FILENO)))
		fprintf(
		    stderr,
		    "%s: this host is only called \"%s\", and results are written in that name: "
		    "put \"127.0.1.1 %s.example.com %s\", with your own domain, into /etc/hosts, "
		    "or "
		    "use --authserv-id\n",
		    context->tool->name, options->authserv_id, options->authserv_id,
		    options->authserv_id);
}

bool tool_start(struct tool_context *context, const struct tool *tool, struct pool *pool, int argc,
		char **argv, int *status)
{
	struct error error;
	enum options_outcome outcome;

	*context = (struct tool_context){.tool = tool, .pool = pool, .started = time(NULL)};
	if (!io_prepare()) {
		error_set(&error, STATUS_OTHER, "standard input or output is closed");
		*status = tool_fail(context, &error);
		return false;
	}
	outcome = options_parse(tool, pool, argc, argv, &context->options, &error);
	if (outcome == OPTIONS_BAD)
		*status = tool_usage(context, &error);
	else if (outcome == OPTIONS_DONE)
		*status = fflush(stdout) == 0 ? EX_OK : tool_unwritten(context);
	if (outcome == OPTIONS_RUN && context->options.has_short_id)
		explain_short_id(context);
	context->trace.tool = tool->name;
	context->trace.file = context->options.verbose ? stderr : NULL;
	return outcome == OPTIONS_RUN;
}

bool tool_open_dns(struct tool_context *context, struct error *error)
{
	if (context->options.zone == NULL)
		context->dns = dns_open_resolver(&context->trace);
	else
		context->dns = dns_open_zone(context->options.zone, &context->trace, error);
	return context->dns != NULL;
}

void tool_confine(struct tool_context *context, struct sandbox sandbox)
{
	const struct common_options *options = &context->options;
	struct error missing;
	int version;

	host_secret_read(&context->secret);
	sandbox.dns = sandbox.dns && options->zone == NULL;
	if (sandbox.dns)
		dns_prepare(context->dns);
	if (sandbox_enter(&sandbox, &version, &missing))
		trace_print(&context->trace, "confined by Landlock %d and seccomp", version);
	else if (options->verbose)
		trace_print(&context->trace, "warning: not fully confined: %s", missing.text);
	else if (!options->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: warning: not fully confined: %s\n", context->tool->name,
			missing.text);
}

time_t tool_now(const struct tool_context *context)
{
	return context->options.now + (time(NULL) - context->started);
}

struct dns_budget tool_budget(const struct tool_context *context)
{
	return dns_budget_for(context->options.timeout, DNS_QUERIES_MAX);
}

bool tool_begin_dns(struct tool_context *context, struct dns_budget *budget, struct error *error)
{
	if (!tool_open_dns(context, error))
		return false;
	tool_confine(context, (struct sandbox){.dns = true});
	*budget = tool_budget(context);
	return true;
}

bool tool_print(const char *line)
{
	return io_write(STDOUT_FILENO, line, strlen(line)) && io_write(STDOUT_FILENO, "\n", 1);
}

int tool_unwritten(const struct tool_context *context)
{
	struct error error;

	error_set(&error, STATUS_OTHER, "cannot write the result: %s", strerror(errno));
	return tool_fail(context, &error);
}

int tool_check_status(enum result result)
{
	if (result == RESULT_PASS)
		return EX_OK;
	return result == RESULT_TEMPERROR ? EX_TEMPFAIL : 1;
}

/* log_error - under spawn(8): the client hears from Postfix that it may try again, and no more */
static void log_error(const struct tool *tool, const struct error *error)
{
	struct pool *pool = pool_new();
	const char *text = pool_printf(pool, "%s error: %s", error->status, error->text);
	struct system_log log;

	system_log_open(&log, tool->log_name != NULL ? tool->log_name : tool->name);
	system_log_write(&log, LOG_ERR, slice_of(text));
	system_log_close(&log);
	pool_free(pool);
}

void tool_hint(const struct tool_context *context, const char *text)
{
	if (!context->options.quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s\n", context->tool->name, text);
}

int tool_fail(const struct tool_context *context, const struct error *error)
{
	if (system_log_is_needed())
		log_error(context->tool, error);
	else if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s\n", context->tool->name, error->text);
	else
		fprintf(stderr, "%s %s: %s\n", error->status, context->tool->name, error->text);
	return EX_TEMPFAIL;
}

int tool_usage(const struct tool_context *context, const struct error *error)
{
	int status = tool_fail(context, error);
	bool is_filter = !context->options.check && !context->tool->is_command;

	if (system_log_is_needed() || (is_filter && !isatty(STDERR_FILENO)))
		return status;
	fprintf(stderr, "Try '%s --help'.\n", context->tool->name);
	return is_filter ? status : EX_USAGE;
}

void tool_end(struct tool_context *context)
{
	dns_close(context->dns);
	pool_free(context->pool);
}
