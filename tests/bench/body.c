/*
 * body - canonicalization and hash of a body of 50 MB, beside the hash alone, in one process
 *
 * usage: body [LINE_LENGTH]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dkim_body.h"
#include "dkim_hash.h"
#include "io.h"
#include "pool.h"

#define BODY_LEN (50U << 20)
#define ROUNDS   9

/* seconds - CPU time of this process */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* fill - lines of base64, as in a large attachment */
static void fill(char *body, size_t line, const char *end)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz012345";

	for (size_t at = 0, column = 0; at < BODY_LEN; at++) {
		if (column < line) {
			body[at] = letters[(at * 7 + at / 97) % (sizeof(letters) - 1)];
			column++;
		} else if (end[column - line] != '\0') {
			body[at] = end[column - line];
			column++;
		} else {
			body[at] = 'x';
			column = 1;
		}
	}
}

static double hash_alone(struct dkim_crypto *crypto, const char *body)
{
	struct dkim_hash *hash = dkim_hash_new(crypto);
	double start = seconds();

	for (size_t at = 0; at < BODY_LEN; at += IO_CHUNK)
		dkim_hash_add(hash, body + at, BODY_LEN - at < IO_CHUNK ? BODY_LEN - at : IO_CHUNK);
	start = seconds() - start;
	dkim_hash_free(hash);
	return start;
}

static double hash_body(struct dkim_crypto *crypto, const char *body, enum dkim_canon canon)
{
	struct pool *pool = pool_new();
	struct dkim_body *hashes = dkim_body_new(crypto);
	struct error error;
	double start = seconds();

	dkim_body_want(hashes, pool, canon, (unsigned long long)-1);
	for (size_t at = 0; at < BODY_LEN; at += IO_CHUNK)
		dkim_body_add(hashes, body + at,
			      BODY_LEN - at < IO_CHUNK ? BODY_LEN - at : IO_CHUNK);
	if (!dkim_body_finish(hashes, &error))
		exit(1);
	start = seconds() - start;
	dkim_body_free(hashes);
	pool_free(pool);
	return start;
}

int main(int argc, char **argv)
{
	size_t line = argc > 1 ? (size_t)atol(argv[1]) : 76;
	static const char *const ends[] = {"\r\n", "\n"};
	struct error error;
	struct dkim_crypto *crypto = dkim_crypto_open(&error);
	char *body = malloc(BODY_LEN);

	if (crypto == NULL || body == NULL)
		return 1;
	for (unsigned i = 0; i < 2; i++) {
		double alone = 1e9, relaxed = 1e9, simple = 1e9;

		fill(body, line, ends[i]);
		for (unsigned round = 0; round < ROUNDS; round++) {
			double now = hash_alone(crypto, body);

			alone = now < alone ? now : alone;
			now = hash_body(crypto, body, DKIM_CANON_RELAXED);
			relaxed = now < relaxed ? now : relaxed;
			now = hash_body(crypto, body, DKIM_CANON_SIMPLE);
			simple = now < simple ? now : simple;
		}
		printf("  lines of %zu with %-4s SHA-256 alone %5.1f ms, relaxed at %.0f %%, "
		       "simple at %.0f %% of its speed\n",
		       line, i == 0 ? "CRLF" : "LF", alone * 1e3, alone / relaxed * 100,
		       alone / simple * 100);
	}
	return 0;
}
