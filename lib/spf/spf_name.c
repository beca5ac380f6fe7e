/*
 * spf_name - the names of terms, and how people write them; see spf/spf_name.h
 */
#include "spf/spf_name.h"

#include <string.h>

#include "base/ascii.h"

/* Names that terms have, or are given; those of RFC 7208 stand for themselves. */
static const struct {
	const char *written;
	const char *name;
} names[] = {
    {"all", "all"},         {"include", "include"}, {"a", "a"},
    {"mx", "mx"},           {"ptr", "ptr"},         {"ip4", "ip4"},
    {"ip6", "ip6"},         {"exists", "exists"},   {"redirect", "redirect"},
    {"exp", "exp"},         {"ipv4", "ip4"},        {"ipv6", "ip6"},
    {"ip", "ip4"},          {"ip-4", "ip4"},        {"ip-6", "ip6"},
    {"ip_4", "ip4"},        {"ip4address", "ip4"},  {"ipaddress", "ip4"},
    {"address", "a"},       {"host", "a"},          {"hostname", "a"},
    {"aaaa", "a"},          {"domain", "a"},        {"server", "a"},
    {"explanation", "exp"}, {"reverse", "ptr"},     {"mailserver", "a"},
};

#define NAMES   (sizeof(names) / sizeof(names[0]))
#define RFC7208 10 /* how many of them it defines */

bool spf_is_qualifier(char byte)
{
	return is_any_of(byte, "+-~?");
}

size_t spf_skip_qualifiers(struct slice word)
{
	size_t len = 0;

	while (len < word.len && spf_is_qualifier(word.data[len]))
		len++;
	return len;
}

size_t spf_name_len(struct slice word)
{
	size_t len = 0;

	while (len < word.len && (is_alnum(word.data[len]) || is_any_of(word.data[len], "-_")))
		len++;
	return len;
}

/* distance - letters to change, add, leave out or swap; more than 2 is 3 */
static unsigned distance(struct slice a, const char *word)
{
	enum { SIZE = 12 };
	unsigned rows[SIZE + 1][SIZE + 1];
	size_t len = strlen(word);

	if (a.len > SIZE || len > SIZE)
		return 3;
	for (size_t i = 0; i <= a.len; i++)
		rows[i][0] = (unsigned)i;
	for (size_t j = 0; j <= len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		for (size_t j = 1; j <= len; j++) {
			bool same = byte_lower(a.data[i - 1]) == word[j - 1];
			unsigned best = rows[i - 1][j - 1] + !same;

			if (rows[i - 1][j] + 1 < best)
				best = rows[i - 1][j] + 1;
			if (rows[i][j - 1] + 1 < best)
				best = rows[i][j - 1] + 1;
			if (i > 1 && j > 1 && byte_lower(a.data[i - 1]) == word[j - 2] &&
			    byte_lower(a.data[i - 2]) == word[j - 1] &&
			    rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
		}
	}
	return rows[a.len][len];
}

const char *spf_exact_name(struct slice written)
{
	for (size_t i = 0; i < RFC7208; i++) {
		if (slice_is_nocase(written, names[i].name))
			return names[i].name;
	}
	return NULL;
}

const char *spf_nearest_name(struct slice written)
{
	unsigned best = 3;
	const char *name = NULL;

	for (size_t i = 0; i < NAMES; i++) {
		if (slice_is_nocase(written, names[i].written))
			return names[i].name;
	}
	for (size_t i = 0; i < RFC7208; i++) {
		size_t len = strlen(names[i].name);
		unsigned limit = len > 4 ? 2 : len > 2 ? 1 : 0;
		unsigned found = distance(written, names[i].name);

		if (found <= limit && found < best) {
			best = found;
			name = names[i].name;
		}
	}
	return name;
}

bool spf_is_modifier_name(const char *name)
{
	return strcmp(name, "redirect") == 0 || strcmp(name, "exp") == 0;
}
