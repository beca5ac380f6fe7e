/*
 * filter_run - a filter at work; see tool/filter_run.h
 */
#include "tool/filter_run.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tool/stream.h"

/* deliver - the message to standard output; the exit status */
static int deliver(struct filter *filter)
{
	struct error error;

	if (!message_write_fd(filter->message, STDOUT_FILENO, &error))
		return tool_fail(filter->context, &error);
	if (!io_close_output()) {
		error_set(&error, STATUS_OTHER, "cannot write the message: %s", strerror(errno));
		return tool_fail(filter->context, &error);
	}
	return EX_OK;
}

/* handle - one message alone, up to what has to follow in any case; the exit status */
static int handle(struct filter *filter, bool *delivered)
{
	struct error error;
	int status;

	if (!filter->job->judge(filter, &error))
		return tool_fail(filter->context, &error);
	if (filter->context->options.check) {
		*delivered = filter->job->print(filter);
		return *delivered ? tool_check_status(filter->verdict)
				  : tool_unwritten(filter->context);
	}
	filter->job->add_fields(filter);
	status = deliver(filter);
	*delivered = status == EX_OK;
	return status;
}

int filter_run(struct tool_context *context, const struct filter_job *job)
{
	struct filter filter = {
	    .context = context,
	    .job = job,
	    .source = source_of_fd(STDIN_FILENO),
	    .envelope = job->envelope,
	    .now = context->options.now,
	};
	bool delivered = false;
	int status;

	if (context->options.stream)
		return stream_run(context, job);
	if (isatty(STDIN_FILENO))
		tool_hint(context, "reading a message from the terminal, end with Ctrl-D");
	filter.pool = pool_new();
	status = handle(&filter, &delivered);
	if (job->conclude != NULL)
		job->conclude(&filter, delivered);
	filter_end(&filter);
	return status;
}
