/*
 * result_table - cells, and three ways to write them; see report/result_table.h
 */
#include "report/result_table.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"
#include "base/pool.h"

#define TEXT_MAX   (1U << 30) /* of what is written: our own memory is the bound */
#define GAP        2          /* blanks between columns */
#define CSV_DANGER "=+-@\t\r" /* what spreadsheets take for a formula */

void table_begin(struct result_table *table, struct pool *pool, enum table_format format,
		 const struct table_column *columns, size_t column_count)
{
	*table = (struct result_table){
	    .pool = pool, .format = format, .columns = columns, .column_count = column_count};
}

void table_text(struct result_table *table, const char *text)
{
	table->cells = pool_grow(table->pool, table->cells, table->count, sizeof(*table->cells));
	table->cells[table->count++] = text;
}

void table_number(struct result_table *table, unsigned long long number)
{
	table_text(table, pool_printf(table->pool, "%llu", number));
}

/* add_csv - a cell */
static void add_csv(struct buffer *out, const char *text, bool is_number)
{
	bool is_danger = !is_number && *text != '\0' && strchr(CSV_DANGER, *text) != NULL;

	if (is_number || (!is_danger && strpbrk(text, "\",\r\n;") == NULL)) {
		buffer_add_text(out, text);
		return;
	}
	buffer_add_text(out, is_danger ? "\"'" : "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buffer_add_byte(out, '"');
		buffer_add_byte(out, *text);
	}
	buffer_add_byte(out, '"');
}

/* add_rows_csv - with a line of names on top */
static void add_rows_csv(const struct result_table *table, struct buffer *out)
{
	for (size_t i = 0; !table->continues && i < table->column_count; i++)
		buffer_printf(out, "%s%s", table->columns[i].name,
			      i + 1 < table->column_count ? "," : "\r\n");
	for (size_t i = 0; table->column_count > 0 && i < table->count; i++) {
		size_t column = i % table->column_count;

		add_csv(out, table->cells[i], table->columns[column].is_number);
		buffer_add_text(out, column + 1 < table->column_count ? "," : "\r\n");
	}
}

/* add_number - as JSON has it */
static void add_cell_json(struct json *json, const struct table_column *column, const char *text)
{
	unsigned long long number;

	if (column->is_number && slice_to_number(slice_of(text), ~0ULL >> 1, &number))
		json_number(json, column->name, (long long)number);
	else
		json_string(json, column->name, text);
}

/* add_rows_json - an object a line */
static void add_rows_json(const struct result_table *table, struct buffer *out)
{
	for (size_t i = 0; i < table->count; i += table->column_count) {
		struct json json;

		json_begin(&json);
		for (size_t j = 0; j < table->column_count; j++)
			add_cell_json(&json, &table->columns[j], table->cells[i + j]);
		json_end_into(&json, out);
	}
}

/* is_start - of a character in UTF-8 */
static bool is_start(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* width_of - characters of a text, cut to what a cell takes; *len: its octets */
static size_t width_of(const char *text, size_t *len)
{
	size_t width = 0;
	size_t i = 0;

	for (; text[i] != '\0'; i++) {
		if (!is_start(text[i]))
			continue;
		if (width == TABLE_CELL_MAX)
			break;
		width++;
	}
	*len = i;
	return width;
}

/* add_blanks - that many */
static void add_blanks(struct buffer *out, size_t count)
{
	char *room = buffer_reserve(out, count);

	if (room == NULL)
		return;
	memset(room, ' ', count);
	out->len += count;
}

/* add_cell - at its place; the last one of a line is not cut and has no blanks after it */
static void add_cell(struct buffer *out, const char *text, size_t width, bool is_number,
		     bool is_last)
{
	size_t len;
	size_t own = width_of(text, &len);
	size_t blanks = width > own ? width - own : 0;

	if (is_last && !is_number) {
		buffer_add_text(out, text);
		return;
	}
	if (is_number)
		add_blanks(out, blanks);
	buffer_add(out, text, len);
	if (!is_last)
		add_blanks(out, (is_number ? 0 : blanks) + GAP);
}

/* add_rows_aligned - with titles on top */
static void add_rows_aligned(const struct result_table *table, struct buffer *out)
{
	size_t widths[TABLE_COLUMNS_MAX];
	size_t columns = table->column_count;
	size_t len;

	for (size_t i = 0; i < columns; i++)
		widths[i] = width_of(table->columns[i].title, &len);
	for (size_t i = 0; columns > 0 && i < table->count; i++) {
		size_t width = width_of(table->cells[i], &len);

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	for (size_t i = 0; columns > 0 && i < columns + table->count; i++) {
		size_t column = i % columns;
		const char *text =
		    i < columns ? table->columns[i].title : table->cells[i - columns];

		add_cell(out, text, widths[column], table->columns[column].is_number,
			 column + 1 == columns);
		if (column + 1 == columns)
			buffer_add_byte(out, '\n');
	}
}

bool table_print(struct result_table *table, struct error *error)
{
	struct buffer out;
	bool good;

	buffer_init(&out, TEXT_MAX);
	if (table->format == TABLE_CSV)
		add_rows_csv(table, &out);
	else if (table->format == TABLE_JSON)
		add_rows_json(table, &out);
	else if (table->count > 0)
		add_rows_aligned(table, &out);
	errno = EMSGSIZE; /* if it is not even tried */
	good = !out.overflow && io_write(STDOUT_FILENO, out.data, out.len);
	buffer_free(&out);
	return good ||
	       error_set(error, STATUS_OTHER, "cannot write the result: %s", strerror(errno));
}
