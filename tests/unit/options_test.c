/*
 * options: values, modes, what an option needs, and what is said of a wrong command line
 */
#include "tool/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "mail/ip_address.h"
#include "tap.h"

#define WORDS 30 /* of a command line here */

/* What the options of the tool here set. */
struct wanted {
	bool flag;
	const char *text;
	const char *received;
	unsigned count;
	struct option_list each;
	struct option_list operands;
};

enum {
	JOB_FILTER,
	JOB_LINT,
	JOB_SERVE,
	JOBS,
};

static const struct tool_mode modes[JOBS] = {
    [JOB_FILTER] = {NULL, "when a message is handled"},
    [JOB_LINT] = {"lint", "with --lint", .is_query = true},
    [JOB_SERVE] = {"serve", "with --serve", .is_service = true},
};

/* What options_parse() has made of a command line. */
struct parsed {
	enum options_outcome outcome;
	struct common_options common;
	struct wanted wanted;
	struct error error;
};

/* Which tool it is. */
enum kind {
	WITH_MODES,
	WITHOUT_MODES, /* one job, and operands */
	FORGETFUL,     /* an option that no mode has */
	COMMAND,       /* handles no message */
};

/* parse - the words after the name of the program, between blanks */
static struct parsed parse(struct pool *pool, enum kind kind, const char *line)
{
	struct parsed parsed = {.wanted = {.each = {.pool = pool}, .operands = {.pool = pool}}};
	struct wanted *wanted = &parsed.wanted;
	bool ignored = false;
	const unsigned all = OPTION_IN(JOB_FILTER) | OPTION_IN(JOB_LINT) | OPTION_IN(JOB_SERVE);
	const struct option_spec specs[] = {
	    {'f', "flag", NULL, "a flag", option_flag, &wanted->flag, all, NULL},
	    {'x', "text", "TEXT", "a text", option_text, &wanted->text, OPTION_IN(JOB_FILTER),
	     "flag"},
	    {'c', "count", "N", "a count", option_count, &wanted->count, all, NULL, true},
	    {'r', "received", "[=N]", "optional", option_text, &wanted->received, all, "count"},
	    {'e', "each", "TEXT", "several", option_each, &wanted->each, all, NULL},
	    {'L', "lint", NULL, "lint", option_flag, &ignored, OPTION_IN(JOB_LINT), NULL},
	    {LONG_ONLY, "serve", NULL, "serve", option_flag, &ignored, OPTION_IN(JOB_SERVE), NULL},
	    {LONG_ONLY, "forgotten", NULL, "of no mode", option_flag, &ignored, 0, NULL},
	};
	const size_t count = sizeof(specs) / sizeof(specs[0]) - (kind == FORGETFUL ? 0 : 1);
	const struct tool tool = {
	    .name = "tool",
	    .synopsis = "[options]",
	    .summary = "Does nothing.",
	    .options = specs,
	    .option_count = kind == WITHOUT_MODES || kind == COMMAND ? 0 : count,
	    .operands = kind == WITHOUT_MODES ? &wanted->operands : NULL,
	    .modes = kind == WITHOUT_MODES || kind == COMMAND ? NULL : modes,
	    .mode_count = kind == WITHOUT_MODES || kind == COMMAND ? 0 : JOBS,
	    .is_command = kind == COMMAND,
	};
	char *words[WORDS + 2] = {"tool"};
	char *rest = pool_printf(pool, "-a mx.example.org %s", line);
	int argc = 1;

	if (kind == COMMAND)
		rest = pool_printf(pool, "%s", line);
	for (char *word; argc <= WORDS && (word = strtok_r(rest, " ", &rest)) != NULL;)
		words[argc++] = word;
	optind = 0; /* glibc: begin anew */
	parsed.outcome = options_parse(&tool, pool, argc, words, &parsed.common, &parsed.error);
	return parsed;
}

