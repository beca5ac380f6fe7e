/*
 * gate - what Postfix starts to have messages checked and signed
 *
 *	gate milter [OPTION]... -- STAGE [| STAGE]...     by spawn(8), for each SMTP session
 *	gate workers [OPTION]... -- STAGE [| STAGE]...    by systemd, with a socket
 *	gate pipe STAGE [| STAGE]... -- SENDER [SERVER [NAME=VALUE]...] -- RECIPIENT... <MESSAGE
 *	                                                  by pipe(8), for each message
 *
 * See assay-gate(8) for all of them. It is confined as far as a program can be that starts others:
 * see tool/sandbox.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/system_log.h"
#include "postfix/gate_pipe.h"
#include "postfix/gate_workers.h"
#include "tool/options.h"
#include "tool/sandbox.h"

#define SPOOL         "/var/spool/assay"
#define WORKERS       4U
#define PRIVATE_FILES 077
#define USAGE                                                                                      \
	"usage: gate milter|workers [OPTION]... -- STAGE [| STAGE]...\n"                           \
	"       gate pipe STAGE [| STAGE]... -- SENDER [SERVER [NAME=VALUE]...] -- RECIPIENT...\n" \
	"Try 'gate milter --help'.\n"

/* is_connection - spawn(8) makes the connection standard error, too: nobody would read it there */
static bool is_connection(int fd)
{
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode);
}

/* log_error - where the postmaster looks */
static void log_error(const struct error *error)
{
	struct system_log log;

	system_log_open(&log, "assay/gate");
	system_log_write(&log, LOG_ERR, slice_of(error->text));
	system_log_close(&log);
}

/* fail_gate - the exit status; a line that begins with a status code, for pipe(8) */
static int fail_gate(const struct error *error)
{
	if (is_connection(STDIN_FILENO)) {
		log_error(error);
		return EX_TEMPFAIL;
	}
	fprintf(stderr, "%s gate: %s\n", error->status, error->text);
	return EX_TEMPFAIL;
}

/* set_quarantine - an option_setter */
static bool set_quarantine(const char *argument, void *target, struct error *error)
{
	struct gate_settings *settings = target;
	size_t colon = strcspn(argument, ":");

	if (strcmp(argument, "mark") == 0) {
		settings->quarantine = GATE_MARK;
		return true;
	}
	if (strcmp(argument, "hold") == 0) {
		settings->quarantine = GATE_HOLD;
		return true;
	}
	if (colon == 0 || argument[colon] == '\0' || strpbrk(argument, "\r\n") != NULL ||
	    strcspn(argument, " \t") < colon)
		return error_set(error, STATUS_CONFIG,
				 "\"%s\" is neither mark nor hold nor a field NAME:VALUE",
				 argument);
	settings->quarantine = GATE_FIELD;
	settings->field_name = slice_from(argument, colon);
	settings->field_value = slice_of(argument + colon + 1);
	return true;
}

/* confine_gate - as far as it goes; what a kernel lacks is no reason to stop */
static void confine_gate(void)
{
	struct error error;

	sandbox_enter_starter(&error);
}

/* serve - the one connection that spawn(8) has given us, on standard input and output alike */
static int serve(const struct gate_settings *settings)
{
	struct error error;
	struct gate *gate = gate_new(settings, &error);

	if (gate == NULL)
		return fail_gate(&error);
	confine_gate();
	gate_serve(gate, STDIN_FILENO, STDIN_FILENO);
	gate_free(gate);
	return EX_OK;
}

/* serve_socket - many of them */
static int serve_socket(unsigned count, const struct gate_settings *settings)
{
	struct error error;
	int listener = gate_workers_socket(&error);
	struct gate *gate = listener < 0 ? NULL : gate_new(settings, &error);

	if (gate == NULL)
		return fail_gate(&error);
	gate_free(gate); /* it was to see whether the stages are in order */
	confine_gate();
	return gate_workers(listener, count, settings);
}

/* options_before - the number of words up to "--", or to the end */
static int options_before(int argc, char **argv)
{
	int count = 0;

	while (count < argc && strcmp(argv[count], "--") != 0)
		count++;
	return count;
}

/* milter - as the options have it; argv begins with the name of the mode */
static int milter(int argc, char **argv, bool is_workers)
{
	struct gate_settings settings = {.tag = "assay/in", .seconds = GATE_SECONDS};
	unsigned count = WORKERS;
	const struct option_spec options[] = {
	    {'T', "timeout", "SECONDS", "time for the DNS work on one message (20)", option_seconds,
	     &settings.seconds, 0, NULL},
	    {LONG_ONLY, "log-tag", "TAG", "name in the log (assay/in)", option_text, &settings.tag,
	     0, NULL},
	    {LONG_ONLY, "quarantine", "mark|hold|NAME:VALUE", "for mail to be quarantined (mark)",
	     set_quarantine, &settings, 0, NULL},
	    {LONG_ONLY, "contact", "TEXT", "whom the sender of refused mail can ask", option_text,
	     &settings.contact, 0, NULL},
	    {LONG_ONLY, "dry-run", NULL, "change and refuse nothing, only log", option_flag,
	     &settings.dry_run, 0, NULL},
	    {LONG_ONLY, "workers", "N", "how many processes wait for sessions (4)", option_count,
	     &count, 0, NULL},
	};
	const struct tool tool = {
	    .name = is_workers ? "gate workers" : "gate milter",
	    .synopsis = "[options] -- STAGE [| STAGE]...",
	    .summary = "Passes messages through the stages before Postfix queues them.",
	    .options = options,
	    .option_count = sizeof(options) / sizeof(options[0]) - (is_workers ? 0 : 1),
	    .page = "assay-gate(8)",
	    .is_command = true,
	};
	int words = options_before(argc, argv);
	struct pool *pool = pool_new();
	struct common_options common;
	struct error error;
	int status = EX_OK;

	argv[words < argc ? words : 0] = words < argc ? NULL : argv[0];
	settings.stages = argv + (words < argc ? words + 1 : argc);
	switch (options_parse(&tool, pool, words, argv, &common, &error)) {
	case OPTIONS_BAD: status = fail_gate(&error); break;
	case OPTIONS_DONE: break;
	case OPTIONS_RUN:
		status = is_workers ? serve_socket(count, &settings) : serve(&settings);
		break;
	}
	pool_free(pool);
	return status;
}

int main(int argc, char **argv)
{
	struct error error;

	if (!io_prepare()) {
		error_set(&error, STATUS_OTHER, "standard input or output is closed");
		return fail_gate(&error);
	}
	umask(PRIVATE_FILES);
	setenv("TMPDIR", SPOOL, 0); /* spawn(8) and pipe(8) leave nothing of the environment */
	if (argc > 1 && strcmp(argv[1], "milter") == 0)
		return milter(argc - 1, argv + 1, false);
	if (argc > 1 && strcmp(argv[1], "workers") == 0)
		return milter(argc - 1, argv + 1, true);
	if (argc < 2 || strcmp(argv[1], "pipe") != 0) {
		fputs(isatty(STDERR_FILENO) ? "" : STATUS_CONFIG " ", stderr);
		fputs(USAGE, stderr);
		return EX_TEMPFAIL;
	}
	if (!gate_pipe_uses_sendmail(argv + 2))
		confine_gate();
	return gate_pipe(argv + 2);
}
