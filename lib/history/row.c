/*
 * row - what the history keeps of a message, as values, as columns and as a line; see
 * history/row.h
 */
#include "history/row.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/pool.h"

#define LIST_TEXT_MAX    (1U << 20)
#define CHECKSUM_DIGITS  16
#define CHECKSUM_START   UINT64_C(14695981039346656037) /* FNV-1a, 64 bits */
#define CHECKSUM_FACTOR  UINT64_C(1099511628211)
#define COLUMN_SEPARATOR '\t'

/* signatures_text - a line each */
static const char *signatures_text(struct pool *pool, const struct history_row *row)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, LIST_TEXT_MAX);
	for (size_t i = 0; i < row->dkim_count; i++)
		buffer_printf(&text, "%s%s %s %s", i > 0 ? "\n" : "",
			      result_word(row->dkim[i].result), row->dkim[i].domain,
			      row->dkim[i].selector);
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

/* reasons_text - a line each */
static const char *reasons_text(struct pool *pool, const struct history_row *row)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, LIST_TEXT_MAX);
	for (size_t i = 0; i < row->reason_count; i++)
		buffer_printf(&text, "%s%s %s", i > 0 ? "\n" : "", row->reasons[i].type,
			      row->reasons[i].comment);
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

static const char *aligned_text(bool aligned)
{
	return result_word(aligned ? RESULT_PASS : RESULT_FAIL);
}

void history_row_write(struct pool *pool, const struct history_row *row,
		       struct history_texts *texts)
{
	const char *const columns[HISTORY_COLUMNS] = {
	    [HISTORY_DAY] = pool_printf(pool, "%lld", row->day),
	    [HISTORY_POLICY_DOMAIN] = row->policy_domain,
	    [HISTORY_POLICY_RECORD] = row->policy_record,
	    [HISTORY_SOURCE] = row->source,
	    [HISTORY_HEADER_FROM] = row->header_from,
	    [HISTORY_ENVELOPE_FROM] = row->envelope_from,
	    [HISTORY_SPF_DOMAIN] = row->spf_domain,
	    [HISTORY_SPF_RESULT] = result_word(row->spf_result),
	    [HISTORY_DKIM] = signatures_text(pool, row),
	    [HISTORY_DISPOSITION] = row->disposition,
	    [HISTORY_SPF_ALIGNED] = aligned_text(row->spf_aligned),
	    [HISTORY_DKIM_ALIGNED] = aligned_text(row->dkim_aligned),
	    [HISTORY_REASONS] = reasons_text(pool, row),
	    [HISTORY_COUNT] = pool_printf(pool, "%llu", row->count),
	    [HISTORY_ORGANIZATION] = row->organization != NULL ? row->organization : "",
	};

	memcpy(texts->column, columns, sizeof(columns));
}

/* cut_word - up to the next space; "" at the end */
static struct slice cut_word(struct slice *rest)
{
	struct slice word = slice_from("", 0);

	slice_cut(rest, ' ', &word);
	return word;
}

/* read_signatures - one a line; a text without any line is the empty list */
static void read_signatures(struct pool *pool, const char *text, struct history_row *row)
{
	struct history_signature *list = NULL;
	struct slice rest = slice_of(text);
	struct slice line;

	while (*text != '\0' && slice_cut(&rest, '\n', &line)) {
		list = pool_grow(pool, list, row->dkim_count, sizeof(*list));
		list[row->dkim_count].result = result_of_word(cut_word(&line));
		list[row->dkim_count].domain = slice_copy(pool, cut_word(&line));
		list[row->dkim_count++].selector = slice_copy(pool, cut_word(&line));
	}
	row->dkim = list;
}

/* read_reasons - one a line */
static void read_reasons(struct pool *pool, const char *text, struct history_row *row)
{
	struct history_reason *list = NULL;
	struct slice rest = slice_of(text);
	struct slice line;

	while (*text != '\0' && slice_cut(&rest, '\n', &line)) {
		list = pool_grow(pool, list, row->reason_count, sizeof(*list));
		list[row->reason_count].type = slice_copy(pool, cut_word(&line));
		list[row->reason_count++].comment = slice_copy(pool, line);
	}
	row->reasons = list;
}

