/*
 * dkimsign, subcommands: what those that deal with keys do alike
 */
#include <sysexits.h>

#include "base/pool.h"
#include "dkimsign.h"

/* work - the exit status */
static int work(struct filter *filter, const struct key_command *command, void *arguments)
{
	struct error error;
	int status = EX_OK;

	if (!command->work(filter, arguments, &status, &error))
		return filter_fail(filter, &error);
	return fflush(stdout) == 0 ? status : filter_unwritten(filter);
}

int key_command_run(struct filter *filter, const struct key_command *command, void *arguments,
		    int argc, char **argv)
{
	struct error error;
	int status;

	if (filter_options(filter, &command->tool, pool_new(), argc, argv, &status))
		status = command->check(filter->pool, arguments, &error)
			     ? work(filter, command, arguments)
			     : filter_usage(filter, &error);
	filter_close(filter);
	return status;
}
