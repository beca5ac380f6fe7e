/*
 * dmarcreport read - takes what others report about our domains into a store
 *
 * Everything that is to be read is listed and the sandbox entered before the first octet of a
 * stranger is looked at. Files are read in batches, each of which is one transaction: what was
 * said to be stored is stored, and a file is moved only then.
 */
#include "dmarcreport.h"
#include "read_inputs.h"
#include "store_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/pool.h"
#include "mail/domain.h"
#include "report/part_read.h"
#include "report/report_writer.h"
#include "report/unpack.h"

#define BATCH_FILES   5000       /* in one transaction */
#define BATCH_SECONDS 2.0        /* that others may have to wait for it */
#define BATCH_OCTETS  (8U << 20) /* of lines that wait for it */
#define PROGRESS_FROM 50         /* files: fewer are read at once */

struct read_arguments {
	struct store_job job; /* first member */
	const char *authserv_id;
	const char *domains;
	const char *maildir;
	bool keep_failures;
	bool move;
	struct read_inputs inputs;
	struct report_writer writer;
	struct intake intake;
	struct buffer lines; /* of -j, until their batch is stored */
	struct timespec begun;
	size_t first; /* input of the batch */
	/* in all */
	unsigned long long reports;
	unsigned long long duplicates;
	unsigned long long replaced;
	unsigned long long refused;
	unsigned long long rows;
	unsigned long long messages;
	unsigned long long rejected_rows;
	unsigned long long repairs;
	size_t without; /* files that have no report */
	size_t failed;
};

/* is_over - the store has failed */
static bool is_over(void *context)
{
	return ((struct report_writer *)context)->failed;
}

/* words_list - a text of words as a list of JSON */
static void words_list(struct json *json, struct pool *pool, const char *key, const char *text)
{
	struct slice rest = slice_of(text);
	struct slice word;

	json_list_begin(json, key);
	while (slice_cut(&rest, ' ', &word)) {
		if (word.len > 0)
			json_item(json, slice_copy(pool, word));
	}
	json_list_end(json);
}

/* add_said_line - a report as JSON */
static void add_said_line(struct read_arguments *arguments, struct pool *pool, const char *file,
			  const struct writer_result *result)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "file", file);
	json_string(&json, "kind", incoming_kind_word(result->kind));
	json_string(&json, "org", result->org);
	json_string(&json, "report_id", result->id);
	json_string(&json, "domain", result->domain);
	json_number(&json, "begin", result->begin);
	json_number(&json, "end", result->end);
	json_number(&json, "rows", (long long)result->rows);
	json_number(&json, "messages", (long long)result->messages);
	json_number(&json, "passed", (long long)result->passed);
	json_number(&json, "rejected_rows", (long long)result->rejected_rows);
	json_number(&json, "repairs", (long long)result->repairs);
	words_list(&json, pool, "repaired", result->repaired);
	words_list(&json, pool, "missing", result->missing);
	json_bool(&json, "duplicate", result->duplicate);
	json_bool(&json, "replaced", result->replaced);
	json_bool(&json, "refused", result->refused);
	json_bool(&json, "incomplete", result->incomplete);
	json_end_into(&json, &arguments->lines);
}

/* count_result - for the sums at the end */
static void count_result(struct read_arguments *arguments, const struct writer_result *result)
{
	bool counts = (!result->duplicate || result->replaced) && !result->refused;

	arguments->reports += counts;
	arguments->duplicates += result->duplicate && !result->replaced && !result->refused;
	arguments->replaced += result->replaced;
	arguments->refused += result->refused;
	if (!counts)
		return;
	arguments->rows += result->kind == INCOMING_FAILURE ? 0 : result->rows;
	arguments->messages += result->kind == INCOMING_AGGREGATE ? result->messages : 0;
	arguments->rejected_rows += result->rejected_rows;
	arguments->repairs += result->repairs;
}

/* warn_of - a file that is not as it should be */
static void warn_of(const struct read_arguments *arguments, const char *file, const char *what)
{
	if (!arguments->job.context.options.quiet)
		fprintf(stderr, "dmarcreport: %s: %s\n", file, what);
}

/* tell_file - what was in it */
static void tell_file(struct read_arguments *arguments, struct pool *pool, const char *file)
{
	const struct report_writer *writer = &arguments->writer;

	for (size_t i = 0; i < writer->count; i++) {
		count_result(arguments, &writer->results[i]);
		if (arguments->job.json)
			add_said_line(arguments, pool, file, &writer->results[i]);
	}
	if (writer->refusals > 0)
		warn_of(arguments, file, pool_printf(pool, "not read: %s", writer->refusal));
	arguments->refused += writer->refusals;
	if (writer->count == 0)
		arguments->without++;
	if (writer->count == 0 && writer->refusals == 0)
		warn_of(arguments, file, "there is no report in it");
}

/* begin_batch - a transaction */
static bool begin_batch(struct read_arguments *arguments, struct error *error)
{
	arguments->begun = deadline_after(BATCH_SECONDS);
	return store_run(arguments->job.store, "BEGIN IMMEDIATE", error);
}

