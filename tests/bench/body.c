/*
 * body - canonicalization and hash of a body of 50 MB, beside the hash alone, in one process
 *
 * usage: body [ROUNDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/pool.h"
#include "dkim/body_hash.h"
#include "dkim/signature.h"

#define BODY_LEN (50U << 20)
#define ROUNDS   9

/* What bodies are made of: their lines differ in length and so in what they cost. */
static const struct kind {
	const char *name;
	unsigned indent_max; /* spaces before a line, four at a time */
	unsigned word_max;   /* octets; 0: one word fills the line */
	unsigned line_min;
	unsigned line_max;
} kinds[] = {
    {"lines of base64", 0, 0, 76, 76},
    {"short lines of text", 0, 10, 1, 72},
    {"indented text", 16, 10, 1, 56},
};

/* seconds - CPU time of this process */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* random_below - the same numbers in each run */
static unsigned random_below(unsigned limit)
{
	static uint32_t state = 20240229;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

/* fill_line - one line without its end; returns its length */
static size_t fill_line(char *line, const struct kind *kind)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345";
	size_t indent = kind->indent_max > 0 ? 4 * random_below(kind->indent_max / 4 + 1) : 0;
	size_t len = indent + kind->line_min + random_below(kind->line_max - kind->line_min + 1);
	size_t space = kind->word_max > 0 ? indent + 1 + random_below(kind->word_max) : len;

	memset(line, ' ', indent);
	for (size_t at = indent; at < len; at++) {
		if (at == space && at + 1 < len) {
			line[at] = ' ';
			space += 2 + random_below(kind->word_max);
		} else {
			line[at] = letters[random_below(sizeof(letters) - 1)];
		}
	}
	return len;
}

/* fill - a body of that kind */
static void fill(char *body, const struct kind *kind, const char *end)
{
	char line[256];

	for (size_t at = 0; at < BODY_LEN;) {
		size_t len = fill_line(line, kind);

		memcpy(line + len, end, strlen(end));
		len += strlen(end);
		if (len > BODY_LEN - at)
			len = BODY_LEN - at;
		memcpy(body + at, line, len);
		at += len;
	}
}

/* pass - a body in pieces as they are read */
static void pass(const char *body, message_sink *sink, void *context)
{
	for (size_t at = 0; at < BODY_LEN; at += IO_CHUNK)
		sink(context, body + at, BODY_LEN - at < IO_CHUNK ? BODY_LEN - at : IO_CHUNK);
}

static double hash_alone(const char *body)
{
	struct dkim_hash *hash = dkim_hash_new();
	double start = seconds();

	pass(body, dkim_hash_add, hash);
	start = seconds() - start;
	dkim_hash_free(hash);
	return start;
}

static double hash_body(const char *body, enum dkim_canon canon)
{
	struct pool *pool = pool_new();
	struct dkim_body *hashes = dkim_body_new();
	double start = seconds();

	dkim_body_want(hashes, pool, canon, DKIM_NO_NUMBER);
	pass(body, dkim_body_add, hashes);
	dkim_body_finish(hashes);
	start = seconds() - start;
	dkim_body_free(hashes);
	pool_free(pool);
	return start;
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* measure - the best of all rounds, in which the three take turns */
static void measure(const char *body, unsigned rounds, const char *name)
{
	double alone = 1e9, relaxed = 1e9, simple = 1e9;

	for (unsigned round = 0; round < rounds; round++) {
		alone = smaller(alone, hash_alone(body));
		relaxed = smaller(relaxed, hash_body(body, DKIM_CANON_RELAXED));
		simple = smaller(simple, hash_body(body, DKIM_CANON_SIMPLE));
	}
	printf(
	    "  %-26s SHA-256 alone %5.1f ms, relaxed at %.0f %%, simple at %.0f %% of its speed\n",
	    name, alone * 1e3, alone / relaxed * 100, alone / simple * 100);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	char *body = malloc(BODY_LEN);
	char name[64];

	if (body == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (int crlf = 1; crlf >= 0; crlf--) {
			snprintf(name, sizeof(name), "%s, %s", kinds[i].name, crlf ? "CRLF" : "LF");
			fill(body, &kinds[i], crlf ? "\r\n" : "\n");
			measure(body, rounds, name);
		}
	}
	free(body);
	return 0;
}
