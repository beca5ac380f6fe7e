/*
 * authres - a message with results in it, true and forged
 *
 * What was read and is written again has to be read as the same; no value can become more than a
 * value; nothing that claims to be ours is left where strangers write; a seal is worth nothing in
 * another message.
 */
#include "mail/authres_parse.h"
#include "mail/authres_trust.h"
#include "mail/authres_write.h"

#include <string.h>

#include "base/pool.h"
#include "fuzz.h"
#include "mail/abnf.h"

#define ID       "mx.example.com"
#define FIELD    "Authentication-Results"
#define LINE_MAX 998 /* RFC 5322 2.1.1 */
#define HOPS     2
#define SEAL     1 /* the field with the seal of a message that we have written */

/* body_of - a field that was written, without its name */
static struct slice body_of(const char *text)
{
	struct slice field = slice_of(text);
	struct slice rest = field;
	struct slice line;

	fuzz_expect(slice_starts_nocase(field, FIELD ": "));
	for (size_t i = 0; slice_cut(&rest, '\n', &line); i++) {
		fuzz_expect(line.len <= LINE_MAX);
		fuzz_expect(i == 0 || line.data[0] == '\t');
		fuzz_expect(slice_find(line, '\r') == line.len);
	}
	return slice_skip(field, strlen(FIELD ":"));
}

/* check_result - a result that was written again: what is there is what was there */
static void check_result(struct pool *pool, const char *id, const struct authres_result *result)
{
	struct authres_writer writer;
	struct authres again;

	authres_begin(&writer, id, result->method, result->result);
	authres_comment(&writer, result->reason);
	authres_reason(&writer, result->reason);
	for (size_t i = 0; i < result->count; i++)
		authres_add(&writer, result->properties[i].type, result->properties[i].name,
			    result->properties[i].value);
	fuzz_expect(authres_parse(pool, body_of(authres_end(&writer, pool)), &again));
	fuzz_expect(again.well_formed && again.count == 1);
	fuzz_expect(fuzz_same_text(again.results[0].method, result->method));
	fuzz_expect(again.results[0].result == result->result);
	fuzz_expect(again.results[0].count <= result->count);
	for (size_t i = 0; i < again.results[0].count; i++) {
		const struct authres_property *property = &again.results[0].properties[i];

		fuzz_expect(fuzz_same_text(
		    property->value, authres_property(result, property->type, property->name)));
	}
}

/* check_field - what a field body says */
static void check_field(struct pool *pool, struct slice value)
{
	struct authres authres;

	if (!authres_parse(pool, value, &authres)) {
		fuzz_expect(authres.count == 0 && !authres.well_formed);
		return;
	}
	fuzz_expect(*authres.id != '\0' && authres.count <= AUTHRES_RESULTS_MAX);
	fuzz_expect(authres_same_id(pool, authres.id, authres.id));
	for (size_t i = 0; i < authres.count; i++) {
		/* alone in a field it would be "none", which is no method */
		if (strcmp(authres.results[i].method, "none") != 0 &&
		    slice_is_ascii(slice_of(authres.id)))
			check_result(pool, authres.id, &authres.results[i]);
	}
}

/* check_value - a stranger's text as a value is one value, or left out */
static void check_value(struct pool *pool, struct slice text)
{
	const char *value = slice_copy(pool, text);
	struct authres_writer writer;
	struct authres authres;
	const char *read;

	authres_begin(&writer, ID, "spf", RESULT_FAIL);
	authres_comment(&writer, value);
	authres_reason(&writer, value);
	authres_add(&writer, "smtp", "mailfrom", value);
	authres_add(&writer, "policy", "last", "x");
	fuzz_expect(authres_parse(pool, body_of(authres_end(&writer, pool)), &authres));
	fuzz_expect(authres.well_formed && authres.count == 1);
	fuzz_expect(strcmp(authres.id, ID) == 0);
	fuzz_expect(authres.results[0].result == RESULT_FAIL);
	fuzz_expect(fuzz_same_text(authres_property(&authres.results[0], "policy", "last"), "x"));
	read = authres_property(&authres.results[0], "smtp", "mailfrom");
	fuzz_expect(read == NULL || strcmp(read, value) == 0);
}

static const struct host_secret secret = {.is_known = true, .key = "0123456789abcde"};
static const struct run_seal seal = {.secret = &secret, .id = ID, .now = 1795600000};

