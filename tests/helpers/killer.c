/*
 * killer - ends a process before its Nth change of a file, for tests: LD_PRELOAD=killer.so
 * KILL_AT=N
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* count - one more call; the process does not come back from the Nth */
static void count(void)
{
	static int calls;
	const char *at = getenv("KILL_AT");

	if (at != NULL && ++calls == (int)strtol(at, NULL, 10))
		__builtin_trap(); /* the sandbox has no kill() */
}

/* original - the function that is hidden by ours */
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's are reserved names
// NOLINTNEXTLINE(bugprone-macro-parentheses): a list of types
#define ORIGINAL(type, arguments) ((type(*) arguments)dlsym(RTLD_NEXT, __func__))

int mkostemp(char *path, int flags)
{
	count();
	return ORIGINAL(int, (char *, int))(path, flags);
}

int fchmod(int fd, mode_t mode)
{
	count();
	return ORIGINAL(int, (int, mode_t))(fd, mode);
}

ssize_t write(int fd, const void *data, size_t len)
{
	count();
	return ORIGINAL(ssize_t, (int, const void *, size_t))(fd, data, len);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
	count();
	return ORIGINAL(ssize_t, (int, const void *, size_t, off64_t))(fd, data, len, offset);
}

int ftruncate(int fd, off_t len)
{
	count();
	return ORIGINAL(int, (int, off_t))(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	count();
	return ORIGINAL(int, (int, off64_t))(fd, len);
}

int fdatasync(int fd)
{
	count();
	return ORIGINAL(int, (int))(fd);
}

int fsync(int fd)
{
	count();
	return ORIGINAL(int, (int))(fd);
}

int link(const char *from, const char *to)
{
	count();
	return ORIGINAL(int, (const char *, const char *))(from, to);
}

int rename(const char *from, const char *to)
{
	count();
	return ORIGINAL(int, (const char *, const char *))(from, to);
}

int unlink(const char *path)
{
	count();
	return ORIGINAL(int, (const char *))(path);
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
