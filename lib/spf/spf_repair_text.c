/*
 * spf_repair_text - words that more or less than a term is in; see spf/spf_repair_text.h
 */
#include "spf/spf_repair_text.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "spf/spf_name.h"

const char *spf_repair_fix_blanks(struct pool *pool, struct slice word)
{
	char *copy = slice_copy(pool, word);
	bool changed = false;

	for (size_t i = 0; i < word.len; i++) {
		if (copy[i] >= 0 && copy[i] < ' ') {
			copy[i] = ' ';
			changed = true;
		}
	}
	return changed ? copy : NULL;
}

const char *spf_repair_drop_marks(struct pool *pool, struct slice word)
{
	char *kept = pool_alloc(pool, word.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < word.len; i++) {
		bool is_macro = i > 0 && word.data[i - 1] == '%';

		if (!is_any_of(word.data[i], "\"'`\\<>[]") &&
		    (is_macro || !is_any_of(word.data[i], "()")))
			kept[len++] = word.data[i];
	}
	return len < word.len ? kept : NULL;
}

/* is_list_mark - what people put between entries; not within a macro */
static bool is_list_mark(struct slice word, size_t at)
{
	bool in_macro = false;

	for (size_t i = 0; i < at; i++) {
		if (word.data[i] == '{')
			in_macro = true;
		else if (word.data[i] == '}')
			in_macro = false;
	}
	return !in_macro && is_any_of(word.data[at], ";,|&");
}

const char *spf_repair_split_list(struct pool *pool, struct slice word)
{
	struct slice name = slice_of(NULL);
	const char *list = "";
	size_t start = 0;
	bool found = false;

	for (size_t i = 0; i <= word.len; i++) {
		struct slice part;
		size_t head;

		if (i < word.len && !is_list_mark(word, i))
			continue;
		found = found || i < word.len;
		part = slice_from(word.data + start, i - start);
		start = i + 1;
		if (part.len == 0)
			continue;
		head = spf_skip_qualifiers(part) +
		       spf_name_len(slice_skip(part, spf_skip_qualifiers(part)));
		if (head < part.len && is_any_of(part.data[head], ":=")) {
			name = slice_from(part.data, head + 1);
			list = pool_printf(pool, "%s %s", list, slice_copy(pool, part));
		} else if (name.len > 0 && slice_find(part, '.') < part.len) {
			list = pool_printf(pool, "%s %s%s", list, slice_copy(pool, name),
					   slice_copy(pool, part));
		} else {
			list = pool_printf(pool, "%s %s", list, slice_copy(pool, part));
		}
	}
	return found ? list : NULL;
}

const char *spf_repair_drop_url(struct pool *pool, struct slice word)
{
	const char *text = slice_copy(pool, word);
	const char *scheme = strstr(text, "://");
	const char *start = scheme;
	const char *host;

	if (scheme == NULL)
		return NULL;
	while (start > text && is_alpha(start[-1]))
		start--;
	host = scheme + strlen("://");
	return pool_printf(pool, "%.*s%.*s", (int)(start - text), text, (int)strcspn(host, "/?#"),
			   host);
}

const char *spf_repair_drop_user(struct pool *pool, struct slice word)
{
	size_t at = slice_find_last(word, '@');
	size_t head = spf_skip_qualifiers(word);
	size_t colon = head + spf_name_len(slice_skip(word, head));

	if (at == word.len)
		return NULL;
	head = colon < at && is_any_of(word.data[colon], ":=") ? colon + 1 : 0;
	return pool_printf(pool, "%s%s", slice_copy(pool, slice_from(word.data, head)),
			   slice_copy(pool, slice_skip(word, at + 1)));
}

const char *spf_repair_split_all(struct pool *pool, struct slice word)
{
	struct slice tail;

	if (word.len < 5)
		return NULL;
	tail = slice_skip(word, word.len - 4);
	if (!spf_is_qualifier(tail.data[0]) || !slice_is_nocase(slice_skip(tail, 1), "all") ||
	    spf_skip_qualifiers(word) > word.len - 4)
		return NULL;
	return pool_printf(pool, "%s %s", slice_copy(pool, slice_from(word.data, word.len - 4)),
			   slice_copy(pool, tail));
}

const char *spf_repair_split_terms(struct pool *pool, struct slice word)
{
	static const char *const starts[] = {
	    "ip4:", "ip6:", "ipv4:", "ipv6:", "include:", "redirect=", "exists:"};
	size_t first = spf_skip_qualifiers(word) + 1;

	for (size_t at = first; at < word.len; at++) {
		for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
			size_t cut = at;

			if (!slice_starts_nocase(slice_skip(word, at), starts[i]) ||
			    is_any_of(word.data[at - 1], ":="))
				continue;
			if (is_any_of(word.data[cut - 1], "+~?-"))
				cut--;
			return pool_printf(pool, "%s %s",
					   slice_copy(pool, slice_from(word.data, cut)),
					   slice_copy(pool, slice_skip(word, cut)));
		}
	}
	return NULL;
}

const char *spf_repair_fix_dots(struct pool *pool, struct slice word)
{
	char *kept = pool_alloc(pool, word.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] == '.' && (len == 0 || is_any_of(kept[len - 1], ".:=")))
			continue;
		kept[len++] = word.data[i];
	}
	return len < word.len ? kept : NULL;
}

const char *spf_repair_drop_end(struct pool *pool, struct slice word)
{
	struct slice bare = word;
	struct slice name;

	while (bare.len > 0 && is_any_of(bare.data[bare.len - 1], ".:;,!=/%"))
		bare.len--;
	name = slice_skip(bare, spf_skip_qualifiers(bare));
	if (bare.len == word.len || bare.len == 0)
		return NULL;
	return spf_exact_name(name) != NULL || bare.len + 1 == word.len ? slice_copy(pool, bare)
									: NULL;
}
