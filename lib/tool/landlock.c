/*
 * landlock - raw system calls; see tool/landlock.h
 *
 * The C library has no functions for them, and headers lag behind kernels: what is needed of
 * <linux/landlock.h> is here. A kernel refuses rights that it does not know, so only those of
 * its version are named.
 */
#include "tool/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT          2

/* Rights to files. */
#define FS_WRITE_FILE  (1ULL << 1)
#define FS_READ_FILE   (1ULL << 2)
#define FS_READ_DIR    (1ULL << 3)
#define FS_REMOVE_FILE (1ULL << 5)
#define FS_MAKE_REG    (1ULL << 8)
#define FS_VERSION_1   ((1ULL << 13) - 1)
#define FS_REFER       (1ULL << 13) /* version 2 */
#define FS_TRUNCATE    (1ULL << 14) /* version 3 */
#define FS_IOCTL_DEV   (1ULL << 15) /* version 5 */

#define NET_BIND_TCP    (1ULL << 0) /* version 4 */
#define NET_CONNECT_TCP (1ULL << 1)

#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* version 6 */
#define SCOPE_SIGNAL               (1ULL << 1)

#define USE_READ FS_READ_FILE
/* READ_DIR: a directory is opened to bring it to the disk. REFER: a file moves to another one. */
#define USE_WRITE                                                                                  \
	(FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_REMOVE_FILE | FS_READ_DIR | \
	 FS_REFER)

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

struct net_port_attr {
	uint64_t allowed_access;
	uint64_t port;
};

/* rights_of - the rights to files that a version knows */
static uint64_t rights_of(long version)
{
	uint64_t rights = FS_VERSION_1;

	if (version >= 2)
		rights |= FS_REFER;
	if (version >= 3)
		rights |= FS_TRUNCATE;
	if (version >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

bool landlock_begin(struct landlock *landlock)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	struct ruleset_attr attr = {.handled_access_fs = rights_of(version)};

	if (version < 1)
		return false;
	/* A longer structure is fine with older kernels if what they do not know is 0. */
	if (version >= 4)
		attr.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 6)
		attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	landlock->version = (int)version;
	landlock->files = attr.handled_access_fs;
	landlock->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return landlock->fd >= 0; /* it closes on exec */
}

void landlock_allow(struct landlock *landlock, const char *path, enum landlock_use use)
{
	uint64_t rights = use == LANDLOCK_WRITE ? USE_WRITE : USE_READ;
	struct path_beneath_attr attr = {
	    .allowed_access = rights & landlock->files,
	    .parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (attr.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, landlock->fd, RULE_PATH_BENEATH, &attr, 0);
	close(attr.parent_fd);
}

void landlock_allow_connect(struct landlock *landlock, uint16_t port)
{
	struct net_port_attr attr;

	attr.allowed_access = NET_CONNECT_TCP;
	attr.port = port;
	if (landlock->version >= 4)
		syscall(SYS_landlock_add_rule, landlock->fd, RULE_NET_PORT, &attr, 0);
}

bool landlock_enter(struct landlock *landlock)
{
	bool entered = syscall(SYS_landlock_restrict_self, landlock->fd, 0) == 0;
	int number = errno;

	close(landlock->fd);
	errno = number;
	return entered;
}
