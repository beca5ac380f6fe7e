/*
 * run_seal - which fields of a message the tools of this run have written; see mail/run_seal.h
 */
#include "mail/run_seal.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/authres_parse.h"
#include "mail/authres_write.h"

#define METHOD            "x-assay-run"
#define FIELD_KEY         "x-seal="
#define TAG_DIGITS        16
#define SECONDS_AHEAD_MAX 60          /* clocks are put back now and then */
#define FIELD_SECONDS_MAX (6 * 86400) /* Postfix keeps mail for 5 days, maximal_queue_lifetime */
#define FIELD_SEALED_MAX  8192        /* octets of a field of ours */
#define HEADER_SEALED_MAX (2 * (size_t)MESSAGE_HEADER_MAX)

/* The numbers of a seal. */
struct claim {
	unsigned long long above;
	unsigned long long below;
	unsigned long long time;
	const char *tag;
};

/* add_lines - a text with LF at the end of each line, whatever a relay has made of line ends */
static void add_lines(struct buffer *text, struct slice lines)
{
	struct slice line;

	while (lines.len > 0) {
		slice_cut(&lines, '\n', &line);
		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		buffer_add_slice(text, line);
		buffer_add_byte(text, '\n');
	}
}

/* begin_text - what a seal of the header section begins with */
static void begin_text(struct buffer *text, const struct run_seal *seal, const struct claim *claim)
{
	buffer_init(text, HEADER_SEALED_MAX);
	buffer_printf(text, "run\n%s\n%llu %llu %llu\n", seal->id, claim->above, claim->below,
		      claim->time);
}

/* end_text - the tag, or NULL if it was too much */
static const char *end_text(struct buffer *text, struct pool *pool, const struct run_seal *seal)
{
	const char *tag = NULL;

	if (!text->overflow)
		tag = pool_printf(pool, "%016" PRIx64,
				  host_secret_tag(seal->secret, buffer_slice(text)));
	buffer_free(text);
	return tag;
}

/* add_fields - all fields of the message but those that were removed, and one */
static void add_fields(struct buffer *text, const struct message *message, size_t but)
{
	size_t count = message_field_count(message);

	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(message, i);

		if (i != but && !field->removed)
			add_lines(text, field->raw);
	}
}

/* is_same - do two tags agree? Not for nothing does it look at all of them */
static bool is_same(const char *tag, const char *wanted)
{
	unsigned difference = 0;

	if (strlen(tag) != TAG_DIGITS)
		return false;
	for (size_t i = 0; i < TAG_DIGITS; i++)
		difference |= (unsigned)(unsigned char)(tag[i] ^ wanted[i]);
	return difference == 0;
}

/* is_fresh - not older than that, and not of the future */
static bool is_fresh(unsigned long long time, time_t now, long seconds)
{
	return time <= LLONG_MAX && (long long)time <= (long long)now + SECONDS_AHEAD_MAX &&
	       (long long)now - (long long)time <= seconds;
}

/* number_in_seal - a property that is a number */
static bool number_in_seal(const struct authres_result *result, const char *name,
			   unsigned long long *number)
{
	const char *value = authres_property(result, "policy", name);

	return value != NULL && slice_to_number(slice_of(value), ULLONG_MAX, number);
}

/* read_claim - what a field says, if it is a seal in our name */
static bool read_claim(struct pool *pool, struct slice value, const char *id, struct claim *claim)
{
	const struct authres_result *result;
	struct authres authres;

	if (!authres_parse(pool, value, &authres) || authres.count != 1 ||
	    !authres_same_id(pool, authres.id, id))
		return false;
	result = &authres.results[0];
	claim->tag = authres_property(result, "policy", "seal");
	return strcmp(result->method, METHOD) == 0 && claim->tag != NULL &&
	       number_in_seal(result, "above", &claim->above) &&
	       number_in_seal(result, "below", &claim->below) &&
	       number_in_seal(result, "time", &claim->time);
}

/* holds - is it a seal of this message, at this place? */
static bool holds(struct pool *pool, const struct message *message, const struct run_seal *seal,
		  const struct claim *claim, size_t index)
{
	struct buffer text;
	const char *tag;

	if (claim->above != index || claim->below >= message_field_count(message) - index ||
	    !is_fresh(claim->time, seal->now, RUN_SEAL_SECONDS_MAX))
		return false;
	begin_text(&text, seal, claim);
	add_fields(&text, message, index);
	tag = end_text(&text, pool, seal);
	return tag != NULL && is_same(claim->tag, tag);
}

