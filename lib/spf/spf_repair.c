/*
 * spf_repair - what somebody meant who wrote a term wrongly; see spf/spf_repair.h
 *
 * Each step below takes one word, and gives the word or words that were meant in place of it, or
 * NULL if it does not apply. Steps that cannot be wrong come first. A step never makes a term out
 * of nothing: what it gives stands for no more hosts than what was written.
 */
#include "spf/spf_repair.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pasted.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"
#include "spf/spf_networks.h"
#include "spf/spf_record.h"

#define VERSION "v=spf1 "

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

/* One step: *write is what was meant, in place of a word. */
struct step {
	const char *(*apply)(struct pool *pool, struct slice word);
	const char *meant;
};

/* text_of - for pool_printf() */
static const char *text_of(struct pool *pool, struct slice s)
{
	return slice_copy(pool, s);
}

static struct slice sub(struct slice s, size_t start, size_t end)
{
	return slice_from(s.data + start, end - start);
}

static bool is_qualifier(char byte)
{
	return is_any_of(byte, "+-~?");
}

/* skip_qualifiers - how many there are */
static size_t skip_qualifiers(struct slice word)
{
	size_t len = 0;

	while (len < word.len && is_qualifier(word.data[len]))
		len++;
	return len;
}

/* name_len - of the letters, digits and hyphens that a word begins with */
static size_t name_len(struct slice word)
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

/* exact_name - of RFC 7208, or NULL */
static const char *exact_name(struct slice written)
{
	for (size_t i = 0; i < RFC7208; i++) {
		if (slice_is_nocase(written, names[i].name))
			return names[i].name;
	}
	return NULL;
}

/* nearest_name - the name that was meant, or NULL; short names are not guessed at */
static const char *nearest_name(struct slice written)
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

/* is_modifier_name - with "=" after it */
static bool is_modifier_name(const char *name)
{
	return strcmp(name, "redirect") == 0 || strcmp(name, "exp") == 0;
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

/* fix_blanks - what comes from a page with line ends in it */
static const char *fix_blanks(struct pool *pool, struct slice word)
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

/* drop_marks - quotes, brackets and backslashes */
static const char *drop_marks(struct pool *pool, struct slice word)
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

/* split_list - "ip4:192.0.2.1,192.0.2.2": what has no name gets that of the entry before it */
static const char *split_list(struct pool *pool, struct slice word)
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
		part = sub(word, start, i);
		start = i + 1;
		if (part.len == 0)
			continue;
		head = skip_qualifiers(part) + name_len(slice_skip(part, skip_qualifiers(part)));
		if (head < part.len && is_any_of(part.data[head], ":=")) {
			name = slice_from(part.data, head + 1);
			list = pool_printf(pool, "%s %s", list, text_of(pool, part));
		} else if (name.len > 0 && slice_find(part, '.') < part.len) {
			list = pool_printf(pool, "%s %s%s", list, text_of(pool, name),
					   text_of(pool, part));
		} else {
			list = pool_printf(pool, "%s %s", list, text_of(pool, part));
		}
	}
	return found ? list : NULL;
}

