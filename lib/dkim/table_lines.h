/*
 * table_lines - the lines of a key table and a signing table, as they are read and searched
 */
#ifndef ASSAY_DKIM_TABLE_LINES_H
#define ASSAY_DKIM_TABLE_LINES_H

#include "base/bytes.h"
#include "base/config_file.h"

/* A line of the key table. */
struct dkim_table_key {
	const char *name;
	const char *domain; /* canonical, or "%" */
	const char *selector;
	const char *path; /* as written */
	size_t line;
};

/* What the first word of a line in a signing table is; the plain forms most precise first. */
enum table_form {
	FORM_ADDRESS,       /* user@domain */
	FORM_DOMAIN,        /* domain */
	FORM_ADDRESS_BELOW, /* user@.domain */
	FORM_BELOW,         /* .domain */
	FORM_USER,          /* user@* */
	FORM_ANY,           /* * */
	FORM_PATTERN,
};

struct table_line {
	const char *pattern;
	enum table_form form;
	struct slice user; /* of the plain forms */
	const char *domain;
	const char *key; /* name in the key table, or "%" */
	const char *identity;
	size_t line;
};

struct dkim_tables {
	struct dkim_table_key *keys;
	const struct dkim_table_key **sorted; /* by name */
	size_t key_count;
	struct table_line *signings;
	size_t signing_count;
};

/* Where reading has come to. */
struct table_reader {
	struct pool *pool;
	struct config_file file;
	struct dkim_tables *tables;
	struct error *error;
};

/* Sets the error of a line; returns false. */
bool table_line_fails(struct table_reader *reader, const char *what);

/* Is it "%", the author's domain? */
bool table_is_percent(const char *text);

/* The two words that every line has; wanted says so if it has not. */
bool table_two_words(struct table_reader *reader, struct slice line, const char *wanted,
		     struct slice *first, struct slice *second);

/* The key of that name in lower case, or NULL. */
const struct dkim_table_key *table_find_key(const struct dkim_tables *tables, const char *name);

#endif
