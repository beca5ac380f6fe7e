/*
 * dkim_canon: the examples of RFC 6376, and that the canonical text does not depend on how
 * the body is cut into pieces or on which copier does the work
 */
#include "dkim/canonicalization.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

#define BODIES     1000000
#define BODIES_FEW 50000 /* where each takes its time */
#define BODY_MAX   800
#define LARGE_EACH 500 /* one body in so many is larger than what a writer holds */
#define LARGE_MAX  20000
#define TEXT_MAX   (4 * LARGE_MAX)

/* Canonical text as it comes out of the sink. */
struct text {
	size_t len;
	char data[TEXT_MAX];
};

static struct text got, wanted;

/* collect - a message_sink; context is a text */
static void collect(void *context, const char *data, size_t len)
{
	struct text *text = context;

	if (len > sizeof(text->data) - text->len)
		exit(1);
	memcpy(text->data + text->len, data, len);
	text->len += len;
}

static void add(struct text *text, const char *data, size_t len)
{
	collect(text, data, len);
}

/* is_got - the text that was collected is this one */
static void is_got(struct slice text, const char *name)
{
	if (!ok(slice_equal(slice_from(got.data, got.len), text), "%s", name))
		printf("#    got: %.*s\n# wanted: %.*s\n", (int)got.len, got.data, (int)text.len,
		       text.data);
}

/* canonicalize - a body in one piece */
static void canonicalize(enum dkim_canon algorithm, struct slice body)
{
	struct dkim_canon_body canon;

	got.len = 0;
	dkim_canon_body_init(&canon, algorithm, collect, &got);
	dkim_canon_body_update(&canon, body.data, body.len);
	dkim_canon_body_finish(&canon);
}

/* is_body - what both algorithms make of a body */
static void is_body(struct slice body, struct slice simple, struct slice relaxed, const char *name)
{
	char point[200];

	canonicalize(DKIM_CANON_SIMPLE, body);
	snprintf(point, sizeof(point), "simple body: %s", name);
	is_got(simple, point);
	canonicalize(DKIM_CANON_RELAXED, body);
	snprintf(point, sizeof(point), "relaxed body: %s", name);
	is_got(relaxed, point);
}

#define BODY(body, simple, relaxed, name)                                                          \
	is_body(slice_from(body, sizeof(body) - 1), slice_from(simple, sizeof(simple) - 1),        \
		slice_from(relaxed, sizeof(relaxed) - 1), name)

static void test_bodies(void)
{
	BODY(" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n",
	     "the example of RFC 6376 section 3.4.5");
	BODY("", "\r\n", "", "an empty one is CRLF, or nothing");
	BODY("\r\n\r\n", "\r\n", "", "empty lines only");
	BODY(" \t", " \t\r\n", "", "white space without a line end");
	BODY(" \r\n\t\r\n", " \r\n\t\r\n", "", "white space only");
	BODY("text", "text\r\n", "text\r\n", "a missing last line end is added");
	BODY("text \t", "text \t\r\n", "text\r\n", "white space at the very end");
	BODY("a\nb\r\nc\n", "a\r\nb\r\nc\r\n", "a\r\nb\r\nc\r\n", "LF and CRLF mixed");
	BODY("a\n\n\nb\n\n\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n", "empty lines inside");
	BODY("\n\na\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n", "empty lines at the start");
	BODY("a\rb\r\r\n", "a\rb\r\r\n", "a\rb\r\r\n", "a bare CR is an ordinary byte");
	BODY("a\r", "a\r\r\n", "a\r\r\n", "a bare CR at the end is no line end");
	BODY("a \r b \r\n", "a \r b \r\n", "a \r b\r\n", "white space around a bare CR");
	BODY("\r", "\r\r\n", "\r\r\n", "a bare CR alone");
	BODY("a\0\t\0b\n", "a\0\t\0b\r\n", "a\0 \0b\r\n", "NUL bytes");
	BODY("\t\ta\t\n", "\t\ta\t\r\n", " a\r\n", "white space at the start of a line is kept");
	BODY("a\fb\f\n", "a\fb\f\r\n", "a\fb\f\r\n", "form feed is no white space");
}

