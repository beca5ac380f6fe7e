/*
 * fuzz - what the fuzz targets share
 *
 * A target is one file with a fuzz_one(), which gets an input of a stranger's choice.
 * tests/fuzz/run links it with libFuzzer, which makes inputs; make check links it with replay.c,
 * which reads them from files: the seeds, and whatever has ever made a target end.
 *
 * A target does not only wait for a crash: what has to hold for every input it states with
 * fuzz_expect(). Memory comes from pool.c beside this, where ASan sees every object.
 */
#ifndef ASSAY_FUZZ_H
#define ASSAY_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "dns/dns.h"

/* The target. What was allocated for an input is released with it. */
void fuzz_one(struct slice input);

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process, so that the input is kept, unless this holds. */
#define fuzz_expect(holds)                                                                         \
	do {                                                                                       \
		if (!(holds))                                                                      \
			fuzz_fail(__FILE__, __LINE__, #holds);                                     \
	} while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* Are both NULL or the same text? */
bool fuzz_same_text(const char *a, const char *b);

/* Is everything that is in two records of one type the same? */
bool fuzz_same_record(const struct dns_record *a, const struct dns_record *b);

/* Is the slice a part of the other one? */
bool fuzz_is_within(struct slice part, struct slice whole);

/* The first octet of an input: a choice. 0 if there is none. */
unsigned fuzz_choice(struct slice *input);

/* Cuts the part up to the next line "%%" off; the whole rest if there is none. */
struct slice fuzz_part(struct slice *input);

/* Is every element closed, every entity known, every octet allowed? Attributes have no ">" in them.
 */
bool fuzz_is_xml(struct slice text);

/*
 * Files in memory with a number each, below FUZZ_FILES, so that nothing touches a disk. Both give
 * a file new content: fuzz_file() a descriptor at its start, fuzz_path() the name of the file.
 */
#define FUZZ_FILES 4
int fuzz_file(unsigned number, struct slice content);
const char *fuzz_path(unsigned number, struct slice content);

/* All that is in an open file. */
struct slice fuzz_content(struct pool *pool, int fd);

#endif
