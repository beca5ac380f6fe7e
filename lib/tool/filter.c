/*
 * filter - what the filters do alike; see tool/filter.h
 */
#include "tool/filter.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"

bool filter_options(struct filter *filter, const struct tool *tool, struct pool *pool, int argc,
		    char **argv, int *status)
{
	struct error error;
	enum options_outcome outcome;

	*filter = (struct filter){.tool = tool, .pool = pool};
	if (!io_prepare()) {
		error_set(&error, STATUS_OTHER, "standard input or output is closed");
		*status = filter_fail(filter, &error);
		return false;
	}
	outcome = options_parse(tool, pool, argc, argv, &filter->options, &error);
	if (outcome == OPTIONS_BAD)
		*status = filter_usage(filter, &error);
	else if (outcome == OPTIONS_DONE)
		*status = fflush(stdout) == 0 ? EX_OK : filter_unwritten(filter);
	filter->trace.tool = tool->name;
	filter->trace.file = filter->options.verbose ? stderr : NULL;
	return outcome == OPTIONS_RUN;
}

bool filter_open(struct filter *filter, struct error *error)
{
	if (filter->options.zone == NULL)
		filter->dns = dns_open_resolver(&filter->trace);
	else
		filter->dns = dns_open_zone(filter->options.zone, &filter->trace, error);
	return filter->dns != NULL;
}

void filter_confine(struct filter *filter, struct sandbox sandbox)
{
	const struct common_options *options = &filter->options;
	struct error missing;
	int version;

	sandbox.dns = sandbox.dns && options->zone == NULL;
	if (sandbox.dns)
		dns_prepare(filter->dns);
	if (sandbox_enter(&sandbox, &version, &missing))
		trace_print(&filter->trace, "confined by Landlock %d and seccomp", version);
	else if (options->verbose)
		trace_print(&filter->trace, "warning: not fully confined: %s", missing.text);
	else if (!options->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: warning: not fully confined: %s\n", filter->tool->name,
			missing.text);
}

struct dns_budget filter_budget(const struct filter *filter)
{
	return dns_budget_for(filter->options.timeout, DNS_QUERIES_MAX);
}

bool filter_read_header(struct filter *filter, struct error *error)
{
	filter->message = message_new();
	if (filter->options.check)
		message_discard_body(filter->message);
	return message_read_header(filter->message, STDIN_FILENO, error);
}

bool filter_read_body(struct filter *filter, message_sink *sink, void *context, struct error *error)
{
	return message_read_body(filter->message, STDIN_FILENO, sink, context, error);
}

int filter_deliver(struct filter *filter)
{
	struct error error;

	if (!message_write(filter->message, STDOUT_FILENO, &error))
		return filter_fail(filter, &error);
	if (!io_close_output()) {
		error_set(&error, STATUS_OTHER, "cannot write the message: %s", strerror(errno));
		return filter_fail(filter, &error);
	}
	return EX_OK;
}

bool filter_print(const char *line)
{
	return io_write(STDOUT_FILENO, line, strlen(line)) && io_write(STDOUT_FILENO, "\n", 1);
}

int filter_unwritten(const struct filter *filter)
{
	struct error error;

	error_set(&error, STATUS_OTHER, "cannot write the result: %s", strerror(errno));
	return filter_fail(filter, &error);
}

int filter_check_status(enum result result)
{
	if (result == RESULT_PASS)
		return EX_OK;
	return result == RESULT_TEMPERROR ? EX_TEMPFAIL : 1;
}

int filter_fail(const struct filter *filter, const struct error *error)
{
	fprintf(stderr, "%s %s: %s\n", error->status, filter->tool->name, error->text);
	return EX_TEMPFAIL;
}

int filter_usage(const struct filter *filter, const struct error *error)
{
	int status = filter_fail(filter, error);

	if (!filter->options.check && !filter->tool->is_command)
		return status;
	fprintf(stderr, "Try '%s --help'.\n", filter->tool->name);
	return EX_USAGE;
}

void filter_close(struct filter *filter)
{
	message_free(filter->message);
	dns_close(filter->dns);
	pool_free(filter->pool);
}
