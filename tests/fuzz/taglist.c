/*
 * taglist - tag=value lists, and the values in them: base64 and lists with colons
 */
#include "mail/taglist.h"

#include "base/pool.h"
#include "dkim/tag_values.h"
#include "fuzz.h"

/* check_value - a value is in the text, and what can be made of it is not longer */
static void check_value(struct pool *pool, struct slice text, struct slice value)
{
	struct slice octets;
	struct slice item;
	size_t items = 0;

	fuzz_expect(fuzz_is_within(value, text));
	fuzz_expect(slice_trim(value).len == value.len);
	fuzz_expect(taglist_compact(pool, value).len <= value.len);
	if (dkim_tag_base64(pool, value, &octets))
		fuzz_expect(octets.len != 0 && octets.len <= value.len);
	for (struct slice rest = value; dkim_tag_next_item(&rest, &item); items++)
		fuzz_expect(fuzz_is_within(item, value));
	fuzz_expect(items <= value.len + 1);
}

/* check_lenient - the reading that passes over what is wrong finds at least what is in the list */
static void check_lenient(struct pool *pool, struct slice text, const struct taglist *list)
{
	struct slice rest = text;
	enum taglist_step step;
	struct tag tag;
	size_t tags = 0;

	while ((step = taglist_next(&rest, &tag)) != TAGLIST_END) {
		if (step != TAGLIST_TAG)
			continue;
		fuzz_expect(fuzz_is_within(tag.name, text));
		check_value(pool, text, tag.value);
		if (list != NULL) {
			fuzz_expect(slice_equal(list->tags[tags].name, tag.name));
			fuzz_expect(slice_equal(list->tags[tags].value, tag.value));
		}
		tags++;
	}
	fuzz_expect(list == NULL || list->count == tags);
}

/* check_strict - what was read, written again, is read as the same */
static void check_strict(struct pool *pool, const struct taglist *list)
{
	struct taglist again;
	struct buffer text;
	struct error error;

	buffer_init(&text, SIZE_MAX);
	for (size_t i = 0; i < list->count; i++) {
		buffer_add_slice(&text, list->tags[i].name);
		buffer_add_byte(&text, '=');
		buffer_add_slice(&text, list->tags[i].value);
		buffer_add_text(&text, " ;\r\n ");
	}
	fuzz_expect(taglist_parse(pool, buffer_slice(&text), &again, &error));
	fuzz_expect(again.count == list->count);
	for (size_t i = 0; i < list->count; i++) {
		const char *name = slice_copy(pool, list->tags[i].name);

		fuzz_expect(slice_equal(again.tags[i].value, list->tags[i].value));
		fuzz_expect(taglist_value(list, name) == &list->tags[i].value);
	}
	buffer_free(&text);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct taglist list;
	struct error error;
	bool good = taglist_parse(pool, input, &list, &error);

	check_lenient(pool, input, good ? &list : NULL);
	if (good)
		check_strict(pool, &list);
	pool_free(pool);
}
