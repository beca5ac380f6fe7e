/*
 * spf_received - the Received-SPF field (RFC 7208 section 9.1); see spf/spf_received.h
 *
 * Everything a stranger chose stands in a quoted-string or is left out: control
 * characters, ill-formed UTF-8, and any 8-bit text where UTF-8 would turn a message into
 * one that needs SMTPUTF8 (RFC 6531) although its envelope does not.
 */
#include "spf/spf_received.h"

#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define COLUMNS_MAX 77  /* RFC 5322 2.1.1: lines should have no more than 78 */
#define TAB_COLUMNS 8   /* what a fold counts */
#define VALUE_MAX   480 /* RFC 5322 2.1.1: a line has 998, and quoting may double the value */

#define FIELD_MAX 65536 /* more than all values together */

/* The field as it grows. */
struct field {
	struct buffer text;
	size_t column;
};

/* add_word - a word that is not broken, after a space or a fold */
static void add_word(struct field *field, struct slice word)
{
	if (field->column + 1 + word.len > COLUMNS_MAX) {
		buffer_add_text(&field->text, "\n\t");
		field->column = TAB_COLUMNS;
	} else {
		buffer_add_byte(&field->text, ' ');
		field->column++;
	}
	buffer_add_slice(&field->text, word);
	field->column += word.len;
}

/* add_words - a text that may be folded at its spaces */
static void add_words(struct field *field, const char *text)
{
	struct slice rest = slice_of(text);
	struct slice word;

	while (slice_cut(&rest, ' ', &word)) {
		if (word.len != 0)
			add_word(field, word);
	}
}

/* quoted - quoted-string */
static const char *quoted(struct pool *pool, struct slice value)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, 2 * value.len + sizeof("\"\""));
	put_quoted_string(&text, value);
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

/* pair - "key=value;", as dot-atom or quoted-string; NULL if the value cannot be written */
static const char *pair(struct pool *pool, const char *key, const char *value)
{
	struct slice text = slice_of(value);
	bool is_atom =
	    text.len != 0 && slice_is_ascii(slice_of(value)) && skip_dot_atom(text) == text.len;

	if (text.len > VALUE_MAX || !is_clean_text(text))
		return NULL;
	return pool_printf(pool, "%s=%s;", key, is_atom ? value : quoted(pool, text));
}

/* add_pair - a value that is not folded; NULL is left out */
static void add_pair(struct field *field, struct pool *pool, const char *key, const char *value)
{
	const char *text = value != NULL ? pair(pool, key, value) : NULL;

	if (text != NULL)
		add_word(field, slice_of(text));
}

/* add_problem - the reason of an error, folded as it needs to be */
static void add_problem(struct field *field, struct pool *pool, const char *reason)
{
	struct slice cut = slice_of(reason);

	if (cut.len > VALUE_MAX)
		cut.len = VALUE_MAX;
	add_words(field, pool_printf(pool, "problem=%s;", quoted(pool, cut)));
}

/* comment_of - one sentence for people; the receiver may be configured to anything */
static const char *comment_of(struct pool *pool, const struct spf_query *query,
			      const struct spf_result *result)
{
	static const struct {
		const char *phrase;
		bool of_client;
	} phrases[] = {
	    [RESULT_NONE] = {"has no SPF record", false},
	    [RESULT_PASS] = {"permits", true},
	    [RESULT_FAIL] = {"does not permit", true},
	    [RESULT_SOFTFAIL] = {"probably does not permit", true},
	    [RESULT_NEUTRAL] = {"says nothing about", true},
	    [RESULT_TEMPERROR] = {"could not be asked about", true},
	    [RESULT_PERMERROR] = {"has a broken SPF record", false},
	};
	bool of_client = phrases[result->result].of_client;
	char *text;

	if (result->domain[0] == '\0')
		text = pool_printf(pool, "%s: no domain to check", query->receiver);
	else
		text = pool_printf(pool, "%s: %s %s%s%s", query->receiver, result->domain,
				   phrases[result->result].phrase, of_client ? " " : "",
				   of_client ? query->client.text : "");
	for (char *byte = text_make_printable(text); *byte != '\0'; byte++) {
		if (*byte == '(' || *byte == ')' || *byte == '\\')
			*byte = '?';
	}
	return pool_printf(pool, "(%s)", text);
}

/* envelope_from - the sender; "<>" stays what it is, although postmaster@HELO was checked */
static const char *envelope_from(const struct spf_query *query, const struct spf_result *result)
{
	if (query->sender[0] == '\0')
		return "<>";
	return result->identity == SPF_MAILFROM ? result->sender : query->sender;
}

/* helo_name - in ASCII, or NULL: the envelope has no say in it, so it may be any 8-bit text */
static const char *helo_name(struct pool *pool, const char *helo)
{
	return slice_is_ascii(slice_of(helo)) ? helo : domain_canonical(pool, slice_of(helo));
}

const char *spf_received_field(struct pool *pool, const struct spf_query *query,
			       const struct spf_result *result)
{
	bool is_error = result->result == RESULT_TEMPERROR || result->result == RESULT_PERMERROR;
	struct field field;
	const char *text;

	buffer_init(&field.text, FIELD_MAX);
	buffer_add_text(&field.text, "Received-SPF:");
	field.column = field.text.len;
	add_words(&field, result_word(result->result));
	add_words(&field, comment_of(pool, query, result));
	add_pair(&field, pool, "receiver", query->receiver);
	add_pair(&field, pool, "client-ip", query->client.text);
	add_pair(&field, pool, "envelope-from", envelope_from(query, result));
	add_pair(&field, pool, "helo", helo_name(pool, query->helo));
	add_pair(&field, pool, "identity", result->identity == SPF_HELO ? "helo" : "mailfrom");
	add_pair(&field, pool, "mechanism", result->mechanism);
	if (is_error)
		add_problem(&field, pool, result->reason);
	field.text.len--; /* no ";" after the last pair: identity at least is there */
	text = slice_copy(pool, buffer_slice(&field.text));
	buffer_free(&field.text);
	return text;
}
