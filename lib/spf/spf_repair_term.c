/*
 * spf_repair_term - a name, separator or argument that is wrong; see spf/spf_repair_term.h
 */
#include "spf/spf_repair_term.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "mail/domain.h"
#include "spf/spf_name.h"
#include "spf/spf_networks.h"

const char *spf_repair_fix_qualifier(struct pool *pool, struct slice word)
{
	size_t count = spf_skip_qualifiers(word);
	struct slice rest = slice_skip(word, count);
	size_t name = spf_name_len(rest);
	size_t end = word.len - 1;

	if (count > 1)
		return slice_copy(pool, slice_skip(word, count - 1));
	if (count == 1 && name < rest.len && rest.data[name] == '=')
		return slice_copy(pool, rest);
	if (count == 0 && word.len > 1 && spf_is_qualifier(word.data[end]) &&
	    spf_exact_name(slice_from(word.data, end)) != NULL)
		return pool_printf(pool, "%c%s", word.data[end],
				   slice_copy(pool, slice_from(word.data, end)));
	return NULL;
}

const char *spf_repair_fix_macro(struct pool *pool, struct slice word)
{
	const char *text = "";
	bool changed = false;

	for (size_t i = 0; i < word.len; i++) {
		struct slice rest = slice_skip(word, i);
		bool has_percent = rest.data[0] == '%';
		struct slice body = slice_skip(rest, has_percent);
		char open = body.len > 0 ? body.data[0] : '\0';
		size_t end = slice_find(body, open == '(' ? ')' : '}');

		bool is_letter = body.len > 1 && is_any_of(byte_lower(body.data[1]), "slodiphv");

		if (is_letter && (open == '{' || (open == '(' && has_percent)) && end < body.len) {
			text = pool_printf(pool, "%s%%{%s}", text,
					   slice_copy(pool, slice_from(body.data + 1, end - 1)));
			changed = changed || open == '(' || !has_percent;
			i += has_percent + end;
		} else if (has_percent && is_any_of(open, "slodiphv") &&
			   (body.len == 1 || !is_alnum(body.data[1]))) {
			text = pool_printf(pool, "%s%%{%c}", text, open);
			changed = true;
			i++;
		} else {
			text = pool_printf(pool, "%s%c", text, rest.data[0]);
		}
	}
	return changed ? text : NULL;
}

const char *spf_repair_drop_name(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	size_t outer = head + spf_name_len(slice_skip(word, head));
	struct slice inner;
	size_t len;

	if (outer >= word.len || !is_any_of(word.data[outer], ":="))
		return NULL;
	inner = slice_skip(word, outer + 1);
	len = spf_name_len(inner);
	if (len >= inner.len || !is_any_of(inner.data[len], ":=") ||
	    spf_exact_name(slice_from(inner.data, len)) == NULL)
		return NULL;
	return pool_printf(pool, "%s%s", slice_copy(pool, slice_from(word.data, head)),
			   slice_copy(pool, inner));
}

const char *spf_repair_fix_name(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	size_t len = spf_name_len(rest);
	struct slice written = slice_from(rest.data, len);
	const char *name = spf_nearest_name(written);
	bool ends = len == rest.len || is_any_of(rest.data[len], ":=/");

	if (name == NULL || !ends || slice_is_nocase(written, name))
		return NULL;
	return pool_printf(pool, "%s%s%s", slice_copy(pool, slice_from(word.data, head)), name,
			   slice_copy(pool, slice_skip(rest, len)));
}

/* starts_name - the name that a word begins with, whatever follows: "include.x", "ip4192.0.2.1" */
static const char *starts_name(struct slice rest, size_t *len)
{
	static const char *const long_names[] = {"include", "redirect", "exists", "ip4", "ip6",
						 "mx",      "a",        "ptr",    "exp"};

	for (size_t i = 0; i < sizeof(long_names) / sizeof(long_names[0]); i++) {
		*len = strlen(long_names[i]);
		if (slice_starts_nocase(rest, long_names[i]) && *len < rest.len)
			return long_names[i];
	}
	return NULL;
}

const char *spf_repair_fix_separator(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	size_t len;
	const char *name = starts_name(rest, &len);
	size_t end = len;

	if (name == NULL)
		return NULL;
	while (end < rest.len && is_any_of(rest.data[end], ":;=.,-_"))
		end++;
	if (end == rest.len || (end == len && !is_digit(rest.data[end])) ||
	    (end == len && strncmp(name, "ip", 2) != 0))
		return NULL;
	if (end == len + 1 && rest.data[len] == (spf_is_modifier_name(name) ? '=' : ':'))
		return NULL;
	if (strlen(name) < 3 && rest.data[len] == '.')
		return NULL; /* a host of that name */
	return pool_printf(pool, "%s%s%c%s", slice_copy(pool, slice_from(word.data, head)), name,
			   spf_is_modifier_name(name) ? '=' : ':',
			   slice_copy(pool, slice_skip(rest, end)));
}

/* is_host - a name with a dot, of the letters that hosts have */
static bool is_host(struct pool *pool, struct slice text)
{
	const char *name = domain_canonical(pool, text);
	const char *top;

	if (name == NULL || !domain_is_qualified(name))
		return false;
	top = domain_last_labels(name, 1);
	return top[strspn(top, "0123456789")] != '\0';
}

const char *spf_repair_drop_tail(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	size_t colon = head + spf_name_len(slice_skip(word, head));
	struct slice argument, host;

	if (colon >= word.len || !is_any_of(word.data[colon], ":="))
		return NULL;
	argument = slice_skip(word, colon + 1);
	host = slice_from(argument.data, slice_find(argument, ':'));
	if (host.len == argument.len)
		host.len = slice_find(argument, '/');
	if (host.len == argument.len || !is_host(pool, host))
		return NULL;
	return pool_printf(pool, "%s%s", slice_copy(pool, slice_from(word.data, colon + 1)),
			   slice_copy(pool, host));
}

const char *spf_repair_fix_network(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	const char *qualifier = slice_copy(pool, slice_from(word.data, head));
	const char *networks;
	const char *start;

	if (!slice_starts_nocase(rest, "ip4:") && !slice_starts_nocase(rest, "ip6:"))
		return NULL;
	start = pool_printf(pool, "%s%s", qualifier,
			    slice_starts_nocase(rest, "ip4:") ? "ip4:" : "ip6:");
	networks = spf_networks_meant(pool, slice_skip(rest, 4), qualifier);
	return networks != NULL && strncmp(networks, start, strlen(start)) == 0 ? networks : NULL;
}

const char *spf_repair_fix_argument(struct pool *pool, struct slice word)
{
	size_t head = spf_skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	size_t len = spf_name_len(rest);
	const char *name = len < rest.len && rest.data[len] == ':'
			       ? spf_exact_name(slice_from(rest.data, len))
			       : NULL;
	struct slice argument = name != NULL ? slice_skip(rest, len + 1) : rest;
	const char *qualifier = slice_copy(pool, slice_from(word.data, head));
	const char *networks = spf_networks_meant(pool, argument, qualifier);

	if (name != NULL && (strcmp(name, "exists") == 0 || strcmp(name, "all") == 0))
		return NULL;
	if (networks != NULL)
		return networks;
	if (is_host(pool, slice_from(argument.data, slice_find(argument, '/'))) &&
	    (name == NULL || name[0] == 'i'))
		return pool_printf(pool, "%sa:%s", qualifier, slice_copy(pool, argument));
	return NULL;
}
