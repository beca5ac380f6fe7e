/*
 * dmarcreport - DMARC aggregate reports (RFC 9990) from the history that dmarceval writes
 *
 * Runs from cron. Each subcommand is a file of its own; what all share is in job.c, what send and
 * print share in report_options.c and reporting.c; where reports go is decided in plan.c.
 */
#include "dmarcreport.h"
#include "store_job.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "tool/tool_context.h"

#define SUBCOMMANDS                                                                                \
	"send, print, status, expire, merge, bounce, export for our reports; read, summary,"       \
	" sources, ready, show, rejects, tls, page, digest, expire, merge, export for those of"    \
	" others"

#define HELP_SUBCOMMANDS                                                                           \
	"Subcommands for our own reports:\n"                                                       \
	"  send, print, status, expire, merge, bounce, export\n"                                   \
	"Subcommands for the reports of others:\n"                                                 \
	"  read, summary, sources, ready, show, rejects, tls, page, digest,\n"                     \
	"  expire, merge, export\n"                                                                \
	"Each of them has its own help: dmarcreport send --help\n"

static const struct {
	const char *name;
	subcommand *run;
	subcommand *for_store; /* with --store instead, or NULL */
} subcommands[] = {
    {"send", send_main, NULL},
    {"print", print_main, NULL},
    {"status", status_main, NULL},
    {"expire", expire_main, expire_store_main},
    {"merge", merge_main, merge_store_main},
    {"bounce", bounce_main, NULL},
    {"export", export_main, export_store_main},
    {"read", read_main, NULL},
    {"summary", summary_main, NULL},
    {"sources", sources_main, NULL},
    {"ready", ready_main, NULL},
    {"show", show_main, NULL},
    {"rejects", rejects_main, NULL},
    {"tls", tls_main, NULL},
    {"page", page_main, NULL},
    {"digest", digest_main, NULL},
};

/* no_subcommand - --help, --version, or an error */
static int no_subcommand(int argc, char **argv)
{
	struct pool *pool = pool_new();
	struct option_list operands = {.pool = pool};
	const struct tool tool = {
	    .name = "dmarcreport",
	    .synopsis = "SUBCOMMAND [options]",
	    .summary = "Makes and sends DMARC reports, and reads those of others.",
	    .notes = HELP_SUBCOMMANDS,
	    .operands = &operands,
	    .is_command = true,
	};
	struct tool_context context;
	struct error error;
	int status;

	if (tool_start(&context, &tool, pool, argc, argv, &status)) {
		if (operands.count > 0)
			error_set(&error, STATUS_CONFIG,
				  "there is no subcommand \"%s\"; there are " SUBCOMMANDS,
				  text_excerpt(pool, slice_of(operands.items[0])));
		else
			error_set(&error, STATUS_CONFIG,
				  "a subcommand is missing; there are " SUBCOMMANDS);
		status = tool_usage(&context, &error);
	}
	tool_end(&context);
	return status;
}

/* help - "help" is --help, "help send" is "send --help" */
static int help(int argc, char **argv)
{
	char *words[] = {argc > 2 ? argv[2] : argv[0], "--help", NULL};

	for (size_t i = 0; argc == 3 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(words[0], subcommands[i].name) == 0)
			return subcommands[i].run(2, words);
	}
	if (argc > 2)
		return no_subcommand(argc - 1, argv + 1);
	return no_subcommand(2, words);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "help") == 0)
		return help(argc, argv);
	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(argv[1], subcommands[i].name) != 0)
			continue;
		if (subcommands[i].for_store != NULL && store_job_is_meant(argc, argv))
			return subcommands[i].for_store(argc - 1, argv + 1);
		return subcommands[i].run(argc - 1, argv + 1);
	}
	/* What follows a word that is no subcommand are options of whatever was meant. */
	return no_subcommand(argc > 1 && argv[1][0] != '-' ? 2 : argc, argv);
}
