/*
 * filter: all or nothing, the exit status, and the order of the steps, alone and in a stream
 *
 * Each run is a process of its own, with files as standard input and output, and a job that does
 * what its message says.
 */
#include "tool/filter_run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

#define MESSAGE "Subject: a\n\nbody\n"
#define FAILING "X-Fail: yes\n\nbody\n"

/* What a run has left. */
struct outcome {
	int status;
	char *out;
	char *said; /* on standard error, and the steps of the job */
	size_t len;
};

/* judge_by_header - fails if the message says so; its verdict is that of X-Verdict */
static bool judge_by_header(struct filter *filter, struct error *error)
{
	size_t count;

	dprintf(STDERR_FILENO, "judge\n");
	if (!filter_read_header(filter, error) || !filter_read_body(filter, NULL, NULL, error))
		return false;
	count = message_field_count(filter->message);
	if (message_find(filter->message, "X-Fail", 0) < count)
		return error_set(error, STATUS_OTHER, "as it was asked to");
	filter->verdict = message_find(filter->message, "X-Temp", 0) < count  ? RESULT_TEMPERROR
			  : message_find(filter->message, "X-Bad", 0) < count ? RESULT_FAIL
									      : RESULT_PASS;
	return true;
}

static void add_one(struct filter *filter)
{
	dprintf(STDERR_FILENO, "add_fields\n");
	message_add_field(filter->message, "X-Seen: yes");
	if (filter->frame != NULL)
		filter_add_result(filter, "test=pass");
}

static bool print_one(struct filter *filter)
{
	(void)filter;
	dprintf(STDERR_FILENO, "print\n");
	return tool_print("test=pass");
}

static void conclude_one(struct filter *filter, bool delivered)
{
	(void)filter;
	dprintf(STDERR_FILENO, "conclude %s\n", delivered ? "delivered" : "not delivered");
}

/* run_tool - in a process: the exit status of the tool */
static int run_tool(int argc, char **argv)
{
	const struct tool tool = {.name = "tool", .synopsis = "", .summary = ""};
	const struct filter_job job = {.judge = judge_by_header,
				       .add_fields = add_one,
				       .print = print_one,
				       .conclude = conclude_one};
	struct tool_context context;
	int status;

	if (tool_start(&context, &tool, pool_new(), argc, argv, &status))
		status = filter_run(&context, &job);
	tool_end(&context);
	return status;
}

/* content - of a file, from its start */
static char *content(struct pool *pool, int fd, size_t *len)
{
	char *text;

	*len = (size_t)lseek(fd, 0, SEEK_END);
	text = pool_alloc(pool, *len + 1);
	if (pread(fd, text, *len, 0) != (ssize_t)*len)
		exit(1);
	return text;
}

/* run_into - with an option or NULL, these octets on standard input, and standard output in that
 * file */
static struct outcome run_into(struct pool *pool, const char *option, struct slice input, int out)
{
	char *argv[] = {"tool", "-amx.example.org", NULL, NULL};
	int in = memfd_create("in", 0), said = memfd_create("said", 0);
	struct outcome outcome;
	size_t said_len;
	pid_t child;

	argv[2] = option != NULL ? pool_printf(pool, "%s", option) : NULL;
	if (!io_write(in, input.data, input.len) || lseek(in, 0, SEEK_SET) != 0)
		exit(1);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(said, STDERR_FILENO);
		exit(run_tool(option != NULL ? 3 : 2, argv));
	}
	waitpid(child, &outcome.status, 0);
	outcome.status = WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status) : -1;
	outcome.said = content(pool, said, &said_len);
	close(in);
	close(said);
	return outcome;
}

/* run - the same, with what comes out */
static struct outcome run(struct pool *pool, const char *option, const char *input)
{
	int out = memfd_create("out", 0);
	struct outcome outcome = run_into(pool, option, slice_of(input), out);

	outcome.out = content(pool, out, &outcome.len);
	close(out);
	return outcome;
}

static void test_alone(struct pool *pool)
{
	struct outcome got = run(pool, NULL, MESSAGE);

	is_number(got.status, 0, "a message: 0");
	is_text(got.out, "X-Seen: yes\n" MESSAGE, "... with its field on top");
	is_text(got.said, "judge\nadd_fields\nconclude delivered\n", "... step after step");
	got = run(pool, NULL, "Subject: a\r\n\r\n.\r\nb");
	is_text(got.out, "X-Seen: yes\r\nSubject: a\r\n\r\n.\r\nb",
		"line ends are those of the message");
	got = run(pool, NULL, FAILING);
	is_number(got.status, 75, "one that cannot be judged: 75");
	is_text(got.out, "", "... and not an octet of it");
	is_text(got.said, "judge\n4.3.0 tool: as it was asked to\nconclude not delivered\n",
		"... and why");
	got = run(pool, NULL, "");
	is_number(got.status, 75, "no message: 75");
	got = run(pool, "--nonsense", MESSAGE);
	is_number(got.status, 75, "a wrong command line: 75, for mail must not bounce");
	is_text(got.out, "", "... and nothing comes out");
}

