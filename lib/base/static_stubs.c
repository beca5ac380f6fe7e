/*
 * static_stubs - what no tool calls, in place of the C library's, where that is linked statically
 *
 * sqlite3 contains code that loads plug-ins and libspf2 code that looks up hosts; no
 * tool uses it. What glibc has for it would load shared objects into a static
 * program, too, for dlopen(3) and for the name services of nsswitch.conf, and only
 * those of the glibc that it was linked with. These in their place fail at once:
 * a static tool works without any file of the system it came from, and the linker
 * has nothing to warn of. Only programs that are linked with --wrap contain them,
 * see the Makefile.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>

void *__wrap_dlopen(const char *path, int mode);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **result);
void __wrap_freeaddrinfo(struct addrinfo *list);
struct hostent *__wrap_gethostbyname(const char *name);

void *__wrap_dlopen(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return NULL;
}

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **result)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)result;
	return EAI_FAIL;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

struct hostent *__wrap_gethostbyname(const char *name)
{
	(void)name;
	h_errno = NO_RECOVERY;
	return NULL;
}
