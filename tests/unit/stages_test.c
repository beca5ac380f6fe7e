/*
 * stages: commands that do not end, or leave something after. How others end:
 * tests/t/gate_pipe.t
 */
#include "postfix/stages.h"

#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "tap.h"

#define LONG_SECONDS  60.0
#define SHORT_SECONDS 0.2

/* test_late - a command, and what is said of it */
static void test_late(struct pool *pool, char **words, const char *wanted, const char *name)
{
	struct stages stages = {.message = STDIN_FILENO, .spare = -1, .log = {.fd = -1}};
	const struct timespec end = deadline_after(LONG_SECONDS);
	const char *reason = "";

	stages.deadline = deadline_after(SHORT_SECONDS);
	ok(!stages_run(&stages, pool, words, &reason), "%s", name);
	is_text(reason, wanted, "the reason");
	ok(deadline_left(&end) > LONG_SECONDS / 2, "at once");
	close(stages.spare);
}

/* test_background - what a stage leaves in the background must not hold the message */
static void test_background(struct pool *pool)
{
	char *words[] = {"sh", "-c", "sleep 8 & cat", NULL};
	struct stages stages = {.spare = -1, .log = {.fd = -1}};
	const struct timespec start = deadline_after(0);
	const char *reason = "";
	char text[6] = "";
	int ends[2];

	if (pipe(ends) != 0)
		return;
	stages.message = ends[0];
	stages.deadline = deadline_after(LONG_SECONDS);
	ok(write(ends[1], "Hello", 5) == 5 && close(ends[1]) == 0, "a message");
	ok(stages_run(&stages, pool, words, &reason), "a stage that leaves something behind");
	ok(deadline_passed(&start) < 4, "holds no message");
	ok(read(stages.message, text, sizeof(text)) == 5, "which is complete");
	close(stages.message);
	close(ends[0]);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_late(pool, (char *[]){"sleep", "120", NULL}, "4.3.0 sleep has not ended in time",
		  "a command that does not end is killed");
	test_late(pool, (char *[]){"sh", "-c", "while echo x >&2; do :; done", NULL},
		  "4.3.0 sh has not ended in time", "also if it never stops talking");
	test_background(pool);
	pool_free(pool);
	return done();
}