/* split - a body of two pieces */
static void split(enum dkim_canon algorithm, const char *first, const char *second)
{
	struct dkim_canon_body canon;

	got.len = 0;
	dkim_canon_body_init(&canon, algorithm, collect, &got);
	dkim_canon_body_update(&canon, first, strlen(first));
	dkim_canon_body_update(&canon, second, strlen(second));
	dkim_canon_body_finish(&canon);
}

static void test_pieces(void)
{
	split(DKIM_CANON_SIMPLE, "a\r", "\nb\r\n");
	is_got(slice_of("a\r\nb\r\n"), "simple body: CR and LF in different pieces");
	split(DKIM_CANON_RELAXED, "a \r", "\n b ");
	is_got(slice_of("a\r\n b\r\n"), "relaxed body: CR and LF in different pieces");
	split(DKIM_CANON_RELAXED, "a \r", "b");
	is_got(slice_of("a \rb\r\n"), "relaxed body: a bare CR ends a piece");
	split(DKIM_CANON_RELAXED, "a\n\n", "\nb\n\n");
	is_got(slice_of("a\r\n\r\n\r\nb\r\n"), "relaxed body: empty lines in two pieces");
}

/* test_many_lines - empty lines are counted, not stored */
static void test_many_lines(void)
{
	static char lines[10000];
	struct dkim_canon_body canon;

	memset(lines, '\n', sizeof(lines));
	got.len = 0;
	dkim_canon_body_init(&canon, DKIM_CANON_RELAXED, collect, &got);
	dkim_canon_body_update(&canon, "a", 1);
	for (int i = 0; i < 10000; i++)
		dkim_canon_body_update(&canon, lines, sizeof(lines));
	ok(canon.line_ends == 100000000 && got.len == 0, "100 million empty lines are withheld");
	dkim_canon_body_finish(&canon);
	is_got(slice_of("a\r\n"), "and dropped at the end");
}

/* field_of - a field; its name is what is before white space and the colon */
static struct field field_of(const char *raw)
{
	struct slice all = slice_of(raw);
	size_t colon = slice_find(all, ':');
	struct field field = {.raw = all, .name = slice_trim(slice_from(raw, colon))};

	field.value = slice_skip(all, colon + 1);
	if (field.value.len > 0 && field.value.data[field.value.len - 1] == '\n')
		field.value.len--;
	if (field.value.len > 0 && field.value.data[field.value.len - 1] == '\r')
		field.value.len--;
	return field;
}

/* is_field - what both algorithms make of a field */
static void is_field(const char *raw, const char *simple, const char *relaxed, const char *name)
{
	struct field field = field_of(raw);
	struct dkim_canon_writer writer;
	char point[200];

	dkim_canon_writer_init(&writer, collect, &got);
	got.len = 0;
	dkim_canon_field(&writer, DKIM_CANON_SIMPLE, &field);
	dkim_canon_flush(&writer);
	snprintf(point, sizeof(point), "simple field: %s", name);
	is_got(slice_of(simple), point);
	got.len = 0;
	dkim_canon_field(&writer, DKIM_CANON_RELAXED, &field);
	dkim_canon_flush(&writer);
	snprintf(point, sizeof(point), "relaxed field: %s", name);
	is_got(slice_of(relaxed), point);
}

