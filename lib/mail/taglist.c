/*
 * taglist - tag=value lists (RFC 6376 section 3.2); see mail/taglist.h
 *
 * A value may contain well-formed UTF-8 (RFC 8616 section 3). Bare LF counts as a
 * line end, as everywhere in this library, so lists read the same in CRLF and LF.
 */
#include "mail/taglist.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define NAME_SHOWN_MAX 40 /* octets of a tag name that an error text repeats */

/* What is wrong with a tag-spec. */
enum tag_error {
	TAG_ERROR_NONE,
	TAG_ERROR_EMPTY,
	TAG_ERROR_NAME,
	TAG_ERROR_EQUALS,
	TAG_ERROR_VALUE,
	TAG_ERROR_LINE_BREAK,
};

static const char *const tag_error_texts[] = {
    [TAG_ERROR_NONE] = "is good",
    [TAG_ERROR_EMPTY] = "is empty",
    [TAG_ERROR_NAME] = "has no valid name",
    [TAG_ERROR_EQUALS] = "has no \"=\"",
    [TAG_ERROR_LINE_BREAK] = "has a line break in its value",
    [TAG_ERROR_VALUE] = "has a control character or ill-formed UTF-8 in its value",
};

/* skip_valchars - *VALCHAR of RFC 6376 section 3.2; the ';' is cut off before */
static size_t skip_valchars(struct slice s)
{
	size_t len = 0;
	size_t tail;

	do {
		while (len < s.len && is_vchar(s.data[len]))
			len++;
		tail = skip_utf8_tail(slice_skip(s, len));
		len += tail;
	} while (tail != 0);
	return len;
}

/* skip_value - tag-value: characters of a value with FWS between them, none after them */
static size_t skip_value(struct slice s)
{
	size_t end = 0;
	size_t space = 0;
	size_t len;

	while ((len = skip_valchars(slice_skip(s, end + space))) != 0) {
		end += space + len;
		space = skip_fws(slice_skip(s, end));
	}
	return end;
}

/* without_fws - the text after the FWS at its start */
static struct slice without_fws(struct slice s)
{
	return slice_skip(s, skip_fws(s));
}

/* parse_spec - tag-spec: one tag without the ';' after it */
static enum tag_error parse_spec(struct slice spec, struct tag *tag)
{
	struct slice rest = without_fws(spec);

	if (rest.len == 0)
		return TAG_ERROR_EMPTY;
	tag->name = slice_from(rest.data, skip_tag_name(rest));
	if (tag->name.len == 0)
		return TAG_ERROR_NAME;
	rest = without_fws(slice_skip(rest, tag->name.len));
	if (rest.len == 0 || rest.data[0] != '=')
		return slice_find(rest, '=') < rest.len ? TAG_ERROR_NAME : TAG_ERROR_EQUALS;
	rest = without_fws(slice_skip(rest, 1));
	tag->value = slice_from(rest.data, skip_value(rest));
	rest = without_fws(slice_skip(rest, tag->value.len));
	if (rest.len == 0)
		return TAG_ERROR_NONE;
	return is_any_of(rest.data[0], "\r\n") ? TAG_ERROR_LINE_BREAK : TAG_ERROR_VALUE;
}

/* next_spec - cuts one tag-spec off; false at the end and where only FWS is left */
static bool next_spec(struct slice *rest, struct slice *spec)
{
	if (without_fws(*rest).len == 0)
		return false;
	return slice_cut(rest, ';', spec);
}

enum taglist_step taglist_next(struct slice *rest, struct tag *tag)
{
	struct slice spec;

	if (!next_spec(rest, &spec))
		return TAGLIST_END;
	return parse_spec(spec, tag) == TAG_ERROR_NONE ? TAGLIST_TAG : TAGLIST_BAD;
}

/* compare_names - an order of tags by name, for qsort() */
static int compare_names(const void *left, const void *right)
{
	const struct slice *a = &((const struct tag *)left)->name;
	const struct slice *b = &((const struct tag *)right)->name;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->data, b->data, a->len);
}

/* check_unique - no two tags of one name; sorted, because a stranger chooses how many there are */
static bool check_unique(struct pool *pool, const struct taglist *list, struct error *error)
{
	size_t size = list->count * sizeof(*list->tags);
	struct tag *sorted = pool_alloc(pool, size);

	memcpy(sorted, list->tags, size);
	qsort(sorted, list->count, sizeof(*sorted), compare_names);
	for (size_t i = 1; i < list->count; i++) {
		struct slice name = sorted[i].name;
		size_t shown = name.len < NAME_SHOWN_MAX ? name.len : NAME_SHOWN_MAX;

		if (slice_equal(name, sorted[i - 1].name))
			return error_set(error, STATUS_OTHER, "duplicate tag \"%.*s\"", (int)shown,
					 name.data);
	}
	return true;
}

bool taglist_parse(struct pool *pool, struct slice text, struct taglist *list, struct error *error)
{
	struct slice rest = text;
	struct slice spec;
	struct tag tag;

	*list = (struct taglist){.count = 0};
	while (next_spec(&rest, &spec)) {
		enum tag_error tag_error = parse_spec(spec, &tag);

		if (tag_error != TAG_ERROR_NONE)
			return error_set(error, STATUS_OTHER, "tag %zu %s", list->count + 1,
					 tag_error_texts[tag_error]);
		if (list->count == TAGLIST_TAGS_MAX)
			return error_set(error, STATUS_OTHER, "more than %u tags",
					 TAGLIST_TAGS_MAX);
		list->tags = pool_grow(pool, list->tags, list->count, sizeof(*list->tags));
		list->tags[list->count++] = tag;
	}
	if (list->count == 0)
		return error_set(error, STATUS_OTHER, "no tag at all");
	return check_unique(pool, list, error);
}

const struct slice *taglist_value(const struct taglist *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (slice_is(list->tags[i].name, name))
			return &list->tags[i].value;
	}
	return NULL;
}

struct slice taglist_compact(struct pool *pool, struct slice value)
{
	char *compact = pool_alloc(pool, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (!is_wsp(value.data[i]) && value.data[i] != '\r' && value.data[i] != '\n')
			compact[len++] = value.data[i];
	}
	return slice_from(compact, len);
}
