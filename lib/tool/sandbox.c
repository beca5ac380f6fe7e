/*
 * sandbox - no_new_privs, Landlock and a seccomp filter; see tool/sandbox.h
 *
 * Landlock tells which files, the filter which system calls. They overlap on purpose: a filter
 * that never opens what exists already protects files where there is no Landlock.
 *
 * A system call that is refused must not cost mail. So the filter answers ENOSYS, which a C
 * library takes for an old kernel, or a caller for an error that ends in status 75. Only for
 * what nobody does but an intruder (exec, ptrace) it kills; the mail system hears of a signal,
 * and tries again, too. The kernel logs both (audit records of type 1326, with the number
 * of the call), and from version 7 on what Landlock refuses.
 *
 * It costs little, because libseccomp works when the library is built (sandbox_rules.c). In medians
 * of 400 to 1000 paired runs, as a part of the CPU time of an empty static program, which is 0.34
 * ms on the machine that the budgets are for:
 *
 *   no_new_privs; Landlock with one path and a port   less than 1 %, 1 %
 *   a seccomp filter of four instructions             11 %: the kernel translates and caches it
 *   ours, 130 instructions in a binary tree           12 %; 16 % as one long list
 *   the same made by libseccomp in each process       38 % linked statically, 100 % shared
 *   all of it: spfcheck, dmarceval, dkimsign          14, 12, 13 % (0.05 ms)
 *   dkimsign, for each further key of a table         0.3 %
 *
 * What it cannot do: forbid UDP to other ports than 53 (no kernel can as yet); forbid TCP to
 * other ports before Linux 6.7.
 */
#include "tool/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/spool.h"
#include "tool/sandbox_filter.h"

#define DNS_PORT  53
#define LINKS_MAX 40 /* as the kernel has it, path_resolution(7) */

/* A filter that sandbox_rules has made. */
struct seccomp_filter {
	const struct sock_filter *instructions;
	unsigned short count;
};

#include "tool/sandbox_filters.inc"

/* allow - one more path */
static void allow(struct sandbox *sandbox, const char *path, enum landlock_use use)
{
	sandbox->paths =
	    pool_grow(sandbox->pool, sandbox->paths, sandbox->count, sizeof(*sandbox->paths));
	sandbox->paths[sandbox->count++] = (struct sandbox_path){path, use};
}

void sandbox_allow_read(struct sandbox *sandbox, const char *path)
{
	allow(sandbox, path, LANDLOCK_READ);
}

void sandbox_allow_write(struct sandbox *sandbox, const char *directory)
{
	allow(sandbox, directory, LANDLOCK_WRITE);
}

/* directory_of - of a file, with the slash at its end; "." if none is named */
static const char *directory_of(struct pool *pool, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? pool_copy(pool, path, (size_t)(slash - path) + 1) : ".";
}

/* jump_target_of - what a symbolic link points to; NULL for anything else */
static const char *jump_target_of(struct pool *pool, const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len <= 0)
		return NULL;
	target[len] = '\0';
	if (target[0] == '/')
		return pool_copy(pool, target, (size_t)len);
	return pool_printf(pool, "%s/%s", directory_of(pool, path), target);
}

/* allow_directories - that of a file, and of what it is a symbolic link to */
static void allow_directories(struct sandbox *sandbox, const char *path, enum landlock_use use)
{
	for (unsigned i = 0; path != NULL && i <= LINKS_MAX; i++) {
		allow(sandbox, directory_of(sandbox->pool, path), use);
		path = jump_target_of(sandbox->pool, path);
	}
}

void sandbox_allow_beside(struct sandbox *sandbox, const char *path)
{
	allow_directories(sandbox, path, LANDLOCK_WRITE);
}

void sandbox_allow_read_beside(struct sandbox *sandbox, const char *path)
{
	allow_directories(sandbox, path, LANDLOCK_READ);
}

/* restrict_files - with Landlock */
static bool restrict_files(const struct sandbox *sandbox, int *version)
{
	struct landlock landlock;

	if (!landlock_begin(&landlock))
		return false;
	*version = landlock.version;
	for (size_t i = 0; i < sandbox->count; i++)
		landlock_allow(&landlock, sandbox->paths[i].path, sandbox->paths[i].use);
	if (sandbox->spool)
		landlock_allow(&landlock, spool_directory(), LANDLOCK_WRITE);
	if (sandbox->dns)
		landlock_allow_connect(&landlock, DNS_PORT);
	if (sandbox_is_sanitized()) {
		landlock_allow(&landlock, "/", LANDLOCK_READ);
		landlock_allow(&landlock, "/proc", LANDLOCK_WRITE); /* directories, too */
	}
	return landlock_enter(&landlock);
}

/* filter_for - the number of the filter */
static unsigned filter_for(const struct sandbox *sandbox)
{
	unsigned files = sandbox->spool ? SANDBOX_NEW_FILES : SANDBOX_NO_FILES;

	for (size_t i = 0; i < sandbox->count; i++) {
		if (sandbox->paths[i].use == LANDLOCK_WRITE)
			files = SANDBOX_WRITE_FILES;
		else if (files < SANDBOX_READ_FILES)
			files = SANDBOX_READ_FILES;
	}
	return files + (sandbox->dns ? SANDBOX_DNS : 0) + (sandbox->syslog ? SANDBOX_SYSLOG : 0);
}

void sandbox_allow_database(struct sandbox *sandbox, const char *path)
{
	sandbox->spool = true; /* sqlite's temporary files, see history/store.c */
	sandbox_allow_read(sandbox, "/dev/urandom"); /* names of new files come from there */
	sandbox_allow_beside(sandbox, path);
}

/*
 * restrict_calls - with seccomp
 *
 * Without SPEC_ALLOW a filter makes the whole process slower on kernels before 5.16; what it
 * prevents is of use only against code that is foreign to the process.
 */
static bool restrict_calls(const struct seccomp_filter *filter)
{
	const struct sock_fprog program = {
	    .len = filter->count,
	    .filter = (struct sock_filter *)(size_t)filter->instructions,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0;
}

bool sandbox_enter_starter(struct error *error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_set(error, STATUS_OTHER, "no_new_privs: %s", strerror(errno));
	return restrict_calls(&filters[SANDBOX_STARTER]) ||
	       error_set(error, STATUS_OTHER, "seccomp: %s", strerror(errno));
}

bool sandbox_enter(const struct sandbox *sandbox, int *version, struct error *error)
{
	bool has_landlock;
	int number;

	*version = 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_set(error, STATUS_OTHER, "no_new_privs: %s", strerror(errno));
	has_landlock = restrict_files(sandbox, version);
	number = errno;
	if (!restrict_calls(&filters[filter_for(sandbox)]))
		return error_set(error, STATUS_OTHER, "seccomp: %s", strerror(errno));
	return has_landlock || error_set(error, STATUS_OTHER, "Landlock: %s", strerror(number));
}
