/*
 * stages: a command that does not end. How others end: tests/t/content_filter.t
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

int main(void)
{
	struct pool *pool = pool_new();

	test_late(pool, (char *[]){"sleep", "120", NULL}, "4.3.0 sleep has not ended in time",
		  "a command that does not end is killed");
	test_late(pool, (char *[]){"sh", "-c", "while echo x >&2; do :; done", NULL},
		  "4.3.0 sh has not ended in time", "also if it never stops talking");
	pool_free(pool);
	return done();
}