static void test_full(struct pool *pool)
{
	int full = open("/dev/full", O_WRONLY);
	struct outcome got = run_into(pool, NULL, slice_of(MESSAGE), full);

	is_number(got.status, 75, "a disk that is full: 75");
	ok(strstr(got.said, "conclude not delivered") != NULL, "... nothing was delivered");
	got = run_into(pool, "-n", slice_of(MESSAGE), full);
	is_number(got.status, 75, "... with -n, too");
	close(full);
}

static void test_check(struct pool *pool)
{
	struct outcome got = run(pool, "-n", MESSAGE);

	is_number(got.status, 0, "-n: pass is 0");
	is_text(got.out, "test=pass\n", "... and a result comes out, not the message");
	is_text(got.said, "judge\nprint\nconclude delivered\n", "... no field is added");
	is_number(run(pool, "-n", "X-Bad: yes\n\n").status, 1, "-n: any other verdict is 1");
	is_number(run(pool, "-n", "X-Temp: yes\n\n").status, 75, "-n: temperror is 75");
	is_number(run(pool, "-n", FAILING).status, 75, "-n: what cannot be judged is 75");
	is_number(run(pool, "-nX", MESSAGE).status, 64, "-n: a wrong command line is 64");
}

/* framed - a frame with attributes, as text */
static const char *framed(struct pool *pool, const char *attributes, const char *message)
{
	return pool_printf(pool, "%zu:%s,%zu:%s,", strlen(attributes), attributes, strlen(message),
			   message);
}

static void test_stream(struct pool *pool)
{
	const char *good = framed(pool, "queue_id=1\n", MESSAGE);
	const char *bad = framed(pool, "queue_id=2\n", FAILING);
	const char *failed = framed(pool, "queue_id=3\nstatus=4.3.0 before\n", "");
	struct outcome got =
	    run(pool, "--stream", pool_printf(pool, "%s%s%s%s", good, bad, failed, good));
	const char *first = strstr(got.out, "X-Seen: yes\n" MESSAGE ",");

	is_number(got.status, 0, "a stream: 0 at its end");
	ok(first != NULL && strstr(first + 1, "X-Seen: yes\n" MESSAGE ",") != NULL,
	   "... each message goes on, also after one that fails");
	ok(strstr(got.out, "queue_id=1\nresult=test=pass\ndeadline=") != NULL,
	   "... with what was found");
	ok(strstr(got.out, "queue_id=2\nstatus=4.3.0 as it was asked to\n,0:,") != NULL,
	   "... one that cannot be judged goes on as a failure without a message");
	ok(strstr(got.out, failed) != NULL, "... a failure of an earlier stage as it is");
	is_text(got.said,
		"judge\nadd_fields\nconclude delivered\njudge\nconclude not delivered\n"
		"judge\nadd_fields\nconclude delivered\n",
		"... and nothing is done to that");
	is_number(run(pool, "--stream", "").status, 0, "a stream without a message: 0");
}

static void test_broken_stream(struct pool *pool)
{
	static const char *const broken[] = {
	    "hello",
	    "11:queue_id=1\n,5:bod",
	    "11:queue_id=1\n;",
	    "11:queue_id=1\n,2:a\n;",
	    "8:no equal,0:,",
	    "99999999:",
	};
	const char *bad_ip = framed(pool, "client_address=me\n", MESSAGE);
	const char *twice = framed(pool, "sender=a\nsender=b\n", MESSAGE);
	const char *bad_deadline = framed(pool, "deadline=soon\n", MESSAGE);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		is_number(run(pool, "--stream", broken[i]).status, 75, "a broken frame: 75");
	ok(strstr(run(pool, "--stream", bad_ip).out,
		  "status=4.3.0 the frame has a client_address") != NULL,
	   "what is no address is a failure of that message");
	ok(strstr(run(pool, "--stream", twice).out, "status=4.3.0 the frame has two") != NULL,
	   "so are two senders");
	ok(strstr(run(pool, "--stream", bad_deadline).out,
		  "status=4.3.0 the frame has a deadline") != NULL,
	   "and a deadline that is none");
}

static void test_room(struct pool *pool)
{
	char *attributes = pool_alloc(pool, FRAME_ATTRIBUTES_MAX);
	struct outcome got;

	memset(attributes, 'x', FRAME_ATTRIBUTES_MAX - 100);
	memcpy(attributes, "queue_id=", 9);
	attributes[FRAME_ATTRIBUTES_MAX - 101] = '\n';
	got = run(pool, "--stream", framed(pool, attributes, MESSAGE));
	ok(got.status == 0 && strstr(got.out, "X-Seen: yes\n" MESSAGE) != NULL &&
	       strstr(got.out, "result=") == NULL,
	   "a result that has no room is left out, and the message goes on");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_alone(pool);
	test_full(pool);
	test_check(pool);
	test_stream(pool);
	test_broken_stream(pool);
	test_room(pool);
	pool_free(pool);
	return done();
}
