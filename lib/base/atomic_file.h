/*
 * atomic_file - files that are there in full or not at all, whenever the machine stops
 *
 * The content is written to a temporary file beside the target, brought to the disk, and gets
 * its name by one system call; then the directory is brought to the disk.
 */
#ifndef ASSAY_BASE_ATOMIC_FILE_H
#define ASSAY_BASE_ATOMIC_FILE_H

#include <sys/stat.h>

#include "base/bytes.h"
#include "base/error.h"

/* A new file; it is an error if one of that name is there already. */
bool atomic_file_create(struct pool *pool, const char *path, struct slice content, mode_t mode,
			struct error *error);

/*
 * In the place of a file, if there is one: then owner and mode stay as they are and mode is not
 * used. The path must not be a symbolic link, which would be replaced itself.
 */
bool atomic_file_replace(struct pool *pool, const char *path, struct slice content, mode_t mode,
			 struct error *error);

#endif
