/*
 * messages - so many messages from so many sources into one history, as processes do it: each
 * opens the file, adds its row and closes it. CPU time for each tenth shows whether it grows.
 *
 * usage: messages DATABASE MESSAGES SOURCES
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/pool.h"
#include "history/history.h"

#define TENTHS 10
#define SPREAD 2654435761U /* Knuth's multiplier: consecutive messages are far apart */

/* seconds - CPU time of this process */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* add - one message; false if its row was not stored */
static bool add(struct history_writer *writer, unsigned number, unsigned sources)
{
	struct pool *pool = pool_new();
	unsigned source = (unsigned)(number * SPREAD) % sources;
	const char *domain = pool_printf(pool, "domain%u.example", source % 2000);
	const struct history_signature signature = {
	    .domain = domain, .selector = "mail", .result = RESULT_PASS};
	const struct history_row row = {
	    .day = 20000,
	    .policy_domain = domain,
	    .policy_record =
		pool_printf(pool, "v=DMARC1; p=reject; rua=mailto:dmarc-reports@%s", domain),
	    .source =
		pool_printf(pool, "10.%u.%u.%u", source >> 16, source >> 8 & 255, source & 255),
	    .header_from = domain,
	    .envelope_from = domain,
	    .spf_domain = domain,
	    .spf_result = RESULT_PASS,
	    .dkim_count = 1,
	    .dkim = &signature,
	    .disposition = "pass",
	    .spf_aligned = true,
	    .dkim_aligned = true,
	    .count = 1,
	};
	struct error error;
	bool stored = history_record(writer, pool, &row, &error) == HISTORY_STORED;

	if (!stored)
		fprintf(stderr, "messages: %s\n", error.text);
	pool_free(pool);
	return stored;
}

int main(int argc, char **argv)
{
	unsigned count = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned sources = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	struct history_writer *writer;
	double begin = seconds();

	if (count < TENTHS || sources == 0) {
		fprintf(stderr, "usage: messages DATABASE MESSAGES SOURCES\n");
		return 64;
	}
	writer = history_writer_new(argv[1], NULL);
	for (unsigned i = 0; i < count; i++) {
		if (!add(writer, i, sources))
			return 1;
		if ((i + 1) % (count / TENTHS) == 0) {
			printf(" %.3f", (seconds() - begin) * 1000 * TENTHS / count);
			fflush(stdout);
			begin = seconds();
		}
	}
	history_writer_free(writer);
	printf(" ms\n");
	return 0;
}
