/*
 * canonicalization - canonicalization for DKIM (RFC 6376 section 3.4); see canonicalization.h
 *
 * What a line end or white space becomes depends on what comes after it, and that may be
 * the next piece of the body. So at both ends of a piece it is withheld, as flags and a
 * count and never as text. Between the first and the last ordinary byte of a piece
 * everything can be seen, and the rules need only the neighbours of a byte: that is
 * nearly all of a message, see dkim/body_copy.h.
 */
#include "dkim/canonicalization.h"

#include <string.h>

#include "base/ascii.h"

#define HASH_BLOCK 64 /* octets of SHA-256 (FIPS 180-4) */

void dkim_canon_writer_init(struct dkim_canon_writer *writer, message_sink *sink, void *context)
{
	writer->sink = sink;
	writer->context = context;
	writer->len = 0;
}

void dkim_canon_flush(struct dkim_canon_writer *writer)
{
	if (writer->len > 0)
		writer->sink(writer->context, writer->text, writer->len);
	writer->len = 0;
}

/* flush_blocks - what hashes take without keeping a part of it; the rest stays */
static void flush_blocks(struct dkim_canon_writer *writer)
{
	size_t len = writer->len - writer->len % HASH_BLOCK;

	writer->sink(writer->context, writer->text, len);
	writer->len -= len;
	memmove(writer->text, writer->text + len, writer->len);
}

/* put_canonical - text of any length */
static void put_canonical(struct dkim_canon_writer *writer, struct slice text)
{
	struct slice rest = text;

	while (rest.len > 0) {
		size_t room = DKIM_CANON_TEXT_MAX - writer->len;
		size_t count = rest.len < room ? rest.len : room;

		memcpy(writer->text + writer->len, rest.data, count);
		writer->len += count;
		rest = slice_skip(rest, count);
		if (writer->len == DKIM_CANON_TEXT_MAX)
			dkim_canon_flush(writer);
	}
}

static void put_byte(struct dkim_canon_writer *writer, char byte)
{
	writer->text[writer->len++] = byte;
	if (writer->len == DKIM_CANON_TEXT_MAX)
		dkim_canon_flush(writer);
}

static void put_crlf(struct dkim_canon_writer *writer)
{
	put_byte(writer, '\r');
	put_byte(writer, '\n');
}

/* put_name - a field name in lower case */
static void put_name(struct dkim_canon_writer *writer, struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		put_byte(writer, byte_lower(name.data[i]));
}

/* put_simple - text with every line end as CRLF */
static void put_simple(struct dkim_canon_writer *writer, struct slice text)
{
	struct slice rest = text;
	size_t lf;

	while ((lf = slice_find(rest, '\n')) < rest.len) {
		put_canonical(
		    writer,
		    slice_from(rest.data, lf > 0 && rest.data[lf - 1] == '\r' ? lf - 1 : lf));
		put_crlf(writer);
		rest = slice_skip(rest, lf + 1);
	}
	put_canonical(writer, rest);
}

/* is_folding - white space or part of a line end; in a value every line end means folding */
static bool is_folding(struct slice value, size_t at)
{
	if (value.data[at] == '\r')
		return at + 1 < value.len && value.data[at + 1] == '\n';
	return is_wsp(value.data[at]) || value.data[at] == '\n';
}

/* What precedes in the value that put_relaxed() is called for part by part. */
struct unfolding {
	bool text;
	bool space; /* after the text */
};

/* put_relaxed - a part of a value: unfolded, single spaces between the words, none around */
static void put_relaxed(struct dkim_canon_writer *writer, struct unfolding *before,
			struct slice part)
{
	size_t end;

	for (size_t at = 0; at < part.len; at = end) {
		for (end = at; end < part.len && !is_folding(part, end);)
			end++;
		if (end > at) {
			if (before->text && before->space)
				put_byte(writer, ' ');
			put_canonical(writer, slice_between(part.data + at, part.data + end));
			*before = (struct unfolding){.text = true};
		}
		for (; end < part.len && is_folding(part, end); end++)
			before->space = true;
	}
}