static void test_fields(void)
{
	is_field("A: X\r\n", "A: X\r\n", "a:X\r\n", "the first example of RFC 6376 section 3.4.5");
	is_field("B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n", "the second one");
	is_field("B : Y\t\n\tZ  \n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n", "the same with LF");
	is_field("SubJect:AbC", "SubJect:AbC\r\n", "subject:AbC\r\n", "no line end at all");
	is_field("X:\r\n", "X:\r\n", "x:\r\n", "an empty value");
	is_field("X: \t\r\n \r\n", "X: \t\r\n \r\n", "x:\r\n", "white space only");
	is_field("X:\n a\n  \n b\n", "X:\r\n a\r\n  \r\n b\r\n", "x:a b\r\n", "a line of space");
	is_field("X: a\rb\r\n", "X: a\rb\r\n", "x:a\rb\r\n", "a bare CR is an ordinary byte");
	is_field("X: a\r\r\n b\n", "X: a\r\r\n b\r\n", "x:a\r b\r\n", "a bare CR before CRLF");
	is_field("X: \xc3\xa4 : b\n", "X: \xc3\xa4 : b\r\n", "x:\xc3\xa4 : b\r\n", "UTF-8, colons");
}

/* is_signature - a signature field without its b= */
static void is_signature(enum dkim_canon algorithm, const char *raw, const char *b_value,
			 const char *canonical, const char *name)
{
	struct field field = field_of(raw);
	const char *at = strstr(raw, b_value);
	struct dkim_canon_writer writer;

	got.len = 0;
	dkim_canon_writer_init(&writer, collect, &got);
	dkim_canon_signature(&writer, algorithm, &field, slice_from(at, strlen(b_value)));
	dkim_canon_flush(&writer);
	is_got(slice_of(canonical), name);
}

static void test_signatures(void)
{
	is_signature(DKIM_CANON_SIMPLE, "D: a=1; b= xy\n z ; c=2\n", " xy\n z ", "D: a=1; b=; c=2",
		     "simple: the value of b= is cut out, no line end");
	is_signature(DKIM_CANON_RELAXED, "D: a=1;  b= xy\n z ; c=2 \n", " xy\n z ",
		     "d:a=1; b=; c=2", "relaxed: the value of b= is cut out, no line end");
	is_signature(DKIM_CANON_SIMPLE, "D: a=1; b=xyz\r\n", "xyz",
		     "D: a=1; b=", "simple: b= comes last");
	is_signature(DKIM_CANON_RELAXED, "D: b=xyz;\r\n\ta=1\r\n", "xyz", "d:b=; a=1",
		     "relaxed: b= comes first");
	is_signature(DKIM_CANON_RELAXED, "D: b=xyz;a=1\r\n", "xyz", "d:b=;a=1",
		     "relaxed: no space appears where b= was");
}

/* random_next - xorshift: the same bodies in each run */
static uint32_t random_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* random_body - text with more or less white space and line ends in it */
static size_t random_body(uint32_t *state, char *body, size_t max)
{
	static const char special[] = " \t\r\n\n \r\n";
	static const char plain[] = "ab\0\x1f!~\xe9\x80";
	size_t len = random_next(state) % max;
	uint32_t density = 1 + random_next(state) % 40;
	size_t at = 0;

	if (random_next(state) % 2 == 0)
		len = len % 24;
	while (at < len) {
		uint32_t choice = random_next(state);

		if (choice % density != 0)
			body[at++] = plain[choice / density % (sizeof(plain) - 1)];
		else
			body[at++] = special[choice / density % (sizeof(special) - 1)];
	}
	return len;
}

/* oracle_line - one line without its end, by the letter of RFC 6376 section 3.4.4 */
static void oracle_line(struct text *text, enum dkim_canon algorithm, struct slice line)
{
	if (algorithm == DKIM_CANON_SIMPLE) {
		add(text, line.data, line.len);
		return;
	}
	while (line.len > 0 && strchr(" \t", line.data[line.len - 1]) != NULL &&
	       line.data[line.len - 1] != '\0')
		line.len--;
	for (size_t i = 0; i < line.len; i++) {
		bool space = line.data[i] == ' ' || line.data[i] == '\t';

		if (!space)
			add(text, line.data + i, 1);
		else if (line.data[i + 1] != ' ' && line.data[i + 1] != '\t')
			add(text, " ", 1);
	}
}

