/*
 * sandbox - a process gives up, for good, what it does not need, before it reads what
 * strangers have written
 *
 * What remains: computing, reading and writing what is open, and what the policy allows. There
 * is no exec, no other process, no tracing, no new code in memory.
 */
#ifndef ASSAY_TOOL_SANDBOX_H
#define ASSAY_TOOL_SANDBOX_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "tool/landlock.h"

struct sandbox_path {
	const char *path;
	enum landlock_use use;
};

/* What a process still needs. Paths are as they are now; symbolic links are followed. */
struct sandbox {
	struct pool *pool;
	bool spool;  /* makes files in $TMPDIR (base/spool.h) */
	bool dns;    /* asks name servers, whose addresses it knows */
	bool syslog; /* writes there (base/system_log.h) */
	size_t count;
	struct sandbox_path *paths;
};

/* A file, or all below a directory, may be read. */
void sandbox_allow_read(struct sandbox *sandbox, const char *path);

/*
 * A file that is to be opened again later, when another may stand in its place: all below its
 * directory, and below that of what it is a symbolic link to, may be read.
 */
void sandbox_allow_read_beside(struct sandbox *sandbox, const char *path);

/* All below the directory may be read and written, and files made and removed. */
void sandbox_allow_write(struct sandbox *sandbox, const char *directory);

/* The same for the directory of a file, and for that of what it is a symbolic link to. */
void sandbox_allow_beside(struct sandbox *sandbox, const char *path);

/*
 * What an sqlite3 database at that path needs: its directory, where its journals are too, and
 * temporary files.
 */
void sandbox_allow_database(struct sandbox *sandbox, const char *path);

/*
 * Enters it. False if the kernel does not offer all of it: error says what is missing; what there
 * is has been entered. *version is that of Landlock (tool/landlock.h), or 0.
 */
bool sandbox_enter(const struct sandbox *sandbox, int *version, struct error *error);

/*
 * For a program that starts others, such as the gate: no_new_privs, and a seccomp filter without
 * what neither it nor those need (tracing, mounts, modules, namespaces, keys, waiting for
 * connections). They inherit it, and confine themselves further. Files and connections stay. False
 * with error, as above.
 */
bool sandbox_enter_starter(struct error *error);

#endif
