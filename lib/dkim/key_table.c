/*
 * key_table - reads opendkim's KeyTable; see dkim/key_table.h
 *
 * The keys are sorted by name, so that each line of the signing table finds its key in logarithmic
 * time.
 */
#include "dkim/key_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/selector.h"
#include "mail/domain.h"

/* is_path - opendkim takes anything else for the key itself */
static bool is_path(struct slice text)
{
	return slice_starts_nocase(text, "/") || slice_starts_nocase(text, "./") ||
	       slice_starts_nocase(text, "../");
}

/*
 * take_algorithm - a fourth part after the name of the file, which OpenDKIM's development branch
 * has; the key says the same, so that all but rsa-sha1 are left at that
 */
static bool take_algorithm(struct table_reader *reader, struct slice *file)
{
	size_t colon = slice_find_last(*file, ':');
	struct slice algorithm = colon < file->len ? slice_skip(*file, colon + 1) : slice_of(NULL);

	if (slice_is_nocase(algorithm, "rsa-sha1"))
		return table_line_fails(
		    reader, "nobody accepts signatures by rsa-sha1 any more (RFC 8301): "
			    "write rsa-sha256");
	if (slice_is_nocase(algorithm, "rsa-sha256") ||
	    slice_is_nocase(algorithm, "ed25519-sha256"))
		file->len = colon;
	return true;
}

/* parse_key_value - DOMAIN:SELECTOR:FILE. What is wrong with it is not repeated: it may be a key */
static bool parse_key_value(struct table_reader *reader, struct slice value,
			    struct dkim_table_key *key)
{
	struct slice rest = value;
	struct slice domain;
	struct slice selector;

	if (!slice_cut(&rest, ':', &domain) || !slice_cut(&rest, ':', &selector) || rest.len == 0)
		return table_line_fails(reader, "the second word is not DOMAIN:SELECTOR:FILE");
	key->domain = slice_is(domain, "%") ? "%" : domain_canonical(reader->pool, domain);
	if (key->domain == NULL ||
	    (!table_is_percent(key->domain) && !domain_is_qualified(key->domain)))
		return table_line_fails(reader, "the domain of the key is no domain name");
	if (!dkim_selector_is_good(selector))
		return table_line_fails(reader,
					pool_printf(reader->pool, "the selector of the key %s",
						    dkim_selector_error(selector)));
	if (!take_algorithm(reader, &rest))
		return false;
	if (!is_path(rest))
		return table_line_fails(reader,
					"the file of the key does not begin with / or ./ or ../");
	key->selector = slice_copy(reader->pool, selector);
	key->path = slice_copy(reader->pool, rest);
	return true;
}

static bool parse_key(struct table_reader *reader, struct slice line)
{
	struct dkim_tables *tables = reader->tables;
	struct dkim_table_key key = {.line = reader->file.line};
	struct slice name;
	struct slice value;

	if (!table_two_words(reader, line, "a line is NAME DOMAIN:SELECTOR:FILE", &name, &value) ||
	    !parse_key_value(reader, value, &key))
		return false;
	key.name = slice_lower(reader->pool, name);
	tables->keys = pool_grow(reader->pool, tables->keys, tables->key_count, sizeof(key));
	tables->keys[tables->key_count++] = key;
	return true;
}

static int compare_keys(const void *left, const void *right)
{
	const struct dkim_table_key *const *a = left;
	const struct dkim_table_key *const *b = right;
	int order = strcmp((*a)->name, (*b)->name);

	if (order != 0)
		return order;
	return (*a)->line < (*b)->line ? -1 : (*a)->line > (*b)->line;
}

/* sort_keys - and no two of one name */
static bool sort_keys(struct table_reader *reader)
{
	struct dkim_tables *tables = reader->tables;
	size_t count = tables->key_count;
	const struct dkim_table_key **sorted = pool_alloc(reader->pool, count * sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &tables->keys[i];
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_keys);
	tables->sorted = sorted;
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			return config_file_error(reader->file.path, sorted[i]->line, reader->error,
						 "key %s is already in line %zu", sorted[i]->name,
						 sorted[i - 1]->line);
	}
	return true;
}

bool key_table_read(struct table_reader *reader, const char *path)
{
	struct slice line;

	if (!config_file_name(&path, NULL, reader->error) ||
	    !config_file_read(reader->pool, path, &reader->file, reader->error))
		return false;
	while (config_file_next(&reader->file, &line)) {
		if (!parse_key(reader, line))
			return false;
	}
	return sort_keys(reader);
}
