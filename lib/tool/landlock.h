/*
 * landlock - how a process gives up files and connections for good (landlock(7))
 *
 * What is not allowed before landlock_enter() is forbidden after it; files that are open stay
 * usable. Kernels differ: from version 1 (Linux 5.13) on files, from 4 (6.7) on TCP, from 6 (6.12)
 * on signals and abstract sockets are restricted.
 */
#ifndef ASSAY_TOOL_LANDLOCK_H
#define ASSAY_TOOL_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct landlock {
	int fd;
	int version; /* of what the kernel offers */
	uint64_t files;
};

enum landlock_use {
	LANDLOCK_READ,  /* a file, or all below a directory */
	LANDLOCK_WRITE, /* all below a directory: read, written, made and removed */
};

/* Begins. False with errno if the kernel has no Landlock, or it is switched off. */
bool landlock_begin(struct landlock *landlock);

/* Symbolic links are followed. A path that is not there is left out. */
void landlock_allow(struct landlock *landlock, const char *path, enum landlock_use use);

/* TCP connections to that port of any host; otherwise there are none. */
void landlock_allow_connect(struct landlock *landlock, uint16_t port);

/* Needs no_new_privs. False with errno; ends with the descriptor closed in any case. */
bool landlock_enter(struct landlock *landlock);

#endif