bool history_row_read(struct pool *pool, const struct history_texts *texts, struct history_row *row)
{
	const char *const *column = texts->column;
	unsigned long long day;

	*row = (struct history_row){
	    .policy_domain = column[HISTORY_POLICY_DOMAIN],
	    .policy_record = column[HISTORY_POLICY_RECORD],
	    .organization = column[HISTORY_ORGANIZATION],
	    .source = column[HISTORY_SOURCE],
	    .header_from = column[HISTORY_HEADER_FROM],
	    .envelope_from = column[HISTORY_ENVELOPE_FROM],
	    .spf_domain = column[HISTORY_SPF_DOMAIN],
	    .spf_result = result_of_word(slice_of(column[HISTORY_SPF_RESULT])),
	    .disposition = column[HISTORY_DISPOSITION],
	    .spf_aligned = strcmp(column[HISTORY_SPF_ALIGNED], aligned_text(true)) == 0,
	    .dkim_aligned = strcmp(column[HISTORY_DKIM_ALIGNED], aligned_text(true)) == 0,
	};
	read_signatures(pool, column[HISTORY_DKIM], row);
	read_reasons(pool, column[HISTORY_REASONS], row);
	if (!slice_to_number(slice_of(column[HISTORY_DAY]), LLONG_MAX, &day) ||
	    !slice_to_number(slice_of(column[HISTORY_COUNT]), LLONG_MAX, &row->count))
		return false;
	row->day = (long long)day;
	return true;
}

/* checksum - against lines that were cut or mixed up, not against forgers */
static uint64_t checksum(struct slice text)
{
	uint64_t sum = CHECKSUM_START;

	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.data[i]) * CHECKSUM_FACTOR;
	return sum;
}

/* Octets that would end a line or a column, and what stands for them after a backslash. */
static const struct {
	char octet;
	char letter;
} escapes[] = {{'\n', 'n'}, {COLUMN_SEPARATOR, 't'}, {'\\', '\\'}};

#define ESCAPES (sizeof(escapes) / sizeof(escapes[0]))

/* escape - copies a column; returns the end of the copy */
static char *escape(char *out, const char *text)
{
	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (i < ESCAPES && escapes[i].octet != *text)
			i++;
		if (i < ESCAPES)
			*out++ = '\\';
		*out++ = i < ESCAPES ? escapes[i].letter : *text;
	}
	return out;
}

/* unescape - a copy of a column; NULL if an escape is none of ours */
static const char *unescape(struct pool *pool, struct slice text)
{
	char *copy = slice_copy(pool, text);
	char *out = copy;

	for (size_t i = 0; i < text.len; i++) {
		size_t known = 0;

		if (text.data[i] != '\\') {
			*out++ = text.data[i];
			continue;
		}
		if (++i == text.len)
			return NULL;
		while (known < ESCAPES && escapes[known].letter != text.data[i])
			known++;
		if (known == ESCAPES)
			return NULL;
		*out++ = escapes[known].octet;
	}
	*out = '\0';
	return copy;
}

const char *history_line_write(struct pool *pool, const struct history_texts *texts)
{
	size_t len = CHECKSUM_DIGITS + 1;
	char *line, *out;

	for (size_t i = 0; i < HISTORY_COLUMNS; i++)
		len += 2 * strlen(texts->column[i]) + 1;
	line = pool_alloc(pool, len + 1);
	out = line + CHECKSUM_DIGITS;
	for (size_t i = 0; i < HISTORY_COLUMNS; i++) {
		*out++ = COLUMN_SEPARATOR;
		out = escape(out, texts->column[i]);
	}
	*out = '\0';
	memcpy(line,
	       pool_printf(pool, "%0*" PRIx64, CHECKSUM_DIGITS,
			   checksum(slice_between(line + CHECKSUM_DIGITS, out))),
	       CHECKSUM_DIGITS);
	return line;
}

bool history_line_read(struct pool *pool, struct slice line, struct history_texts *texts)
{
	struct slice rest, part;
	const char *sum;

	if (line.len <= CHECKSUM_DIGITS)
		return false;
	rest = slice_skip(line, CHECKSUM_DIGITS);
	sum = pool_printf(pool, "%0*" PRIx64, CHECKSUM_DIGITS, checksum(rest));
	if (!slice_is(slice_from(line.data, CHECKSUM_DIGITS), sum))
		return false;
	slice_cut(&rest, COLUMN_SEPARATOR, &part);
	for (size_t i = 0; i < HISTORY_COLUMNS; i++) {
		bool there = slice_cut(&rest, COLUMN_SEPARATOR, &part);

		if (!there && i == HISTORY_ORGANIZATION)
			part = slice_of("");
		else if (!there)
			return false;
		texts->column[i] = unescape(pool, part);
		if (texts->column[i] == NULL)
			return false;
	}
	return !slice_cut(&rest, COLUMN_SEPARATOR, &part);
}
