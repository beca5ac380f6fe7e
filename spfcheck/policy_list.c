/*
 * policy_list - addresses, names and domains from options and files; see policy_list.h
 */
#include "policy_list.h"

#include <string.h>

#include "base/pool.h"

/* is_file - no address, network, name or .domain begins so */
static bool is_file(const char *argument)
{
	return argument[0] == '/' || strncmp(argument, "./", 2) == 0 ||
	       strncmp(argument, "../", 3) == 0;
}

bool policy_list_set(const char *argument, void *target, struct error *error)
{
	struct policy_list *list = target;
	struct slice rest = slice_of(argument[0] != '\0' ? argument : NULL);
	struct slice entry;

	if (is_file(argument)) {
		list->path = argument;
		list->pool = NULL; /* each version has its own */
		return true;
	}
	list->list = host_list_new(list->pool);
	while (slice_cut(&rest, ',', &entry)) {
		if (!host_list_add(list->list, slice_trim(entry), error))
			return false;
	}
	return true;
}

/* read_version - the file as it is now */
static bool read_version(struct policy_list *list, const struct stat *now, struct error *error)
{
	struct pool *pool = pool_new();
	struct host_list *read = host_list_read(pool, list->path, error);

	list->seen = *now; /* one that cannot be used is not tried again either */
	if (read == NULL) {
		pool_free(pool);
		return false;
	}
	pool_free(list->pool);
	list->pool = pool;
	list->list = read;
	return true;
}

bool policy_list_open(struct policy_list *list, struct error *error)
{
	struct stat now = {0};

	if (list->path == NULL)
		return true;
	stat(list->path, &now); /* if that fails, reading it does, and says why */
	return read_version(list, &now, error);
}

/* is_same - has the file not been touched? */
static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool policy_list_refresh(struct policy_list *list, struct error *error)
{
	struct stat now;

	/* While an editor replaces a file there may be none: it is looked for again later. */
	if (list->path == NULL || stat(list->path, &now) != 0 || is_same(&now, &list->seen))
		return true;
	return read_version(list, &now, error);
}

void policy_list_allow(const struct policy_list *list, struct sandbox *sandbox)
{
	if (list->path != NULL)
		sandbox_allow_read_beside(sandbox, list->path);
}

void policy_list_close(struct policy_list *list)
{
	if (list->path != NULL)
		pool_free(list->pool);
}

bool policy_list_contains(const struct policy_list *list, const struct ip_address *address,
			  const char *name)
{
	return list->list != NULL && host_list_contains(list->list, address, name);
}