/* oracle - a body line by line, as one would do it without regard to time */
static void oracle(struct text *text, enum dkim_canon algorithm, struct slice body)
{
	struct slice rest = body;
	size_t text_end = 0; /* after the last line that is not empty */

	text->len = 0;
	while (rest.len > 0) {
		size_t lf = slice_find(rest, '\n');
		struct slice line = slice_from(rest.data, lf);
		size_t start = text->len;

		if (lf < rest.len && lf > 0 && line.data[lf - 1] == '\r')
			line.len--;
		oracle_line(text, algorithm, line);
		if (text->len > start)
			text_end = text->len + 2;
		add(text, "\r\n", 2);
		rest = slice_skip(rest, lf < rest.len ? lf + 1 : lf);
	}
	text->len = text_end;
	if (text->len == 0 && algorithm == DKIM_CANON_SIMPLE)
		add(text, "\r\n", 2);
}

/* feed - a body in random pieces through the machine */
static void feed(enum dkim_canon algorithm, dkim_canon_copier *copier, struct slice body,
		 uint32_t *state)
{
	struct dkim_canon_body canon;
	size_t piece_max = 1 + random_next(state) % (body.len + 1);

	got.len = 0;
	dkim_canon_body_init(&canon, algorithm, collect, &got);
	canon.copier = copier;
	for (size_t at = 0, len; at < body.len; at += len) {
		len = 1 + random_next(state) % piece_max;
		if (len > body.len - at)
			len = body.len - at;
		dkim_canon_body_update(&canon, body.data + at, len);
	}
	dkim_canon_body_finish(&canon);
}

/* agrees - does the machine say what the oracle says? A copy on the heap has guarded ends. */
static bool agrees(enum dkim_canon algorithm, dkim_canon_copier *copier, struct slice body,
		   uint32_t *state)
{
	char *copy = malloc(body.len != 0 ? body.len : 1);
	bool same;

	if (copy == NULL)
		exit(1);
	memcpy(copy, body.data, body.len);
	oracle(&wanted, algorithm, body);
	feed(algorithm, copier, slice_from(copy, body.len), state);
	free(copy);
	same = slice_equal(slice_from(got.data, got.len), slice_from(wanted.data, wanted.len));
	if (!same)
		printf("# differs: %.*s\n", (int)body.len, body.data);
	return same;
}

static void test_random(void)
{
	static char data[LARGE_MAX];
	static const struct {
		const char *name;
		enum dkim_canon algorithm;
		dkim_canon_copier *copier;
	} ways[] = {
	    {"simple, byte by byte", DKIM_CANON_SIMPLE, dkim_canon_copy_bytes},
	    {"simple, in blocks", DKIM_CANON_SIMPLE, dkim_canon_copy_fast},
	    {"relaxed, byte by byte", DKIM_CANON_RELAXED, dkim_canon_copy_bytes},
	    {"relaxed, in blocks", DKIM_CANON_RELAXED, dkim_canon_copy_fast},
	};
	size_t way_count = sizeof(ways) / sizeof(ways[0]);
	unsigned differences[sizeof(ways) / sizeof(ways[0])] = {0};
	uint32_t state = 20240229;
	unsigned bodies = getenv("ASSAY_SANITIZED") == NULL ? BODIES : BODIES_FEW;

	for (unsigned i = 0; i < bodies; i++) {
		size_t max = i % LARGE_EACH == 0 ? LARGE_MAX : BODY_MAX;
		struct slice body = slice_from(data, random_body(&state, data, max));

		for (size_t way = 0; way < way_count; way++)
			differences[way] +=
			    !agrees(ways[way].algorithm, ways[way].copier, body, &state);
	}
	for (size_t way = 0; way < way_count; way++)
		ok(differences[way] == 0, "%u random bodies in random pieces: %s", bodies,
		   ways[way].name);
}

int main(void)
{
	test_bodies();
	test_pieces();
	test_many_lines();
	test_fields();
	test_signatures();
	test_random();
	return done();
}