/* drop_url - "http://host/path" */
static const char *drop_url(struct pool *pool, struct slice word)
{
	const char *text = text_of(pool, word);
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

/* drop_user - "user@host"; "@" has no place in a domain */
static const char *drop_user(struct pool *pool, struct slice word)
{
	size_t at = slice_find_last(word, '@');
	size_t head = skip_qualifiers(word);
	size_t colon = head + name_len(slice_skip(word, head));

	if (at == word.len)
		return NULL;
	head = colon < at && is_any_of(word.data[colon], ":=") ? colon + 1 : 0;
	return pool_printf(pool, "%s%s", text_of(pool, slice_from(word.data, head)),
			   text_of(pool, slice_skip(word, at + 1)));
}

/* fix_qualifier - "--all", "-redirect=x", "all-" */
static const char *fix_qualifier(struct pool *pool, struct slice word)
{
	size_t count = skip_qualifiers(word);
	struct slice rest = slice_skip(word, count);
	size_t name = name_len(rest);
	size_t end = word.len - 1;

	if (count > 1)
		return text_of(pool, slice_skip(word, count - 1));
	if (count == 1 && name < rest.len && rest.data[name] == '=')
		return text_of(pool, rest);
	if (count == 0 && word.len > 1 && is_qualifier(word.data[end]) &&
	    exact_name(slice_from(word.data, end)) != NULL)
		return pool_printf(pool, "%c%s", word.data[end],
				   text_of(pool, slice_from(word.data, end)));
	return NULL;
}

/* split_all - "ip4:192.0.2.1~all", "mx-all": a blank got lost */
static const char *split_all(struct pool *pool, struct slice word)
{
	struct slice tail;

	if (word.len < 5)
		return NULL;
	tail = slice_skip(word, word.len - 4);
	if (!is_qualifier(tail.data[0]) || !slice_is_nocase(slice_skip(tail, 1), "all") ||
	    skip_qualifiers(word) > word.len - 4)
		return NULL;
	return pool_printf(pool, "%s %s", text_of(pool, slice_from(word.data, word.len - 4)),
			   text_of(pool, tail));
}

/* split_terms - "ip4:192.0.2.1ip4:192.0.2.2": the same between others */
static const char *split_terms(struct pool *pool, struct slice word)
{
	static const char *const starts[] = {
	    "ip4:", "ip6:", "ipv4:", "ipv6:", "include:", "redirect=", "exists:"};
	size_t first = skip_qualifiers(word) + 1;

	for (size_t at = first; at < word.len; at++) {
		for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
			size_t cut = at;

			if (!slice_starts_nocase(slice_skip(word, at), starts[i]) ||
			    is_any_of(word.data[at - 1], ":="))
				continue;
			if (is_any_of(word.data[cut - 1], "+~?-"))
				cut--;
			return pool_printf(pool, "%s %s", text_of(pool, slice_from(word.data, cut)),
					   text_of(pool, slice_skip(word, cut)));
		}
	}
	return NULL;
}

/* drop_end - "-all.", "mx:" */
static const char *drop_end(struct pool *pool, struct slice word)
{
	struct slice bare = word;
	struct slice name;

	while (bare.len > 0 && is_any_of(bare.data[bare.len - 1], ".:;,!=/%"))
		bare.len--;
	name = slice_skip(bare, skip_qualifiers(bare));
	if (bare.len == word.len || bare.len == 0)
		return NULL;
	return exact_name(name) != NULL || bare.len + 1 == word.len ? text_of(pool, bare) : NULL;
}

/* drop_name - "include:include:x", "ip4:a:x": the inner one says what the argument is */
static const char *drop_name(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
	size_t outer = head + name_len(slice_skip(word, head));
	struct slice inner;
	size_t len;

	if (outer >= word.len || !is_any_of(word.data[outer], ":="))
		return NULL;
	inner = slice_skip(word, outer + 1);
	len = name_len(inner);
	if (len >= inner.len || !is_any_of(inner.data[len], ":=") ||
	    exact_name(slice_from(inner.data, len)) == NULL)
		return NULL;
	return pool_printf(pool, "%s%s", text_of(pool, slice_from(word.data, head)),
			   text_of(pool, inner));
}