/* move_batch - files that are stored; one that stays is a duplicate the next time */
static void move_batch(const struct read_arguments *arguments, size_t next)
{
	for (size_t i = arguments->first; i < next; i++) {
		const struct read_input *input = &arguments->inputs.items[i];

		if (!read_input_move(input) && !arguments->job.context.options.quiet)
			fprintf(stderr, "dmarcreport: cannot move %s to %s: %s\n", input->path,
				input->target, strerror(errno));
	}
}

/* end_batch - what was read is stored; then it is said, and files are moved */
static bool end_batch(struct read_arguments *arguments, size_t next, struct error *error)
{
	struct buffer *lines = &arguments->lines;

	if (!store_run(arguments->job.store, "COMMIT", error))
		return false;
	if (!io_write(STDOUT_FILENO, lines->data, lines->len))
		return error_set(error, STATUS_OTHER, "cannot write the result: %s",
				 strerror(errno));
	buffer_reset(lines);
	if (arguments->move)
		move_batch(arguments, next);
	arguments->first = next;
	return true;
}

/* is_full - has a batch gone on for long enough? */
static bool is_full(const struct read_arguments *arguments, size_t next)
{
	return next - arguments->first >= BATCH_FILES || deadline_left(&arguments->begun) <= 0 ||
	       arguments->lines.len > BATCH_OCTETS;
}

/* run_once - a statement that is prepared only once */
static bool run_once(struct report_store *store, unsigned number, const char *text,
		     struct error *error)
{
	sqlite3_stmt *statement = store_statement(store, number, text, error);

	return statement != NULL && store_step(store, statement, error);
}

/* take_blob - a file that is open; false if nothing more can be stored */
static bool take_blob(struct read_arguments *arguments, struct pool *pool, const char *file,
		      const struct blob *blob, struct error *error)
{
	struct report_writer *writer = &arguments->writer;
	struct report_store *store = arguments->job.store;
	struct error cause;
	size_t found;

	report_writer_file(writer, pool, file);
	if (!run_once(store, STORE_MARK_FILE, "SAVEPOINT file", error))
		return false;
	if (!intake_read(&arguments->intake, blob, &found, &cause) && !writer->failed) {
		warn_of(arguments, file, cause.text);
		arguments->failed++;
		return store_run(store, "ROLLBACK TO file; RELEASE file", error);
	}
	if (writer->failed) {
		*error = writer->error;
		return false;
	}
	tell_file(arguments, pool, file);
	return run_once(store, STORE_KEEP_FILE, "RELEASE file", error);
}

/* take_input - a file by its name */
static bool take_input(struct read_arguments *arguments, struct read_input *input,
		       struct error *error)
{
	struct pool *pool = pool_new();
	struct blob blob = {.fd = -1};
	struct error cause;
	bool good = true;

	if (read_input_open(input, &blob, &cause)) {
		good = take_blob(arguments, pool, input->name, &blob, error);
		close(blob.fd);
	} else {
		warn_of(arguments, input->name, cause.text);
		arguments->failed++;
		input->target = NULL; /* it stays where it is */
	}
	pool_free(pool);
	return good;
}