static void test_values(struct pool *pool)
{
	struct parsed got = parse(
	    pool, WITH_MODES, "-f --text=a -c 7 --received -e 1 -e 2 -e 2 -z zone -T 1.5 -t 5 -vq");

	is_number(got.outcome, OPTIONS_RUN, "a command line is read");
	ok(got.wanted.flag && got.wanted.count == 7, "... a flag, a number");
	is_text(got.wanted.text, "a", "... a text");
	ok(got.wanted.received == NULL, "... an argument that may be missing");
	is_number((long long)got.wanted.each.count, 3, "... an option that may come again");
	ok(got.common.timeout > 1.4 && got.common.timeout < 1.6 && got.common.now == 5 &&
	       got.common.verbose && got.common.quiet && !got.common.check,
	   "... those that all tools have");
	is_text(got.common.zone, "zone", "... -z");
	is_text(got.common.authserv_id, "mx.example.org", "... -a");
	is_text(parse(pool, WITH_MODES, "-c1 --received=3").wanted.received, "3", "--received=3");
	got = parse(pool, WITHOUT_MODES, "one -v two -- -three");
	ok(got.outcome == OPTIONS_RUN && got.wanted.operands.count == 3 && got.common.verbose,
	   "operands, before and after options");
	is_text(got.wanted.operands.items[2], "-three", "... and after --");
	got = parse(pool, WITH_MODES, "");
	ok(got.outcome == OPTIONS_RUN && got.common.mode == JOB_FILTER &&
	       got.common.now > 1000000000,
	   "nothing is asked for: mode 0, now");
}

static void test_modes(struct pool *pool)
{
	struct parsed got = parse(pool, WITH_MODES, "--lint");

	ok(got.outcome == OPTIONS_RUN && got.common.mode == JOB_LINT && got.common.check,
	   "a mode that is a query is as with -n");
	got = parse(pool, WITH_MODES, "--serve");
	ok(got.outcome == OPTIONS_RUN && got.common.mode == JOB_SERVE && !got.common.check,
	   "a mode that is a service is not");
	got = parse(pool, WITH_MODES, "--serve --lint");
	is_number(got.outcome, OPTIONS_BAD, "two modes at once are an error");
}

static void test_help(struct pool *pool)
{
	static const char *const lines[] = {"-h",        "--help",      "-V",
					    "--version", "-h --text=a", "-V --serve -n"};
	int out = dup(STDOUT_FILENO);
	enum options_outcome outcomes[6];

	fflush(stdout);
	if (freopen("/dev/null", "w", stdout) == NULL)
		exit(1);
	for (size_t i = 0; i < 6; i++)
		outcomes[i] = parse(pool, WITH_MODES, lines[i]).outcome;
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	for (size_t i = 0; i < 6; i++)
		is_number(outcomes[i], OPTIONS_DONE, lines[i]);
	is_number(parse(pool, WITH_MODES, "-h --nonsense").outcome, OPTIONS_BAD,
		  "help does not excuse an unknown option");
}

