/*
 * message - a message that is read, changed and written: a choice, then the message
 *
 * What is written is computed here from what was read; every octet has to be there.
 */
#include "mail/message.h"

#include <string.h>

#include "base/pool.h"
#include "dkim/sign_lint.h"
#include "fuzz.h"

#define FIRST_FIELD  "X-First: 1"
#define SECOND_FIELD "X-Second: 2\n\tfolded"
#define BARRIER      "X-Malformed-Header: continuation without a field"

/* A message in all its forms. */
struct sample {
	struct pool *pool;
	struct message *message;
	struct slice input;
	struct slice preface; /* the "From " line of a mailbox */
	size_t fields_len;
};

/* collect - a message_sink */
static void collect(void *context, const char *data, size_t len)
{
	buffer_add(context, data, len);
}

/* read_message - false if it is none; the body is what the sink gets */
static bool read_message(struct sample *sample)
{
	struct error error;
	int fd = fuzz_file(0, sample->input);
	struct buffer body;

	buffer_init(&body, SIZE_MAX);
	if (!message_read_header(sample->message, source_of_fd(fd), &error)) {
		fuzz_expect(sample->input.len == 0);
		return false;
	}
	fuzz_expect(message_read_body(sample->message, source_of_fd(fd), collect, &body, &error));
	fuzz_expect(body.len <= sample->input.len);
	fuzz_expect(slice_equal(buffer_slice(&body),
				slice_skip(sample->input, sample->input.len - body.len)));
	buffer_free(&body);
	return true;
}

/* written - the message as it leaves */
static struct slice written(const struct sample *sample)
{
	struct error error;
	int fd = fuzz_file(1, slice_of(NULL));

	fuzz_expect(message_write_fd(sample->message, fd, &error));
	return fuzz_content(sample->pool, fd);
}

/* check_field - name and value are parts of the field, which follows the one before it */
static void check_field(const struct field *field, const char *end_of_last)
{
	fuzz_expect(field->raw.len != 0);
	fuzz_expect(end_of_last == NULL || field->raw.data == end_of_last);
	fuzz_expect(fuzz_is_within(field->name, field->raw));
	fuzz_expect(fuzz_is_within(field->value, field->raw));
	fuzz_expect(!field->removed);
	for (size_t i = 0; i < field->name.len; i++)
		fuzz_expect(field->name.data[i] > ' ' && field->name.data[i] != ':');
}

/* preface_of - a whole line of a mailbox, which no field begins with, not even "From :" */
static struct slice preface_of(struct slice input)
{
	static const char start[] = "From ";
	size_t len = strlen(start);

	if (input.len <= len || memcmp(input.data, start, len) != 0 ||
	    memchr(": \t", input.data[len], 3) != NULL)
		return slice_from(input.data, 0);
	len = slice_find(input, '\n');
	return slice_from(input.data, len < input.len ? len + 1 : 0);
}

/* check_fields - the index covers the header section */
static void check_fields(struct sample *sample)
{
	size_t count = message_field_count(sample->message);
	const char *end = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(sample->message, i);

		check_field(field, end);
		end = field->raw.data + field->raw.len;
		sample->fields_len += field->raw.len;
	}
	sample->preface = preface_of(sample->input);
	fuzz_expect(sample->preface.len + sample->fields_len <= sample->input.len);
}

/* add_line - with the line end of the message */
static void add_line(struct buffer *out, const struct sample *sample, const char *line)
{
	buffer_add_text(out, line);
	buffer_add_text(out, message_line_end(sample->message));
}

/* has_barrier - a message that begins within a field */
static bool has_barrier(const struct sample *sample)
{
	char first = message_field_count(sample->message) != 0
			 ? message_field(sample->message, 0)->raw.data[0]
			 : '\0';

	return first == ' ' || first == '\t';
}

/* change - removes some fields and adds two; what the message has to be then */
static struct slice change(struct sample *sample, unsigned choice, size_t *fields)
{
	size_t count = message_field_count(sample->message);
	struct slice result;
	struct buffer out;

	buffer_init(&out, SIZE_MAX);
	buffer_add_slice(&out, sample->preface);
	add_line(&out, sample, "X-Second: 2");
	add_line(&out, sample, "\tfolded");
	add_line(&out, sample, FIRST_FIELD);
	if (has_barrier(sample))
		add_line(&out, sample, BARRIER);
	*fields = has_barrier(sample) && (choice & 1) != 0 ? 3 : 2;
	for (size_t i = 0; i < count; i++) {
		if ((choice >> i % 8 & 1) != 0) {
			message_remove_field(sample->message, i);
			continue;
		}
		buffer_add_slice(&out, message_field(sample->message, i)->raw);
		++*fields;
	}
	buffer_add_slice(&out, slice_skip(sample->input, sample->preface.len + sample->fields_len));
	message_add_field(sample->message, FIRST_FIELD);
	message_add_field(sample->message, SECOND_FIELD);
	result = slice_from(slice_copy(sample->pool, buffer_slice(&out)), out.len);
	buffer_free(&out);
	return result;
}

/* check_again - the changed message, read again, has our fields on top and no others new */
static void check_again(struct sample *sample, struct slice text, size_t fields)
{
	message_free(sample->message);
	sample->message = message_new();
	sample->input = text;
	fuzz_expect(read_message(sample));
	fuzz_expect(message_field_count(sample->message) == fields);
	fuzz_expect(slice_is(message_field(sample->message, 0)->name, "X-Second"));
	fuzz_expect(slice_is(message_field(sample->message, 1)->name, "X-First"));
	fuzz_expect(message_find(sample->message, "x-first", 0) == 1);
}

/* lint - the same body in one piece and in two */
static void lint(const struct sample *sample, unsigned choice)
{
	struct dkim_lint whole = {.line_len = 0};
	struct dkim_lint pieces = {.line_len = 0};
	size_t half = sample->input.len != 0 ? choice % sample->input.len : 0;

	dkim_lint_header(&whole, sample->message);
	dkim_lint_header(&pieces, sample->message);
	dkim_lint_body(&whole, sample->input.data, sample->input.len);
	dkim_lint_body(&pieces, sample->input.data, half);
	dkim_lint_body(&pieces, sample->input.data + half, sample->input.len - half);
	dkim_lint_finish(&whole);
	dkim_lint_finish(&pieces);
	fuzz_expect(memcmp(whole.found, pieces.found, sizeof(whole.found)) == 0);
}

void fuzz_one(struct slice input)
{
	unsigned choice = fuzz_choice(&input);
	struct sample sample = {.pool = pool_new(), .message = message_new(), .input = input};
	struct slice changed;
	size_t fields;

	if (read_message(&sample)) {
		check_fields(&sample);
		lint(&sample, choice);
		fuzz_expect(slice_equal(written(&sample), input));
		changed = change(&sample, choice, &fields);
		fuzz_expect(slice_equal(written(&sample), changed));
		check_again(&sample, changed, fields);
	}
	message_free(sample.message);
	pool_free(sample.pool);
}
