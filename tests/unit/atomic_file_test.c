/*
 * atomic_file_test - files that are written in full or not at all
 */
#include "base/atomic_file.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "tap.h"

/* content - of a file, NULL if it cannot be read */
static const char *content(struct pool *pool, const char *path)
{
	struct config_file file;
	struct error error;

	return config_file_read(pool, path, &file, &error) ? file.content.data : NULL;
}

static unsigned mode(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

/* file_count - in a directory */
static int file_count(const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	int count = 0;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		count += entry->d_name[0] != '.';
	if (stream != NULL)
		closedir(stream);
	return count;
}

static void test_create(struct pool *pool, const char *directory)
{
	const char *path = pool_printf(pool, "%s/new", directory);
	struct error error = {.text = ""};

	ok(atomic_file_create(pool, path, slice_of("one"), 0600, &error), "a new file");
	is_text(content(pool, path), "one", "has its content");
	is_number(mode(path), 0600, "and its mode");
	ok(!atomic_file_create(pool, path, slice_of("two"), 0644, &error) &&
	       strstr(error.text, path) != NULL,
	   "cannot be created again: %s", error.text);
	is_text(content(pool, path), "one", "and is as it was");
	is_number(file_count(directory), 1, "nothing else is left in the directory");
	ok(!atomic_file_create(pool, pool_printf(pool, "%s/absent/x", directory), slice_of(""),
			       0600, &error),
	   "a directory that is not there");
}

static void test_replace(struct pool *pool, const char *directory)
{
	const char *path = pool_printf(pool, "%s/new", directory);
	struct error error = {.text = ""};

	chmod(path, 0640);
	if (geteuid() == 0 && chown(path, 7, 8) != 0)
		ok(false, "chown");
	ok(atomic_file_replace(pool, path, slice_of("three"), 0600, &error), "a file is replaced");
	is_text(content(pool, path), "three", "it has the new content");
	is_number(mode(path), 0640, "and the old mode");
	if (geteuid() == 0) {
		struct stat status = {.st_uid = 0};

		ok(stat(path, &status) == 0 && status.st_uid == 7 && status.st_gid == 8,
		   "and the old owner");
	}
	is_number(file_count(directory), 1, "nothing else is left in the directory");
	path = pool_printf(pool, "%s/other", directory);
	ok(atomic_file_replace(pool, path, slice_of(""), 0604, &error) && mode(path) == 0604,
	   "where none was, the mode is the one that was asked for");
	unlink(path);
}

int main(void)
{
	char directory[] = "/tmp/atomic_file_test.XXXXXX";
	struct pool *pool = pool_new();

	if (mkdtemp(directory) == NULL)
		return 1;
	test_create(pool, directory);
	test_replace(pool, directory);
	unlink(pool_printf(pool, "%s/new", directory));
	rmdir(directory);
	pool_free(pool);
	return done();
}
