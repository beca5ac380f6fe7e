/*
 * result_table - rows of a view as an aligned table, as JSON lines or as CSV (RFC 4180)
 *
 * What strangers have written goes through here: no control character, no formula. A cell of CSV
 * that begins with = + - @ or a tab gets an apostrophe before it, so that no spreadsheet takes it
 * for a formula.
 */
#ifndef ASSAY_REPORT_RESULT_TABLE_H
#define ASSAY_REPORT_RESULT_TABLE_H

#include "base/bytes.h"
#include "base/error.h"

#define TABLE_COLUMNS_MAX 20 /* our own views have fewer */
#define TABLE_CELL_MAX    60 /* columns of a terminal that a cell of the aligned table takes */

enum table_format {
	TABLE_ALIGNED,
	TABLE_JSON,
	TABLE_CSV,
};

struct table_column {
	const char *name; /* key in JSON and CSV */
	const char *title;
	bool is_number;
};

struct result_table {
	struct pool *pool;
	enum table_format format;
	const struct table_column *columns;
	size_t column_count;
	bool continues; /* the names of the columns have been written before */
	size_t count;   /* cells */
	const char **cells;
};

void table_begin(struct result_table *table, struct pool *pool, enum table_format format,
		 const struct table_column *columns, size_t column_count);

/* The next cell, row by row. */
void table_text(struct result_table *table, const char *text);
void table_number(struct result_table *table, unsigned long long number);

/* Writes it to standard output. */
bool table_print(struct result_table *table, struct error *error);

#endif
