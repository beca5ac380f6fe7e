/*
 * dmarcreport - DMARC aggregate reports (RFC 9990) from the history that dmarceval writes
 *
 * Runs from cron. Each subcommand is a file of its own; what they share is in job.c, where
 * reports go is decided in plan.c.
 */
#include "dmarcreport.h"

#include <string.h>

#include "base/pool.h"

static const struct {
	const char *name;
	subcommand *run;
} subcommands[] = {
    {"send", send_main},     {"print", print_main}, {"status", status_main},
    {"expire", expire_main}, {"merge", merge_main}, {"bounce", bounce_main},
};

/* no_subcommand - --help, --version, or an error */
static int no_subcommand(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct option_list operands = {.pool = pool};
	const struct tool tool = {
	    .name = "dmarcreport",
	    .synopsis = "send|print|status|expire|merge|bounce [options]",
	    .summary = "Makes and sends DMARC aggregate reports. 'dmarcreport send --help' and so"
		       " on tell more.",
	    .operands = &operands,
	    .is_command = true,
	};
	struct tool_context context;
	struct error error;
	int status;

	if (tool_start(&context, &tool, pool, argc, argv, &status)) {
		if (operands.count > 0)
			error_set(&error, STATUS_CONFIG, "there is no subcommand \"%s\"",
				  operands.items[0]);
		else
			error_set(&error, STATUS_CONFIG, "which subcommand? %s", tool.synopsis);
		status = tool_usage(&context, &error);
	}
	tool_end(&context);
	return status;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	}
	return no_subcommand(argc, argv);
}