/* show_progress - on a terminal, if there is much to read */
static void show_progress(const struct read_arguments *arguments, size_t done)
{
	size_t all = arguments->inputs.count;

	if (all < PROGRESS_FROM || arguments->job.context.options.quiet || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%zu of %zu files%s", done, all, done == all ? "\n" : "");
}

/* take_inputs - all files */
static bool take_inputs(struct read_arguments *arguments, struct error *error)
{
	bool good = begin_batch(arguments, error);

	for (size_t i = 0; good && i < arguments->inputs.count; i++) {
		good = take_input(arguments, &arguments->inputs.items[i], error);
		if (good && is_full(arguments, i + 1)) {
			show_progress(arguments, i + 1);
			good = end_batch(arguments, i + 1, error) && begin_batch(arguments, error);
		}
	}
	if (good)
		show_progress(arguments, arguments->inputs.count);
	return good && end_batch(arguments, arguments->inputs.count, error);
}

/* take_stdin - one mail or file */
static bool take_stdin(struct read_arguments *arguments, struct error *error)
{
	struct pool *pool = pool_new();
	struct spool spool;
	struct blob blob;
	bool good;

	spool_init(&spool, INTAKE_MEMORY_MAX);
	good = read_stdin(&spool, &blob, error) && begin_batch(arguments, error) &&
	       take_blob(arguments, pool, "-", &blob, error) && end_batch(arguments, 0, error);
	spool_free(&spool);
	pool_free(pool);
	return good;
}

/* print_sums - one line */
static void print_sums(const struct read_arguments *arguments)
{
	if (arguments->job.context.options.quiet || arguments->job.json)
		return;
	printf("dmarcreport: %llu report%s stored (%llu rows, %llu messages)", arguments->reports,
	       arguments->reports == 1 ? "" : "s", arguments->rows, arguments->messages);
	if (arguments->duplicates > 0)
		printf(", %llu known before", arguments->duplicates);
	if (arguments->replaced > 0)
		printf(", %llu in the place of an older one", arguments->replaced);
	if (arguments->refused > 0)
		printf(", %llu refused", arguments->refused);
	if (arguments->rejected_rows > 0)
		printf(", %llu rows rejected", arguments->rejected_rows);
	if (arguments->repairs > 0)
		printf(", %llu repairs", arguments->repairs);
	if (arguments->without > 0)
		printf(", %zu without a report", arguments->without);
	if (arguments->failed > 0)
		printf(", %zu not read", arguments->failed);
	putchar('\n');
}

/* parse_domains - the names of --domains */
static bool parse_domains(struct read_arguments *arguments, const char *const **names,
			  struct error *error)
{
	struct pool *pool = arguments->job.context.pool;
	struct slice rest = slice_of(arguments->domains);
	const char **list = NULL;
	struct slice part;
	size_t count = 0;

	if (arguments->domains == NULL)
		return true;
	while (slice_cut(&rest, ',', &part)) {
		list = pool_grow(pool, list, count, sizeof(*list));
		list[count] = domain_canonical(pool, slice_trim(part));
		if (list[count++] == NULL)
			return error_set(error, STATUS_CONFIG,
					 "option --domains: \"%s\" is no list of domains, separated"
					 " by commas",
					 arguments->domains);
	}
	list = pool_grow(pool, list, count, sizeof(*list));
	list[count] = NULL;
	*names = list;
	return true;
}

/* do_read - the whole of it */
static bool do_read(void *context, int *status, struct error *error)
{
	struct read_arguments *arguments = context;
	struct report_writer *writer = &arguments->writer;
	bool good;

	report_writer_init(writer, arguments->job.store, arguments->job.context.options.now);
	writer->keep_failures = arguments->keep_failures;
	if (!parse_domains(arguments, &writer->domains, error))
		return false;
	arguments->intake = (struct intake){&writer->handler,
					    arguments->authserv_id != NULL
						? arguments->authserv_id
						: arguments->job.context.options.authserv_id,
					    is_over};
	if (!store_run(arguments->job.store, "PRAGMA cache_size = -8192", error))
		return false; /* KiB, so that a batch is written once */
	buffer_init(&arguments->lines, 2 * BATCH_OCTETS + UNPACK_TOTAL_MAX);
	good = arguments->inputs.is_stdin ? take_stdin(arguments, error)
					  : take_inputs(arguments, error);
	report_writer_end(writer);
	buffer_free(&arguments->lines);
	if (!good)
		return false;
	print_sums(arguments);
	if (arguments->failed > 0)
		*status = EX_TEMPFAIL;
	else if (arguments->reports + arguments->duplicates + arguments->replaced == 0 &&
		 arguments->without >= arguments->inputs.count && arguments->without > 0)
		*status = EX_DATAERR;
	return true;
}

/* prepare_reading - lists what is to be read */
static bool prepare_reading(void *context, struct error *error)
{
	struct read_arguments *arguments = context;
	struct store_job *job = &arguments->job;

	arguments->inputs.pool = job->context.pool;
	if (arguments->maildir != NULL &&
	    !read_inputs_maildir(&arguments->inputs, arguments->maildir, error))
		return false;
	for (size_t i = 0; i < job->operands.count; i++) {
		if (!read_inputs_add(&arguments->inputs, job->operands.items[i], error))
			return false;
	}
	arguments->inputs.is_stdin = arguments->maildir == NULL && job->operands.count == 0;
	read_inputs_allow(&arguments->inputs, &job->sandbox, arguments->move);
	return true;
}

/* check_read_options - is the command line free of contradictions? */
static bool check_read_options(void *context, struct error *error)
{
	struct read_arguments *arguments = context;

	if (arguments->move && arguments->maildir == NULL)
		return error_set(error, STATUS_CONFIG, "option --move needs -m, a Maildir");
	return true;
}

int read_main(int argc, char **argv)
{
	struct read_arguments arguments = {.move = false};
	struct store_job *job = &arguments.job;
	const struct store_command command = {
	    .synopsis = "read --store FILE [-m MAILDIR] [options] [FILE|MAILDIR...] <mail",
	    .summary = "Takes aggregate, failure and TLS reports of others into a store.",
	    .operands_max = SIZE_MAX,
	    .creates = true,
	    .check = check_read_options,
	    .prepare = prepare_reading,
	    .work = do_read,
	};
	const struct option_spec specs[] = {
	    {'m', "maildir", "DIR", "read the mails in a Maildir", option_text, &arguments.maildir,
	     0, NULL},
	    {LONG_ONLY, "move", NULL, "move what was read from new/ to cur/ of -m", option_flag,
	     &arguments.move, 0, NULL},
	    {LONG_ONLY, "domains", "LIST", "our domains; others go to the rejects", option_text,
	     &arguments.domains, 0, NULL},
	    {LONG_ONLY, "keep-failures", NULL, "keep all fields of failure reports", option_flag,
	     &arguments.keep_failures, 0, NULL},
	    {'a', "authserv-id", "ID", "name in our own result fields (host name)", option_id,
	     &arguments.authserv_id, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		store_job_option(job, specs[i]);
	return store_job_run(job, &command, &arguments, argc, argv);
}
