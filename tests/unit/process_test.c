/*
 * process - how commands end, and what they leave after
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "tap.h"

#define LONG_SECONDS  30.0
#define SHORT_SECONDS 0.2
#define SAID          20

static struct pool *pool;
static int nothing; /* /dev/null */

/* run_script - by a shell; the seconds that it took */
static double run_script(const char *script, double seconds, bool leaves_rest,
			 struct process_end *end)
{
	char *words[] = {"sh", "-c", pool_printf(pool, "%s", script), NULL};
	const struct process_command command = {.words = words, .input = nothing, .output = -1};
	const struct process_limits limits = {
	    .deadline = deadline_after(seconds),
	    .grace = SHORT_SECONDS,
	    .said_max = SAID,
	    .leaves_rest = leaves_rest,
	};
	const struct timespec start = deadline_after(0);

	is_number(process_run(pool, &command, &limits, end), 0, script);
	return deadline_passed(&start);
}

static void test_ends(void)
{
	struct process_end end;

	run_script("echo out; echo err >&2; exit 3", LONG_SECONDS, false, &end);
	ok(end.in_time && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 3, "its status");
	is_text(slice_copy(pool, end.said), "out\nerr", "what it has said, on both");
	run_script("kill -9 $$", LONG_SECONDS, false, &end);
	ok(end.in_time && WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGKILL, "a signal");
	run_script("head -c 300000 /dev/zero | tr '\\0' x", LONG_SECONDS, false, &end);
	is_number((long long)end.said.len, SAID, "no more is kept than there is room for");
	ok(end.in_time && WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0,
	   "but all of it is read");
	run_script("exec >&- 2>&-; sleep 0.1; exit 4", LONG_SECONDS, false, &end);
	ok(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 4,
	   "one that has nothing more to say is waited for");
	run_script("kill -13 $$", LONG_SECONDS, false, &end);
	ok(WIFSIGNALED(end.status), "SIGPIPE is not ignored there");
}

static void test_late(void)
{
	struct process_end end;
	double taken = run_script("sleep 30", SHORT_SECONDS, false, &end);

	ok(!end.in_time && taken < LONG_SECONDS / 2, "one that does not end is ended");
	taken = run_script("trap '' TERM; while :; do sleep 1; done", SHORT_SECONDS, false, &end);
	ok(!end.in_time && WTERMSIG(end.status) == SIGKILL && taken < LONG_SECONDS / 2,
	   "also if it does not want to");
	taken = run_script("while echo x; do :; done", SHORT_SECONDS, false, &end);
	ok(!end.in_time && taken < LONG_SECONDS / 2, "also if it never stops talking");
}

/* is_alive - what a script has written the number of into a file */
static bool is_alive(const char *path)
{
	FILE *file = fopen(path, "r");
	long number = 0;

	if (file == NULL || fscanf(file, "%ld", &number) != 1)
		abort();
	fclose(file);
	for (int i = 0; i < 100 && kill((pid_t)number, 0) == 0; i++) {
		usleep(2000);
		waitpid((pid_t)number, NULL, WNOHANG);
	}
	return kill((pid_t)number, 0) == 0;
}

static void test_rest(void)
{
	char path[] = "/tmp/process_test.XXXXXX";
	const char *script;
	struct process_end end;
	double taken;

	close(mkstemp(path));
	script = pool_printf(pool, "sleep 20 & echo $! >%s; echo done", path);
	taken = run_script(script, LONG_SECONDS, false, &end);
	ok(taken < LONG_SECONDS / 3, "what holds its output in the background is not waited for");
	is_text(slice_copy(pool, end.said), "done", "its last word is heard");
	ok(!is_alive(path), "the rest of its group is ended");
	taken = run_script(script, LONG_SECONDS, true, &end);
	ok(taken < LONG_SECONDS / 3, "nor where the rest may go on");
	ok(is_alive(path), "it goes on");
	run_script(pool_printf(pool, "kill $(cat %s)", path), LONG_SECONDS, false, &end);
	script = pool_printf(pool, "sleep 20 & echo $! >%s; sleep 20", path);
	run_script(script, SHORT_SECONDS, true, &end);
	ok(!end.in_time && !is_alive(path), "when the time is up, all of the group is ended");
	remove(path);
}

static void test_missing(void)
{
	char *words[] = {"/nowhere/command", NULL};
	const struct process_command command = {.words = words, .input = nothing, .output = -1};
	const struct process_limits limits = {.deadline = deadline_after(LONG_SECONDS)};
	struct process_end end;

	is_number(process_run(pool, &command, &limits, &end), ENOENT, "no such command");
}

int main(void)
{
	pool = pool_new();
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* whoever is ended is ours to reap */
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	test_ends();
	test_late();
	test_rest();
	test_missing();
	pool_free(pool);
	return done();
}