bool run_seal_find(struct pool *pool, const struct message *message, const struct run_seal *seal,
		   struct sealed *sealed)
{
	size_t count = message_field_count(message);
	size_t index = 0;
	struct claim claim = {.above = 0};

	if (!seal->secret->is_known || message_excess(message) != NULL)
		return false;
	while ((index = message_find(message, "Authentication-Results", index)) < count &&
	       !read_claim(pool, message_field(message, index)->value, seal->id, &claim))
		index++;
	if (index == count || !holds(pool, message, seal, &claim, index))
		return false;
	*sealed = (struct sealed){.index = index, .end = index + 1 + (size_t)claim.below};
	return true;
}

/* seal_text - the field, without the seal itself if tag is NULL */
static const char *seal_text(struct pool *pool, const char *id, const struct claim *claim)
{
	struct authres_writer writer;

	authres_begin(&writer, id, METHOD, RESULT_NONE);
	authres_add(&writer, "policy", "above", pool_printf(pool, "%llu", claim->above));
	authres_add(&writer, "policy", "below", pool_printf(pool, "%llu", claim->below));
	authres_add(&writer, "policy", "time", pool_printf(pool, "%llu", claim->time));
	authres_add(&writer, "policy", "seal", claim->tag);
	return authres_end(&writer, pool);
}

void run_seal_add(struct pool *pool, struct message *message, const struct run_seal *seal,
		  size_t below)
{
	struct claim claim = {
	    .above = message_added_count(message),
	    .below = below,
	    .time = (unsigned long long)seal->now,
	};
	struct buffer text;

	if (!seal->secret->is_known || message_excess(message) != NULL)
		return;
	begin_text(&text, seal, &claim);
	add_lines(&text, message_added(message));
	add_lines(&text, message_barrier(message));
	add_fields(&text, message, SIZE_MAX);
	claim.tag = end_text(&text, pool, seal);
	if (claim.tag != NULL)
		message_add_below(message, seal_text(pool, seal->id, &claim));
}

/* field_tag - of the text before the tag, without blanks, as relays fold fields anew */
static const char *field_tag(struct pool *pool, const struct run_seal *seal, struct slice value,
			     unsigned long long time)
{
	struct buffer text;

	buffer_init(&text, FIELD_SEALED_MAX);
	buffer_printf(&text, "field\n%s\n%llu\n", seal->id, time);
	for (size_t i = 0; i < value.len; i++) {
		if (is_vchar(value.data[i]) || (value.data[i] & '\x80') != 0)
			buffer_add_byte(&text, value.data[i]);
	}
	return end_text(&text, pool, seal);
}

const char *run_seal_field(struct pool *pool, const struct run_seal *seal, struct slice value)
{
	unsigned long long time = (unsigned long long)seal->now;
	const char *tag;

	if (!seal->secret->is_known)
		return NULL;
	tag = field_tag(pool, seal, value, time);
	return tag != NULL ? pool_printf(pool, FIELD_KEY "%llu.%s", time, tag) : NULL;
}

/* find_key - where the last "; x-seal=" begins, or the length */
static size_t find_key(struct slice value)
{
	for (size_t at = value.len; at-- > 0;) {
		if (value.data[at] == 'x' && slice_starts_nocase(slice_skip(value, at), FIELD_KEY))
			return at;
	}
	return value.len;
}

bool run_seal_field_holds(struct pool *pool, const struct run_seal *seal, struct slice value)
{
	struct slice body = slice_trim(value);
	size_t key = find_key(body);
	struct slice tag = slice_skip(
	    body, key + strlen(FIELD_KEY) < body.len ? key + strlen(FIELD_KEY) : body.len);
	struct slice time;
	unsigned long long number;
	const char *wanted;

	if (!seal->secret->is_known || tag.len == 0 || !slice_cut(&tag, '.', &time) ||
	    !slice_to_number(time, ULLONG_MAX, &number) ||
	    !is_fresh(number, seal->now, FIELD_SECONDS_MAX))
		return false;
	body.len = key;
	body = slice_trim(body);
	if (body.len > 0 && body.data[body.len - 1] == ';')
		body.len--;
	wanted = field_tag(pool, seal, body, number);
	return wanted != NULL && is_same(slice_copy(pool, tag), wanted);
}