/* check_field_seal - of one field: it holds, and not any more if an octet that counts is another */
static void check_field_seal(struct pool *pool, struct slice value)
{
	const char *tag = run_seal_field(pool, &seal, value);
	struct slice field;
	char *text;

	fuzz_expect(!run_seal_field_holds(pool, &seal, value));
	if (tag == NULL)
		return;
	text = pool_alloc(pool, value.len + strlen("; ") + strlen(tag));
	memcpy(text, value.data, value.len);
	memcpy(text + value.len, "; ", strlen("; "));
	memcpy(text + value.len + strlen("; "), tag, strlen(tag));
	field = slice_from(text, value.len + strlen("; ") + strlen(tag));
	fuzz_expect(run_seal_field_holds(pool, &seal, field));
	for (size_t i = 0; i < value.len; i += 1 + value.len / 4) {
		if (!is_vchar(text[i]))
			continue;
		text[i] ^= 1;
		fuzz_expect(!run_seal_field_holds(pool, &seal, field));
		text[i] ^= 1;
	}
}

/* check_zone - from there on nothing claims to be ours */
static void check_zone(struct pool *pool, struct message *message, size_t first)
{
	size_t count = message_field_count(message);
	struct authres authres;

	fuzz_expect(first <= count);
	for (size_t index = first; (index = message_find(message, FIELD, index)) < count; index++) {
		if (authres_parse(pool, message_field(message, index)->value, &authres))
			fuzz_expect(!authres_same_id(pool, authres.id, ID));
	}
}

/* check_again - the message as it was written: the seal holds, and covers what we have added */
static void check_again(struct pool *pool, struct message *again, bool is_sealed)
{
	struct authres_zone zone = authres_find_zone(pool, again, HOPS, &seal, true);

	fuzz_expect(zone.is_sealed == is_sealed);
	fuzz_expect(!is_sealed || (zone.end == SEAL + 1 && zone.seal == SEAL));
}

/* check_changed - an octet of a field but that of the seal is another one: it does not hold */
static void check_changed(struct pool *pool, struct slice text, const struct message *again,
			  unsigned choice)
{
	size_t number = choice % message_field_count(again);
	struct slice raw = message_field(again, number == SEAL ? 0 : number)->raw;
	struct message *changed = message_new();
	char *copy = slice_copy(pool, text);
	char *place = memmem(copy, text.len, raw.data, raw.len);
	struct error error;

	fuzz_expect(place != NULL);
	place[(choice * 7919U + text.len) % raw.len] ^= 1;
	/* a line of a mailbox on top is no field */
	if (!slice_starts_nocase(text, "From ")) {
		fuzz_expect(message_read_header(
		    changed, source_of_fd(fuzz_file(2, slice_from(copy, text.len))), &error));
		fuzz_expect(!authres_find_zone(pool, changed, HOPS, &seal, true).is_sealed);
	}
	message_free(changed);
}

/* strip - a message, and then what has become of it */
static void strip(struct pool *pool, struct message *message, unsigned choice)
{
	bool is_sealed = (choice & 1) != 0;
	struct authres_zone zone = authres_find_zone(pool, message, HOPS, &seal, false);
	size_t first = is_sealed ? 0 : zone.end;
	struct message *again = message_new();
	struct error error;
	struct slice text;
	int fd = fuzz_file(1, slice_of(NULL));
	size_t removed = authres_strip(message, ID, first);

	fuzz_expect(!zone.is_sealed);
	check_zone(pool, message, first);
	removed += authres_strip_spf(message, ID, 0);
	message_add_field(message, "X-Top: 1");
	if (is_sealed)
		run_seal_add(pool, message, &seal, 0);
	fuzz_expect(message_write_fd(message, fd, &error));
	fuzz_expect(removed <= message_field_count(message));
	text = fuzz_content(pool, fd);
	fuzz_expect(message_read_header(again, source_of_fd(fuzz_file(0, text)), &error));
	check_again(pool, again, is_sealed && message_excess(message) == NULL);
	check_changed(pool, text, again, choice);
	message_free(again);
}

void fuzz_one(struct slice input)
{
	unsigned choice = fuzz_choice(&input);
	struct pool *pool = pool_new();
	struct message *message = message_new();
	struct error error;

	if (message_read_header(message, source_of_fd(fuzz_file(0, input)), &error)) {
		for (size_t i = 0; i < message_field_count(message); i++) {
			struct slice value = message_field(message, i)->value;

			check_field_seal(pool, value);
			if (slice_is_nocase(message_field(message, i)->name, FIELD))
				check_field(pool, value);
			else
				check_value(pool, value);
		}
		strip(pool, message, choice);
	}
	message_free(message);
	pool_free(pool);
}
