/*
 * filter - what the filters do alike; see tool/filter.h
 */
#include "tool/filter.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"

bool filter_read_header(struct filter *filter, struct error *error)
{
	filter->message = message_new();
	if (filter->context->options.check)
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
		return tool_fail(filter->context, &error);
	if (!io_close_output()) {
		error_set(&error, STATUS_OTHER, "cannot write the message: %s", strerror(errno));
		return tool_fail(filter->context, &error);
	}
	return EX_OK;
}

void filter_end(struct filter *filter)
{
	message_free(filter->message);
	filter->message = NULL;
}