/* put_field - a field with two parts of its value, and what is between them left out */
static void put_field(struct dkim_canon_writer *writer, enum dkim_canon algorithm,
		      const struct field *field, struct slice first, struct slice second)
{
	struct unfolding before = {.text = false};

	if (algorithm == DKIM_CANON_SIMPLE) {
		put_simple(writer, slice_between(field->raw.data, field->value.data));
		put_simple(writer, first);
		put_simple(writer, second);
	} else {
		put_name(writer, field->name);
		put_byte(writer, ':');
		put_relaxed(writer, &before, first);
		put_relaxed(writer, &before, second);
	}
}

void dkim_canon_field(struct dkim_canon_writer *writer, enum dkim_canon algorithm,
		      const struct field *field)
{
	put_field(writer, algorithm, field, field->value, slice_of(NULL));
	put_crlf(writer);
}

void dkim_canon_signature(struct dkim_canon_writer *writer, enum dkim_canon algorithm,
			  const struct field *field, struct slice b_value)
{
	const char *start = field->value.data;
	const char *end = start + field->value.len;

	put_field(writer, algorithm, field, slice_between(start, b_value.data),
		  slice_between(b_value.data + b_value.len, end));
}

void dkim_canon_body_init(struct dkim_canon_body *body, enum dkim_canon algorithm,
			  message_sink *sink, void *context)
{
	dkim_canon_writer_init(&body->writer, sink, context);
	body->algorithm = algorithm;
	body->copier = dkim_canon_copy_fast;
	body->line_ends = 0;
	body->space = false;
	body->cr = false;
	body->text = false;
}

/* is_withheld - is this no ordinary byte? */
static bool is_withheld(const struct dkim_canon_body *body, char byte)
{
	if (byte == '\n' || byte == '\r')
		return true;
	return body->algorithm == DKIM_CANON_RELAXED && is_wsp(byte);
}

/* settle_canonical - an ordinary byte follows, so what was withheld counts */
static void settle_canonical(struct dkim_canon_body *body)
{
	for (; body->line_ends > 0; body->line_ends--)
		put_crlf(&body->writer);
	if (body->space)
		put_byte(&body->writer, ' ');
	if (body->cr)
		put_byte(&body->writer, '\r');
	body->text = true;
	body->space = false;
	body->cr = false;
}

/* withhold - white space, CR or LF, whose meaning depends on what follows */
static void withhold(struct dkim_canon_body *body, char byte)
{
	if (byte == '\n') {
		body->line_ends++;
		body->space = false;
		body->cr = false;
		return;
	}
	if (body->cr)
		settle_canonical(body); /* no LF followed: that CR was an ordinary byte */
	if (byte == '\r')
		body->cr = true;
	else
		body->space = true;
}

/* copy_run - what is between two ordinary bytes, and the second of them */
static void copy_run(struct dkim_canon_body *body, const char *in, const char *end)
{
	struct dkim_canon_writer *writer = &body->writer;
	struct dkim_canon_run run = {.in = in, .end = end};

	run.limit = writer->text + DKIM_CANON_TEXT_MAX;
	while (run.in < run.end) {
		run.out = writer->text + writer->len;
		body->copier(&run, body->algorithm);
		writer->len = (size_t)(run.out - writer->text);
		if (run.out >= run.limit)
			flush_blocks(writer);
	}
}

void dkim_canon_body_update(struct dkim_canon_body *body, const char *data, size_t len)
{
	const char *in = data;
	const char *end; /* after the last ordinary byte */

	if (len == 0)
		return; /* data may be NULL */
	end = data + len;
	while (end > data && is_withheld(body, end[-1]))
		end--;
	while (in < end && is_withheld(body, *in))
		withhold(body, *in++);
	if (in < end) {
		settle_canonical(body);
		put_byte(&body->writer, *in++);
		copy_run(body, in, end);
	}
	for (in = end; in < data + len; in++)
		withhold(body, *in);
}

void dkim_canon_body_finish(struct dkim_canon_body *body)
{
	if (body->cr)
		settle_canonical(body);
	if (body->text || body->algorithm == DKIM_CANON_SIMPLE)
		put_crlf(&body->writer);
	dkim_canon_flush(&body->writer);
}
