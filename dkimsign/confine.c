/*
 * dkimsign, what the sandbox needs for the keys of a table
 */
#include "dkimsign.h"

#include <string.h>

#include "base/pool.h"

#define KEYS_ONE_BY_ONE 64 /* of a table; with more, every file can be read */

/* directory_before - of a path up to an octet of it */
static const char *directory_before(struct pool *pool, const char *path, size_t len)
{
	size_t slash = slice_find_last(slice_from(path, len), '/');

	return slash < len ? pool_copy(pool, path, slash + 1) : ".";
}

/*
 * A rule for each of thousands of keys would take longer than signing; their directories would not
 * do, for a key can be a symbolic link.
 */
void key_allow_table(struct sandbox *sandbox, const struct dkim_tables *tables)
{
	if (dkim_tables_key_count(tables) > KEYS_ONE_BY_ONE) {
		sandbox_allow_read(sandbox, "/");
		return;
	}
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const char *path = dkim_tables_key(tables, i)->path;
		const char *percent = strchr(path, '%'); /* an author's domain comes here */

		if (percent != NULL)
			path = directory_before(sandbox->pool, path, (size_t)(percent - path));
		sandbox_allow_read(sandbox, path);
	}
}

void key_allow_successors(struct sandbox *sandbox, const struct dkim_tables *tables,
			  const struct option_list *key_files)
{
	size_t count = tables != NULL ? dkim_tables_key_count(tables) : 0;

	for (size_t i = 0; i < count && count <= KEYS_ONE_BY_ONE; i++) {
		const char *path = dkim_tables_key(tables, i)->path;

		sandbox_allow_read(sandbox, directory_before(sandbox->pool, path, strlen(path)));
	}
	for (size_t i = 0; i < key_files->count; i++) {
		const char *path = key_files->items[i];

		sandbox_allow_read(sandbox, directory_before(sandbox->pool, path, strlen(path)));
	}
}

void key_allow_changes(struct sandbox *sandbox, const struct dkim_tables *tables)
{
	const char *last = "";

	key_allow_table(sandbox, tables);
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const char *path = dkim_tables_key(tables, i)->path;
		const char *directory = directory_before(sandbox->pool, path, strlen(path));

		if (strchr(path, '%') == NULL && strcmp(directory, last) != 0)
			sandbox_allow_write(sandbox, directory);
		last = directory;
	}
}
