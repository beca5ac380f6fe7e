/*
 * dkimsign, subcommands: what those that deal with keys do alike
 */
#include <sysexits.h>

#include "base/pool.h"
#include "dkimsign.h"

/* run_key_command - the exit status */
static int run_key_command(struct tool_context *context, const struct key_command *command,
			   void *arguments)
{
	struct error error;
	int status = EX_OK;

	if (!command->work(context, arguments, &status, &error))
		return tool_fail(context, &error);
	return fflush(stdout) == 0 ? status : tool_unwritten(context);
}

int key_command_run(struct tool_context *context, const struct key_command *command,
		    void *arguments, int argc, char **argv)
{
	struct error error;
	int status;

	if (tool_start(context, &command->tool, pool_new(), argc, argv, &status))
		status = command->check(context->pool, arguments, &error)
			     ? run_key_command(context, command, arguments)
			     : tool_usage(context, &error);
	tool_end(context);
	return status;
}