static void test_errors(struct pool *pool)
{
	static const struct {
		enum kind kind;
		const char *line;
		const char *error;
	} cases[] = {
	    {WITH_MODES, "-X", "option -X is unknown"},
	    {WITH_MODES, "-fXv", "option -X is unknown"},
	    {WITH_MODES, "--nonsense", "option --nonsense is unknown"},
	    {WITH_MODES, "--flag=3", "option --flag=3 takes no argument"},
	    {WITH_MODES, "--text", "option --text needs an argument"},
	    {WITH_MODES, "-c", "option -c needs an argument"},
	    {WITH_MODES, "-c 0", "option --count: \"0\" is not a number above 0"},
	    {WITH_MODES, "-c -1", "option --count: \"-1\" is not a number above 0"},
	    {WITH_MODES, "-c 4294967296", "option --count: \"4294967296\" is not a number above 0"},
	    {WITH_MODES, "-c 1x", "option --count: \"1x\" is not a number above 0"},
	    {WITH_MODES, "-f -f", "option --flag is given twice"},
	    {WITH_MODES, "-c 1 --count 2", "option --count is given twice"},
	    {WITH_MODES, "-T 0", "option --timeout: \"0\" is not a number of seconds up to 60"},
	    {WITH_MODES, "-T 61", "option --timeout: \"61\" is not a number of seconds up to 60"},
	    {WITH_MODES, "-T nan", "option --timeout: \"nan\" is not a number of seconds up to 60"},
	    {WITH_MODES, "-T 1s", "option --timeout: \"1s\" is not a number of seconds up to 60"},
	    {WITH_MODES, "-t 1e3",
	     "option --time: \"1e3\" is not a number of seconds since 1970, before the year 10000"},
	    {WITH_MODES, "word", "unexpected argument \"word\""},
	    {WITH_MODES, "-x a", "option --text needs --flag"},
	    {WITH_MODES, "--received", "option --received needs --count"},
	    {WITH_MODES, "--lint -f -x a", "option --text has no meaning with --lint"},
	    {WITH_MODES, "-n --serve", "option --check has no meaning with --serve"},
	    {WITH_MODES, "--stream --serve", "option --stream has no meaning with --serve"},
	    {WITH_MODES, "--stream -c 1", "option --count has no meaning with --stream"},
	    {WITH_MODES, "--stream -n", "option --check has no meaning with --stream"},
	    {WITH_MODES, "-j", "option --json needs --check"},
	    {FORGETFUL, "", "option --forgotten is in no mode"},
	    {FORGETFUL, "--forgotten", "option --forgotten is in no mode"},
	    {COMMAND, "-n", "option -n is unknown"},
	    {COMMAND, "--stream", "option --stream is unknown"},
	    {COMMAND, "word", "unexpected argument \"word\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parsed got = parse(pool, cases[i].kind, cases[i].line);

		if (ok(got.outcome == OPTIONS_BAD, "an error: \"%s\"", cases[i].line))
			is_text(got.error.text, cases[i].error, "... and which");
	}
	is_number(parse(pool, WITH_MODES, "--stream --received").outcome, OPTIONS_RUN,
		  "what an option needs may come with each frame");
	ok(parse(pool, WITH_MODES, "-X -n").common.check,
	   "an error does not hide -n, by which the exit status is chosen");
}

static void test_setters(struct pool *pool)
{
	static const char *const good_ids[] = {"mx", "mx.example.org", "a_b-c.1"};
	static const char *const bad_ids[] = {"", "a b", "a;b", "\xc3\xa4", "a/b", "(a)"};
	struct option_list ids = {.pool = pool};
	struct ip_address address;
	const char *id;
	double seconds;
	struct error error;

	for (size_t i = 0; i < sizeof(good_ids) / sizeof(good_ids[0]); i++)
		ok(option_id(good_ids[i], &id, &error), "%s is an authserv-id", good_ids[i]);
	for (size_t i = 0; i < sizeof(bad_ids) / sizeof(bad_ids[0]); i++)
		ok(!option_id(bad_ids[i], &id, &error), "\"%s\" is none", bad_ids[i]);
	ok(option_id_list("a, b ,c", &ids, &error) && ids.count == 3, "a list of ids");
	is_text(ids.items[1], "b", "... without blanks");
	ok(!option_id_list("a,,b", &ids, &error), "... none of which is empty");
	ok(option_address("2001:db8::1", &address, &error) &&
	       !option_address("mx", &address, &error),
	   "addresses");
	ok(option_seconds("0.001", &seconds, &error) && !option_seconds("inf", &seconds, &error) &&
	       !option_seconds("", &seconds, &error),
	   "seconds");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_values(pool);
	test_modes(pool);
	test_help(pool);
	test_errors(pool);
	test_setters(pool);
	pool_free(pool);
	return done();
}
