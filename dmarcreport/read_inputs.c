/*
 * read_inputs - files, Maildirs, folders; see read_inputs.h
 */
#include "read_inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "report/unpack.h"

#define SEEN_FLAGS ":2,S" /* of a Maildir: read */

/* is_directory - as far as we can see */
static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* add_root - for the sandbox */
static void add_root(struct read_inputs *inputs, const char *path)
{
	inputs->roots =
	    pool_grow(inputs->pool, inputs->roots, inputs->root_count, sizeof(*inputs->roots));
	inputs->roots[inputs->root_count++] = path;
}

/* add_input - one file */
static void add_input(struct read_inputs *inputs, const char *path, const char *target)
{
	inputs->items =
	    pool_grow(inputs->pool, inputs->items, inputs->count, sizeof(*inputs->items));
	inputs->items[inputs->count++] = (struct read_input){path, path, target};
}

/* is_visible - for scandir(3) */
static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* moved_name - where a mail of new/ goes, with the flag that it has been read */
static const char *moved_name(struct pool *pool, const char *maildir, const char *name)
{
	bool has_flags = strstr(name, ":2,") != NULL;

	return pool_printf(pool, "%s/cur/%s%s", maildir, name, has_flags ? "" : SEEN_FLAGS);
}

/* add_folder - its files, in the order of their names; maildir: they move to its cur/ */
static bool add_folder(struct read_inputs *inputs, const char *path, const char *maildir,
		       struct error *error)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_visible, alphasort);

	if (count < 0)
		return error_set(error, STATUS_CONFIG, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		const char *file = pool_printf(inputs->pool, "%s/%s", path, name);

		if (!is_directory(file))
			add_input(inputs, file,
				  maildir != NULL ? moved_name(inputs->pool, maildir, name) : NULL);
		free(entries[i]);
	}
	free(entries);
	return true;
}

/* is_maildir - has it new/ and cur/? */
static bool is_maildir(struct pool *pool, const char *path)
{
	return is_directory(pool_printf(pool, "%s/new", path)) &&
	       is_directory(pool_printf(pool, "%s/cur", path));
}

bool read_inputs_maildir(struct read_inputs *inputs, const char *path, struct error *error)
{
	if (!is_maildir(inputs->pool, path))
		return error_set(error, STATUS_CONFIG, "%s is no Maildir: it has no new/ and cur/",
				 path);
	add_root(inputs, path);
	return add_folder(inputs, pool_printf(inputs->pool, "%s/cur", path), NULL, error) &&
	       add_folder(inputs, pool_printf(inputs->pool, "%s/new", path), path, error);
}

bool read_inputs_add(struct read_inputs *inputs, const char *path, struct error *error)
{
	size_t first = inputs->count;
	bool good = true;

	add_root(inputs, path);
	if (!is_directory(path)) {
		add_input(inputs, path, NULL);
	} else if (is_maildir(inputs->pool, path)) {
		good = read_inputs_maildir(inputs, path, error);
		for (size_t i = first; i < inputs->count; i++)
			inputs->items[i].target = NULL;
	} else {
		good = add_folder(inputs, path, NULL, error);
	}
	return good;
}

void read_inputs_allow(const struct read_inputs *inputs, struct sandbox *sandbox, bool move)
{
	for (size_t i = 0; i < inputs->root_count; i++) {
		if (move)
			sandbox_allow_write(sandbox, inputs->roots[i]);
		else
			sandbox_allow_read(sandbox, inputs->roots[i]);
	}
	sandbox->spool = true;
}

bool read_input_open(const struct read_input *input, struct blob *blob, struct error *error)
{
	struct stat status;

	/* A pipe with a name would let us wait for ever. */
	blob->fd = open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (blob->fd < 0)
		return error_set(error, STATUS_OTHER, "%s", strerror(errno));
	if (fstat(blob->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(blob->fd);
		return error_set(error, STATUS_OTHER, "it is no file");
	}
	blob->data = NULL;
	blob->size = (unsigned long long)status.st_size;
	return true;
}

bool read_input_move(const struct read_input *input)
{
	return input->target == NULL || rename(input->path, input->target) == 0 || errno == ENOENT;
}

bool read_stdin(struct spool *spool, struct blob *blob, struct error *error)
{
	char *chunk = memory_buffer(IO_CHUNK);
	unsigned long long size = 0;
	bool good = true;
	ssize_t got;

	while (good && (got = io_read(STDIN_FILENO, chunk, IO_CHUNK)) > 0) {
		size += (unsigned long long)got;
		/* what is too big for a report is not kept, but read to its end: the mail
		   system may be writing */
		if (size <= UNPACK_TOTAL_MAX)
			good = spool_add(spool, chunk, (size_t)got, error);
	}
	free(chunk);
	if (good && got < 0)
		return error_set(error, STATUS_OTHER, "cannot read standard input: %s",
				 strerror(errno));
	*blob = blob_of_spool(spool, size <= UNPACK_TOTAL_MAX ? size : UNPACK_TOTAL_MAX);
	return good;
}