/* fix_name - "ipv4:", "inlcude:" */
static const char *fix_name(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	size_t len = name_len(rest);
	struct slice written = slice_from(rest.data, len);
	const char *name = nearest_name(written);
	bool ends = len == rest.len || is_any_of(rest.data[len], ":=/");

	if (name == NULL || !ends || slice_is_nocase(written, name))
		return NULL;
	return pool_printf(pool, "%s%s%s", text_of(pool, slice_from(word.data, head)), name,
			   text_of(pool, slice_skip(rest, len)));
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

/* fix_separator - "include.x", "include=x", "redirect:x", "ip4::192.0.2.1", "ip4192.0.2.1" */
static const char *fix_separator(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
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
	if (end == len + 1 && rest.data[len] == (is_modifier_name(name) ? '=' : ':'))
		return NULL;
	if (strlen(name) < 3 && rest.data[len] == '.')
		return NULL; /* a host of that name */
	return pool_printf(pool, "%s%s%c%s", text_of(pool, slice_from(word.data, head)), name,
			   is_modifier_name(name) ? '=' : ':',
			   text_of(pool, slice_skip(rest, end)));
}

/* fix_macro - "{i}", "%i", "%(i)" */
static const char *fix_macro(struct pool *pool, struct slice word)
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
			text =
			    pool_printf(pool, "%s%%{%s}", text, text_of(pool, sub(body, 1, end)));
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

/* fix_dots - "a..example", ".i.example" */
static const char *fix_dots(struct pool *pool, struct slice word)
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

/* drop_tail - of a host name: a port, a path */
static const char *drop_tail(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
	size_t colon = head + name_len(slice_skip(word, head));
	struct slice argument, host;

	if (colon >= word.len || !is_any_of(word.data[colon], ":="))
		return NULL;
	argument = slice_skip(word, colon + 1);
	host = slice_from(argument.data, slice_find(argument, ':'));
	if (host.len == argument.len)
		host.len = slice_find(argument, '/');
	if (host.len == argument.len || !is_host(pool, host))
		return NULL;
	return pool_printf(pool, "%s%s", text_of(pool, slice_from(word.data, colon + 1)),
			   text_of(pool, host));
}

/* fix_network - a netmask, a range, an asterisk, a port: the name is right */
static const char *fix_network(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	const char *qualifier = text_of(pool, slice_from(word.data, head));
	const char *networks;
	const char *start;

	if (!slice_starts_nocase(rest, "ip4:") && !slice_starts_nocase(rest, "ip6:"))
		return NULL;
	start = pool_printf(pool, "%s%s", qualifier,
			    slice_starts_nocase(rest, "ip4:") ? "ip4:" : "ip6:");
	networks = spf_networks_meant(pool, slice_skip(rest, 4), qualifier);
	return networks != NULL && strncmp(networks, start, strlen(start)) == 0 ? networks : NULL;
}

/* fix_argument - the name does not fit what is after it, or there is none; see spf_networks.h */
static const char *fix_argument(struct pool *pool, struct slice word)
{
	size_t head = skip_qualifiers(word);
	struct slice rest = slice_skip(word, head);
	size_t len = name_len(rest);
	const char *name =
	    len < rest.len && rest.data[len] == ':' ? exact_name(slice_from(rest.data, len)) : NULL;
	struct slice argument = name != NULL ? slice_skip(rest, len + 1) : rest;
	const char *qualifier = text_of(pool, slice_from(word.data, head));
	const char *networks = spf_networks_meant(pool, argument, qualifier);

	if (name != NULL && (strcmp(name, "exists") == 0 || strcmp(name, "all") == 0))
		return NULL;
	if (networks != NULL)
		return networks;
	if (is_host(pool, slice_from(argument.data, slice_find(argument, '/'))) &&
	    (name == NULL || name[0] == 'i'))
		return pool_printf(pool, "%sa:%s", qualifier, text_of(pool, argument));
	return NULL;
}

static const struct step steps[] = {
    {fix_blanks, "a control character is no space"},
    {fix_macro, "macros are written %{i}"},
    {drop_marks, "quotes, brackets and backslashes have no place in a record"},
    {split_list, "terms are separated by blanks, by nothing else"},
    {drop_url, "a term takes a host or a domain, not an address of the web"},
    {drop_user, "a term takes a domain, not an address of mail"},
    {fix_qualifier, "there is one of + - ~ ? in front of a mechanism, and none before a modifier"},
    {split_all,
     "a blank is missing before all; the strings of a TXT record are joined without one"},
    {split_terms,
     "a blank is missing between two terms; the strings of a TXT record are joined without one"},
    {drop_name, "the name of a second term is in the place of the argument"},
    {fix_name, "the name is misspelt"},
    {fix_dots, "a dot too many"},
    {fix_separator, "a colon follows the name of a mechanism, \"=\" that of a modifier"},
    {fix_network, "one address, or a network as address and length of its prefix, 192.0.2.0/24"},
    {fix_argument, "the name does not fit what follows it"},
    {drop_tail, "a term takes no port and no path"},
    {drop_end, "nothing may follow the name"},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* is_odd - in a domain-spec, outside of macros: no host is called so */
static bool is_odd(struct slice spec)
{
	bool in_macro = false;

	for (size_t i = 0; i < spec.len; i++) {
		char byte = spec.data[i];

		if (byte == '{' && i > 0 && spec.data[i - 1] == '%')
			in_macro = true;
		else if (in_macro)
			in_macro = byte != '}';
		else if (!is_alnum(byte) && !is_any_of(byte, "-_.%*"))
			return true;
	}
	return false;
}

/* ends_in_all - "spf.example.com-all" */
static bool ends_in_all(struct slice spec)
{
	struct slice tail = spec.len > 4 ? slice_skip(spec, spec.len - 4) : slice_of(NULL);

	return tail.len > 0 && is_qualifier(tail.data[0]) &&
	       slice_is_nocase(slice_skip(tail, 1), "all");
}

/* has_empty_label - "a..example", and none in a macro */
static bool has_empty_label(struct slice spec)
{
	for (size_t i = 0; i < spec.len; i++) {
		if (spec.data[i] == '.' && (i == 0 || spec.data[i - 1] == '.'))
			return true;
	}
	return false;
}

/* is_typing_error - a modifier that nobody has defined, called almost as a term that there is */
static bool is_typing_error(struct slice text)
{
	struct slice name = slice_from(text.data, name_len(text));

	return spf_is_mechanism_name(name) || (name.len > 2 && nearest_name(name) != NULL);
}

bool spf_term_is_plausible(struct pool *pool, struct slice term)
{
	struct slice text = slice_of(pool_printf(pool, VERSION "%.*s", (int)term.len, term.data));
	struct spf_record record;
	const struct spf_term *parsed;

	if (slice_find(term, ' ') < term.len || slice_find(term, '\0') < term.len ||
	    !spf_record_parse(pool, text, &record) || record.count != 1)
		return false;
	parsed = &record.terms[0];
	if (parsed->type == SPF_TERM_UNKNOWN)
		return !is_typing_error(term) && !slice_starts_nocase(term, "v=");
	if (parsed->domain_spec.data == NULL)
		return true;
	return !is_odd(parsed->domain_spec) && !ends_in_all(parsed->domain_spec) &&
	       !has_empty_label(parsed->domain_spec);
}

/* A term on its way. */
struct work {
	struct pool *pool;
	const char *meant; /* the first step says what is wrong */
	const char *terms; /* what is done */
	unsigned steps;
	bool failed;
};

static void mend(struct work *work, struct slice text);

/* mend_word - one word, until it is good or nothing helps */
static void mend_word(struct work *work, struct slice word)
{
	if (slice_is_nocase(word, "all") || slice_is_nocase(word, "+all"))
		word = slice_of("~all"); /* no remedy lets the whole world pass */
	if (spf_term_is_plausible(work->pool, word)) {
		work->terms =
		    pool_printf(work->pool, "%s%s%.*s", work->terms,
				work->terms[0] != '\0' ? " " : "", (int)word.len, word.data);
		return;
	}
	if (word.len == 1 && is_qualifier(word.data[0]))
		return; /* a dash that stands alone means nothing */
	for (size_t i = 0; i < STEPS && work->steps < SPF_REPAIR_STEPS_MAX; i++) {
		const char *write = steps[i].apply(work->pool, word);

		if (write == NULL || slice_is(word, write))
			continue;
		work->steps++;
		if (work->meant == NULL)
			work->meant = steps[i].meant;
		mend(work, slice_of(write));
		return;
	}
	work->failed = true;
}

/* mend - words; each step above makes a word shorter or better, and there is a limit */
static void mend(struct work *work, struct slice text)
{
	struct slice word;

	while (!work->failed && slice_cut(&text, ' ', &word)) {
		if (word.len > 0)
			mend_word(work, word);
	}
}

/* mended - the terms that were meant by a text, or NULL */
static const char *mended(struct pool *pool, struct slice text, const char **meant)
{
	struct work work = {.pool = pool, .terms = ""};

	mend(&work, text);
	if (*meant == NULL)
		*meant = work.meant;
	return work.failed ? NULL : work.terms;
}

/* advice_for - where no step helps: what the part should look like */
static const char *advice_for(struct slice word)
{
	struct slice name = slice_skip(word, skip_qualifiers(word));

	name.len = name_len(name);
	if (slice_is_nocase(name, "ip4"))
		return "write four numbers from 0 to 255 with dots, and perhaps the length of the "
		       "network: "
		       "ip4:192.0.2.1 or ip4:192.0.2.0/24";
	if (slice_is_nocase(name, "ip6"))
		return "write an IPv6 address, and perhaps the length of the network: "
		       "ip6:2001:db8::1 or "
		       "ip6:2001:db8::/32";
	if (slice_find(word, '%') < word.len)
		return "write macros as %{i}, a letter of s l o d i p h v in braces, and %% for a "
		       "percent "
		       "sign";
	if (slice_is_nocase(name, "include") || slice_is_nocase(name, "redirect"))
		return "write the full name of the domain whose record is to be used: "
		       "include:_spf.example.com";
	if (slice_is_nocase(name, "a") || slice_is_nocase(name, "mx") ||
	    slice_is_nocase(name, "exists") || slice_is_nocase(name, "ptr") ||
	    slice_is_nocase(name, "exp"))
		return "write the full name of the host or domain, of labels of at most 63 octets, "
		       "with "
		       "dots between them: a:mail.example.com";
	if (slice_is_nocase(name, "all"))
		return "write \"-all\" or \"~all\"";
	return "take it out, or write one of ip4: ip6: a mx include: exists: all redirect= in its "
	       "place";
}

/* join - "include: example.com", "- all": a blank too many */
static const char *join(struct pool *pool, struct slice word, struct slice next)
{
	bool is_open = word.len > 0 && is_any_of(word.data[word.len - 1], ":=/") &&
		       !spf_term_is_plausible(pool, next);
	bool is_sign = word.len == skip_qualifiers(word);
	struct slice name = slice_skip(word, skip_qualifiers(word));
	bool is_name = exact_name(name) != NULL || nearest_name(name) != NULL;
	bool has_mark = next.len > 0 && is_any_of(next.data[0], ":=/");
	const char *joined;

	if (next.len == 0 || word.len == 0)
		return NULL;
	joined = pool_printf(
	    pool, "%.*s%s%.*s", (int)word.len, word.data,
	    is_open || is_sign || has_mark                                                  ? ""
	    : is_name && nearest_name(name) != NULL && is_modifier_name(nearest_name(name)) ? "="
											    : ":",
	    (int)next.len, next.data);
	if (is_open || is_sign || has_mark)
		return joined;
	/* "include example.com", "ip4 192.0.2.1"; but "a" and "mx" may stand alone */
	return is_name && name.len > 2 && !spf_term_is_plausible(pool, next) ? joined : NULL;
}

void spf_repair(struct pool *pool, struct slice term, struct slice next, struct spf_repair *repair)
{
	struct slice word = term;
	const char *joined;

	*repair = (struct spf_repair){.meant = NULL};
	if (pasted_find(term) < term.len) {
		struct slice rest = slice_skip(term, pasted_find(term));
		const char *ascii = pasted_to_ascii(pool, term);

		repair->meant = pool_printf(pool, "%s is no character of a record",
					    pasted_describe(pool, rest));
		repair->remedy =
		    "write it in ASCII; an internationalized name as its A-label, xn--...";
		if (ascii == NULL)
			return;
		word = slice_of(ascii);
	}
	joined = join(pool, word, next);
	if (joined != NULL)
		repair->write = mended(pool, slice_of(joined), &(const char *){NULL});
	if (repair->write != NULL) {
		repair->takes_next = true;
		if (repair->meant == NULL)
			repair->meant = "a blank divides what belongs together";
	} else {
		repair->write = mended(pool, word, &repair->meant);
	}
	if (repair->write == NULL)
		repair->remedy = advice_for(word);
	else if (repair->write[0] == '\0')
		repair->remedy = "take it out";
	else
		repair->remedy =
		    pool_printf(pool, "write \"%s\"", text_visible(pool, slice_of(repair->write)));
}
