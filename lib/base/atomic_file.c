/*
 * atomic_file - files that are there in full or not at all; see atomic_file.h
 */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"

static bool failed(const char *path, struct error *error)
{
	return error_set(error, STATUS_OTHER, "cannot write %s: %s", path, strerror(errno));
}

/* sync_directory - of that file */
static bool sync_directory(struct pool *pool, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *directory = ".";
	bool done;
	int fd;

	if (slash != NULL)
		directory = pool_copy(pool, path, slash > path ? (size_t)(slash - path) : 1);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

/* become_like - owner and mode of the file that is replaced */
static bool become_like(int fd, const struct stat *status)
{
	struct stat own;

	if (fstat(fd, &own) != 0)
		return false;
	if ((own.st_uid != status->st_uid || own.st_gid != status->st_gid) &&
	    fchown(fd, status->st_uid, status->st_gid) != 0)
		return false;
	return fchmod(fd, status->st_mode & 07777) == 0;
}

/* write_temporary - NULL with errno on failure; old is the file that will be replaced, or NULL */
static const char *write_temporary(struct pool *pool, const char *path, struct slice content,
				   mode_t mode, const struct stat *old)
{
	char *temporary = pool_printf(pool, "%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	bool done;

	if (fd < 0)
		return NULL;
	done = (old != NULL ? become_like(fd, old) : fchmod(fd, mode) == 0) &&
	       io_write(fd, content.data, content.len) && fsync(fd) == 0;
	if (close(fd) == 0 && done)
		return temporary;
	unlink(temporary);
	return NULL;
}

bool atomic_file_create(struct pool *pool, const char *path, struct slice content, mode_t mode,
			struct error *error)
{
	const char *temporary = write_temporary(pool, path, content, mode, NULL);
	bool done;

	if (temporary == NULL)
		return failed(path, error);
	done = link(temporary, path) == 0; /* unlike rename() it never replaces a file */
	if (!done)
		failed(path, error);
	unlink(temporary);
	return done && (sync_directory(pool, path) || failed(path, error));
}

bool atomic_file_replace(struct pool *pool, const char *path, struct slice content, mode_t mode,
			 struct error *error)
{
	struct stat old;
	bool exists = stat(path, &old) == 0;
	const char *temporary = write_temporary(pool, path, content, mode, exists ? &old : NULL);

	if (temporary == NULL)
		return failed(path, error);
	if (rename(temporary, path) == 0)
		return sync_directory(pool, path) || failed(path, error);
	failed(path, error);
	unlink(temporary);
	return false;
}
