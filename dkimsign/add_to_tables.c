/*
 * dkimsign genkey --add - a key in both tables
 *
 * The key table first: a key that no line of the signing table names signs nothing. Each table is
 * exchanged as a whole, and all that is in it stays.
 */
#include "dkimsign.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"

#define TABLE_MODE 0644

/* read_table - what is in a table; nothing if there is no such file */
static bool read_table(struct pool *pool, const char *path, struct config_file *file,
		       struct error *error)
{
	*file = (struct config_file){.path = path, .content = slice_of("")};
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	return config_file_read(pool, path, file, error);
}

/* has_pair - is there a line with these two words? */
static bool has_pair(struct config_file file, const char *first, const char *second)
{
	struct slice line, word;

	while (config_file_next(&file, &line)) {
		if (config_file_word(&line, &word) && slice_is_nocase(word, first) &&
		    config_file_word(&line, &word) && slice_is_nocase(word, second))
			return true;
	}
	return false;
}

/* append_lines - to a table, whose last line may lack its end */
static bool append_lines(struct pool *pool, const struct config_file *file, const char *lines,
			 struct error *error)
{
	struct slice old = file->content;
	bool is_cut = old.len > 0 && old.data[old.len - 1] != '\n';
	struct buffer content;
	bool good;

	buffer_init(&content, SIZE_MAX);
	buffer_add_slice(&content, old);
	buffer_add_text(&content, is_cut ? "\n" : "");
	buffer_add_text(&content, lines);
	good = atomic_file_replace(pool, file->path, buffer_slice(&content), TABLE_MODE, error);
	buffer_free(&content);
	return good;
}

/* is_plain - are the lines of a signing table domains, or patterns? A new one gets patterns. */
static bool is_plain(struct config_file file, enum config_file_kind kind)
{
	struct slice line, word;
	bool plain = false;

	if (kind != CONFIG_FILE_UNSAID)
		return kind == CONFIG_FILE_PLAIN;
	while (config_file_next(&file, &line)) {
		config_file_word(&line, &word);
		if (slice_find(word, '*') < word.len && !slice_is(word, "*"))
			return false;
		plain = true;
	}
	return plain;
}

/* add_key_line - the key, by the name that guides give it */
static bool add_key_line(struct pool *pool, const struct new_key *key, const char *path,
			 const char *name, struct error *error)
{
	const char *value = pool_printf(pool, "%s:%s:%s", key->domain, key->selector,
					key_file_name(pool, key, "private"));
	struct config_file file;

	return read_table(pool, path, &file, error) &&
	       (has_pair(file, name, value) ||
		append_lines(pool, &file, pool_printf(pool, "%s %s\n", name, value), error));
}

/* add_signing_lines - the domain, and the hosts in it, whose own mail is from below it */
static bool add_signing_lines(struct pool *pool, const struct new_key *key, const char *path,
			      const char *name, struct error *error)
{
	enum config_file_kind kind;
	struct config_file file;
	const char *domain, *below;
	const char *lines = "";

	if (!config_file_name(&path, &kind, error) || !read_table(pool, path, &file, error))
		return false;
	domain = is_plain(file, kind) ? key->domain : pool_printf(pool, "*@%s", key->domain);
	below = pool_printf(pool, is_plain(file, kind) ? ".%s" : "*@*.%s", key->domain);
	if (!has_pair(file, domain, name))
		lines = pool_printf(pool, "%s %s\n", domain, name);
	if (!has_pair(file, below, name))
		lines = pool_printf(pool, "%s%s %s\n", lines, below, name);
	return *lines == '\0' || append_lines(pool, &file, lines, error);
}

bool key_add_to_tables(struct pool *pool, const struct new_key *key,
		       const struct key_tables_files *files, struct error *error)
{
	const char *name = pool_printf(pool, "%s._domainkey.%s", key->selector, key->domain);
	const char *key_table = files->key_table;

	return config_file_name(&key_table, NULL, error) &&
	       add_key_line(pool, key, key_table, name, error) &&
	       add_signing_lines(pool, key, files->signing_table, name, error) &&
	       dkim_tables_read(pool, files->key_table, files->signing_table, error) != NULL;
}
