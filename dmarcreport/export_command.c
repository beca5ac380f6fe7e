/*
 * dmarcreport export - rows of the history for an engine that a site already runs
 */
#include "dmarcreport.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "day_text.h"
#include "export_cursor.h"
#include "export_row.h"
#include "job.h"

#define OUTPUT_MAX   (64U << 20) /* of one row; a stored one is far smaller */
#define OUTPUT_CHUNK 65536       /* octets that are written at once */

struct export_arguments {
	struct job job;
	const char *cursor;
	long long first;
	long long last;
	bool csv;
	bool json;
};

/* Where rows go. */
struct export_output {
	struct buffer text;
	bool csv;
};

/* write_out - what has been collected, if that is enough */
static bool write_out(struct export_output *output, size_t enough, struct error *error)
{
	bool good;

	if (output->text.overflow)
		return error_set(error, STATUS_TOO_BIG, "a row is too large");
	if (output->text.len < enough)
		return true;
	good = io_write(STDOUT_FILENO, output->text.data, output->text.len);
	buffer_reset(&output->text);
	return good || error_set(error, STATUS_OTHER, "cannot write the rows: %s", strerror(errno));
}

/* write_row - an export_sink */
static bool write_row(void *context, const char *host, const struct history_texts *texts,
		      struct error *error)
{
	struct export_output *output = context;
	struct pool *pool = pool_new();

	if (output->csv)
		export_row_csv(pool, &output->text, host, texts);
	else
		export_row_json(pool, &output->text, host, texts);
	pool_free(pool);
	return write_out(output, OUTPUT_CHUNK, error);
}

/* export_all - the rows, and then the cursor */
static bool export_all(const struct export_arguments *arguments, struct error *error)
{
	const struct job *job = &arguments->job;
	struct pool *pool = job->context.pool;
	struct export_output output = {.csv = arguments->csv};
	struct export_hosts hosts;
	bool good;

	if (!export_hosts(job->history, pool, arguments->first, arguments->last,
			  arguments->cursor != NULL, &hosts, error))
		return false;
	if (arguments->cursor != NULL &&
	    !export_cursor_read(pool, arguments->cursor, &hosts, error))
		return false;
	buffer_init(&output.text, OUTPUT_MAX);
	if (output.csv)
		export_row_head(&output.text);
	good = export_rows(job->history, &hosts, write_row, &output, error) &&
	       write_out(&output, 1, error);
	buffer_free(&output.text);
	return good && (arguments->cursor == NULL ||
			export_cursor_write(pool, arguments->cursor, &hosts, error));
}

/* check_export_options - is the command line complete? */
static bool check_export_options(void *context, struct error *error)
{
	struct export_arguments *arguments = context;
	long long complete = arguments->job.context.options.now / HISTORY_SECONDS_A_DAY - 1;

	if (arguments->csv && arguments->json)
		return error_set(error, STATUS_CONFIG, "option --csv has no meaning with --json");
	if (arguments->last < 0 || arguments->last > complete)
		arguments->last = complete;
	return true;
}

/* do_export - one export */
static bool do_export(void *context, struct error *error)
{
	struct export_arguments *arguments = context;

	if (arguments->cursor != NULL)
		sandbox_allow_beside(&arguments->job.sandbox, arguments->cursor);
	return job_open(&arguments->job, error) && export_all(arguments, error);
}

int export_main(int argc, char **argv)
{
	struct export_arguments arguments = {.last = -1};
	struct job_options options = {.count = 0};
	const struct option_spec specs[] = {
	    {LONG_ONLY, "csv", NULL, "comma-separated values with a first line of names",
	     option_flag, &arguments.csv},
	    {'j', "json", NULL, "a JSON object on each line (default)", option_flag,
	     &arguments.json},
	    {LONG_ONLY, "cursor", "FILE", "start where FILE says, and update it", option_text,
	     &arguments.cursor},
	    {LONG_ONLY, "since", "DATE", "first day", day_set, &arguments.first},
	    {LONG_ONLY, "until", "DATE", "last day (yesterday, in UTC)", day_set, &arguments.last},
	};
	const struct job_command command = {
	    .synopsis = "export --db FILE [--csv] [--cursor FILE] [options]",
	    .summary = "Writes the rows of the days that are over.",
	    .check = check_export_options,
	    .work = do_export,
	};

	job_add_options(&options, specs, sizeof(specs) / sizeof(specs[0]));
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
