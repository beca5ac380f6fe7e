/*
 * suppress_list - who gets no reports; see report/suppress_list.h
 */
#include "report/suppress_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "mail/address.h"
#include "mail/domain.h"

/* Entries in the order of strcmp(), so that each question takes a few comparisons. */
struct suppress_list {
	struct pool *pool;
	size_t count;
	const char **entries;
};

const char *suppress_address(struct pool *pool, const char *address)
{
	struct address parsed;

	if (!address_parse_path(pool, slice_of(address), &parsed) || parsed.domain == NULL ||
	    *parsed.domain == '\0')
		return NULL;
	/* A host may tell local parts apart by case (RFC 5321 2.4); who wants no mail does not. */
	return pool_printf(pool, "%s@%s", slice_lower(pool, slice_of(parsed.local)), parsed.domain);
}

/* entry_of - a line as it is compared; NULL if it is none */
static const char *entry_of(struct pool *pool, struct slice line)
{
	bool all = line.len > 0 && line.data[0] == '.';
	const char *domain;

	if (slice_find(line, '@') < line.len)
		return suppress_address(pool, slice_copy(pool, line));
	domain = domain_canonical(pool, all ? slice_skip(line, 1) : line);
	return domain != NULL && all ? pool_printf(pool, ".%s", domain) : domain;
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

struct suppress_list *suppress_list_read(struct pool *pool, const char *path, struct error *error)
{
	struct suppress_list *list = pool_alloc(pool, sizeof(*list));
	struct config_file file;
	struct slice line;

	list->pool = pool;
	if (!config_file_read(pool, path, &file, error))
		return NULL;
	while (config_file_next(&file, &line)) {
		const char *entry = entry_of(pool, line);

		if (entry == NULL) {
			config_file_error(path, file.line, error, "is no address and no domain");
			return NULL;
		}
		list->entries = pool_grow(pool, list->entries, list->count, sizeof(*list->entries));
		list->entries[list->count++] = entry;
	}
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof(*list->entries), compare);
	return list;
}

/* has - exactly this entry */
static bool has(const struct suppress_list *list, const char *entry)
{
	return list->count > 0 &&
	       bsearch(&entry, list->entries, list->count, sizeof(*list->entries), compare) != NULL;
}

bool suppress_list_has_domain(const struct suppress_list *list, const char *domain)
{
	if (has(list, domain))
		return true;
	for (; domain != NULL; domain = domain_parent(domain)) {
		if (has(list, pool_printf(list->pool, ".%s", domain)))
			return true;
	}
	return false;
}

bool suppress_list_has_address(const struct suppress_list *list, const char *address)
{
	const char *entry = suppress_address(list->pool, address);

	return entry != NULL &&
	       (has(list, entry) || suppress_list_has_domain(list, strrchr(entry, '@') + 1));
}
