/*
 * export_row - a row of the history as CSV or JSON; see export_row.h
 */
#include "export_row.h"

#include <string.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "day_text.h"
#include "dmarc/dmarc_record.h"

/* A column of the output: of the row, or made from it. */
static const struct {
	const char *name;
	enum history_column column; /* HISTORY_COLUMNS: see value_of() */
	bool is_list;               /* one item a line in the row */
	bool is_number;
} columns[] = {
    {"day", HISTORY_DAY, false, false},
    {"host", HISTORY_COLUMNS, false, false},
    {"policy_domain", HISTORY_POLICY_DOMAIN, false, false},
    {"organization", HISTORY_ORGANIZATION, false, false},
    {"policy", HISTORY_POLICY_RECORD, false, false},
    {"source", HISTORY_SOURCE, false, false},
    {"header_from", HISTORY_HEADER_FROM, false, false},
    {"envelope_from", HISTORY_ENVELOPE_FROM, false, false},
    {"spf_domain", HISTORY_SPF_DOMAIN, false, false},
    {"spf", HISTORY_SPF_RESULT, false, false},
    {"dkim", HISTORY_DKIM, true, false},
    {"disposition", HISTORY_DISPOSITION, false, false},
    {"spf_aligned", HISTORY_SPF_ALIGNED, false, false},
    {"dkim_aligned", HISTORY_DKIM_ALIGNED, false, false},
    {"reasons", HISTORY_REASONS, true, false},
    {"messages", HISTORY_COUNT, false, true},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* clean - without NUL or octets that are no UTF-8, which no engine takes */
static const char *clean(struct pool *pool, const char *text)
{
	char *copy = pool_printf(pool, "%s", text);

	for (char *at = copy; *at != '\0';) {
		size_t len = (*at & '\x80') != 0 ? skip_utf8_tail(slice_of(at)) : 1;

		if (len == 0)
			*at = '?';
		at += len > 0 ? len : 1;
	}
	return copy;
}

/* value_of - a column as a text */
static const char *value_of(struct pool *pool, size_t i, const char *host,
			    const struct history_texts *texts)
{
	const char *text;
	unsigned long long day = 0;

	if (columns[i].column == HISTORY_COLUMNS)
		return host;
	text = texts->column[columns[i].column];
	if (columns[i].column == HISTORY_DAY) {
		slice_to_number(slice_of(text), HISTORY_DAY_MAX, &day);
		return day_text(pool, (long long)day);
	}
	return clean(pool, text);
}

/* number_of_column - a count; what is none, in a damaged file, is 0 */
static long long number_of_column(const char *text)
{
	unsigned long long number = 0;

	slice_to_number(slice_of(text), 1ULL << 62, &number);
	return (long long)number;
}

void export_row_head(struct buffer *out)
{
	for (size_t i = 0; i < COLUMNS; i++)
		buffer_printf(out, "%s%s", i > 0 ? "," : "", columns[i].name);
	buffer_add_text(out, "\r\n");
}

/* add_export_field - in quotes if it needs them; the items of a list with "; " between them */
static void add_export_field(struct buffer *out, const char *text)
{
	bool quoted = text[strcspn(text, ",\"\r\n")] != '\0' || *text == ' ';

	if (quoted)
		buffer_add_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buffer_add_text(out, "; ");
			continue;
		}
		if (*text == '"')
			buffer_add_byte(out, '"');
		buffer_add_byte(out, *text);
	}
	if (quoted)
		buffer_add_byte(out, '"');
}

void export_row_csv(struct pool *pool, struct buffer *out, const char *host,
		    const struct history_texts *texts)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *value = value_of(pool, i, host, texts);

		if (i > 0)
			buffer_add_byte(out, ',');
		if (columns[i].is_number)
			buffer_printf(out, "%lld", number_of_column(value));
		else
			add_export_field(out, value);
	}
	buffer_add_text(out, "\r\n");
}

/* add_list - an item for each line */
static void add_list(struct pool *pool, struct json *json, const char *name, const char *text)
{
	struct slice rest = slice_of(text);
	struct slice line;

	json_list_begin(json, name);
	while (*text != '\0' && slice_cut(&rest, '\n', &line))
		json_item(json, slice_copy(pool, slice_trim(line)));
	json_list_end(json);
}

void export_row_json(struct pool *pool, struct buffer *out, const char *host,
		     const struct history_texts *texts)
{
	struct json json;

	json_begin(&json);
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *value = value_of(pool, i, host, texts);

		if (columns[i].is_list)
			add_list(pool, &json, columns[i].name, value);
		else if (columns[i].is_number)
			json_number(&json, columns[i].name, number_of_column(value));
		else
			json_string(&json, columns[i].name, value);
	}
	json_end_into(&json, out);
}
