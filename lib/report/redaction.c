/*
 * redaction - what may leave the house of a message; see report/redaction.h
 */
#include "report/redaction.h"

#include <inttypes.h>
#include <string.h>

#include "base/pool.h"
#include "base/siphash.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/taglist.h"
#include "report/aggregate.h"

#define FIELDS_MAX    8000 /* octets of the whole */
#define ADDRESSES_MAX 10   /* of one field */

const char *redact_local_part(struct pool *pool, const char *key, const char *local)
{
	unsigned char octets[SIPHASH_KEY_LEN];

	report_key_octets(key, octets);
	return pool_printf(pool, "%016" PRIx64,
			   siphash(octets, slice_of(slice_lower(pool, slice_of(local)))));
}

const char *redact_address(struct pool *pool, const char *key, const char *address)
{
	struct address parsed;

	if (!address_parse_path(pool, slice_of(address), &parsed) || *parsed.domain == '\0')
		return redact_local_part(pool, key, address);
	return pool_printf(pool, "%s@%s", redact_local_part(pool, key, parsed.local),
			   parsed.domain);
}

/* add_addresses - of a field; what cannot be read is left out */
static void add_addresses(struct pool *pool, const char *key, const char *name, struct slice value,
			  struct buffer *out)
{
	struct address_list list;
	struct error ignored;
	const char *before = "";

	if (!address_parse_list(pool, value, &list, &ignored) || list.count == 0)
		return;
	buffer_printf(out, "%s: ", name);
	for (size_t i = 0; i < list.count && i < ADDRESSES_MAX; i++) {
		const struct address *address = &list.items[i];
		const char *local = redact_local_part(pool, key, address->local);

		buffer_printf(out, "%s<%s%s%s>", before, local, address->domain != NULL ? "@" : "",
			      address->domain != NULL ? address->domain : "");
		before = ",\n ";
	}
	buffer_add_byte(out, '\n');
}

/* add_list_id - the name of the list alone (RFC 2919) */
static void add_list_id(struct pool *pool, struct slice value, struct buffer *out)
{
	size_t start = slice_find_last(value, '<');
	struct slice rest;
	const char *id;

	if (start == value.len)
		return;
	rest = slice_skip(value, start + 1);
	id = domain_canonical(pool, slice_from(rest.data, slice_find(rest, '>')));
	if (id != NULL)
		buffer_printf(out, "List-Id: <%s>\n", id);
}

/* word_among - the value itself if it is one of these words, or NULL */
static const char *word_among(struct slice value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_is_nocase(slice_trim(value), words[i]))
			return words[i];
	}
	return NULL;
}

#define WORD_AMONG(value, words) word_among(value, words, sizeof(words) / sizeof((words)[0]))

/* add_signature - algorithm, canonicalization, domain and selector (RFC 6376 section 3.5) */
static void add_signature(struct pool *pool, struct slice value, struct buffer *out)
{
	static const char *const algorithms[] = {"rsa-sha256", "ed25519-sha256", "rsa-sha1"};
	static const char *const forms[] = {"simple",         "relaxed",        "simple/simple",
					    "simple/relaxed", "relaxed/simple", "relaxed/relaxed"};
	struct slice rest = value;
	const char *text = "DKIM-Signature: v=1";
	struct tag tag;

	while (taglist_next(&rest, &tag) == TAGLIST_TAG) {
		const char *kept = NULL;

		if (slice_is(tag.name, "a"))
			kept = WORD_AMONG(tag.value, algorithms);
		else if (slice_is(tag.name, "c"))
			kept = WORD_AMONG(tag.value, forms);
		else if (slice_is(tag.name, "d") || slice_is(tag.name, "s"))
			kept = domain_canonical(pool, slice_trim(tag.value));
		if (kept != NULL)
			text = pool_printf(pool, "%s; %c=%s", text, tag.name.data[0], kept);
	}
	buffer_printf(out, "%s\n", text);
}

const char *redacted_fields(struct pool *pool, const char *key, const struct message *message)
{
	static const char *const authors[] = {"From", "Sender", "Reply-To"};
	size_t count = message_field_count(message);
	size_t signatures = 0;
	struct buffer out;
	const char *copy;

	buffer_init(&out, FIELDS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(message, i);
		const char *author = WORD_AMONG(field->name, authors);

		if (author != NULL)
			add_addresses(pool, key, author, field->value, &out);
		else if (slice_is_nocase(field->name, "List-Id"))
			add_list_id(pool, field->value, &out);
		else if (slice_is_nocase(field->name, "DKIM-Signature") &&
			 signatures++ < REDACTED_SIGNATURES_MAX)
			add_signature(pool, field->value, &out);
	}
	copy = out.overflow ? "" : slice_copy(pool, buffer_slice(&out));
	buffer_free(&out);
	return copy;
}
