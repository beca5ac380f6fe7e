/*
 * table_lines - the tables as they are kept; see dkim/table_lines.h
 */
#include "dkim/table_lines.h"

#include <stdlib.h>
#include <string.h>

bool table_line_fails(struct table_reader *reader, const char *what)
{
	return config_file_error(reader->file.path, reader->file.line, reader->error, "%s", what);
}

bool table_is_percent(const char *text)
{
	return strcmp(text, "%") == 0;
}

bool table_two_words(struct table_reader *reader, struct slice line, const char *wanted,
		     struct slice *first, struct slice *second)
{
	struct slice more;

	if (config_file_word(&line, first) && config_file_word(&line, second) &&
	    !config_file_word(&line, &more))
		return true;
	return table_line_fails(reader, wanted);
}

static int compare_name(const void *name, const void *key)
{
	return strcmp(name, (*(const struct dkim_table_key *const *)key)->name);
}

const struct dkim_table_key *table_find_key(const struct dkim_tables *tables, const char *name)
{
	const struct dkim_table_key **found = NULL;

	if (tables->key_count > 0)
		found = bsearch(name, tables->sorted, tables->key_count, sizeof(*tables->sorted),
				compare_name);
	return found != NULL ? *found : NULL;
}
