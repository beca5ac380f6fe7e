/*
 * spool: the same bytes out of memory and out of a file, and no room
 */
#include "base/spool.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

#define MEMORY_MAX 100 /* of the spools here */
#define MUCH       300000

/* octet_at - of what is spooled */
static char octet_at(size_t index)
{
	return (char)(index * 7 + index / 251);
}

/* fill - with len octets, in pieces */
static bool fill(struct spool *spool, size_t len, size_t piece)
{
	char *text = memory_buffer(len + 1);
	struct error error;
	bool good = true;

	for (size_t i = 0; i < len; i++)
		text[i] = octet_at(i);
	for (size_t at = 0; good && at < len; at += piece)
		good = spool_add(spool, text + at, len - at < piece ? len - at : piece, &error);
	free(text);
	return good;
}

/* count_right - how many octets of a text are those of octet_at(), from an offset on */
static size_t count_right(const char *text, size_t len, size_t offset)
{
	size_t count = 0;

	while (count < len && text[count] == octet_at(offset + count))
		count++;
	return count;
}

/* test_size - what goes in comes out, by each of the ways */
static void test_size(size_t len, size_t piece)
{
	char *text = memory_buffer(len + 1);
	struct spool spool;
	size_t at = 0;
	ssize_t got;
	int copy = memfd_create("copy", 0);

	spool_init(&spool, MEMORY_MAX);
	ok(fill(&spool, len, piece), "%zu octets in pieces of %zu", len, piece);
	ok(spool.len == len && (spool.fd >= 0) == (len > MEMORY_MAX),
	   "... in memory up to a bound");
	ok(spool_write(&spool, copy) && lseek(copy, 0, SEEK_CUR) == (off_t)len, "... are written");
	ok(pread(copy, text, len + 1, 0) == (ssize_t)len && count_right(text, len, 0) == len,
	   "... as they were");
	while ((got = spool_read(&spool, at, text, 77)) > 0 &&
	       count_right(text, (size_t)got, at) == (size_t)got)
		at += (size_t)got;
	ok(got == 0 && at == len, "... and are read from any offset");
	ok(spool_read(&spool, len + 10, text, 1) == 0, "... beyond which there is nothing");
	ok(fill(&spool, 0, 1) && spool_write(&spool, copy) &&
	       lseek(copy, 0, SEEK_CUR) == (off_t)(2 * len),
	   "... also a second time");
	spool_free(&spool);
	close(copy);
	free(text);
}

/* count_names - of files in a directory */
static int count_names(const char *path)
{
	DIR *directory = opendir(path);
	int count = 0;

	if (directory == NULL)
		return -1;
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

static void test_directory(void)
{
	char path[] = "/tmp/spool_test.XXXXXX";
	struct spool spool;
	struct error error;

	if (mkdtemp(path) == NULL)
		exit(1);
	setenv("TMPDIR", path, 1);
	is_text(spool_directory(), path, "files go to $TMPDIR");
	spool_init(&spool, MEMORY_MAX);
	ok(fill(&spool, 10 * MEMORY_MAX, 10) && count_names(path) == 2,
	   "... and have no name there");
	spool_free(&spool);
	rmdir(path);
	spool_init(&spool, MEMORY_MAX);
	ok(spool_add(&spool, path, 10, &error), "without that directory what is short is kept");
	ok(!spool_add(&spool, path, MEMORY_MAX, &error) && strstr(error.text, path) != NULL,
	   "... what is long is an error that names it");
	is_text(error.status, STATUS_FULL, "... and tells that there is no room");
	ok(spool_file(&error) < 0, "... no file, either");
	spool_free(&spool);
	setenv("TMPDIR", "", 1);
	is_text(spool_directory(), "/tmp", "an empty $TMPDIR is none");
	unsetenv("TMPDIR");
	is_text(spool_directory(), "/tmp", "/tmp is the place otherwise");
}

int main(void)
{
	test_size(0, 1);
	test_size(MEMORY_MAX, 7);
	test_size(MEMORY_MAX + 1, 1);
	test_size(MEMORY_MAX + 1, MEMORY_MAX + 1);
	test_size(MUCH, 999);
	test_directory();
	return done();
}
