/*
 * loose_address - addresses in text that is no address list; see mail/loose_address.h
 *
 * Quoted strings count as such only if all quotes, comments and backslashes of the text are
 * in order; otherwise a stranger could choose where one begins for us, and for a reader elsewhere.
 * A well-formed quoted string is a name if an address in brackets comes after it.
 */
#include "mail/loose_address.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"
#include "mail/encoded_word.h"

#define LOOSE_TEXT_MAX (4 * DOMAIN_TEXT_MAX) /* RFC 3629: of a name in UTF-8; longer is none */
#define LOCAL_PART_MAX 128 /* RFC 5321 4.5.3.1.1 has 64; more is not shown as one */

struct search {
	struct pool *pool;
	struct slice text; /* all of it: local parts are found backwards */
	loose_address_sink *sink;
	void *context;
	bool only_guesses;
	bool stopped;
	unsigned signs;    /* "@" that were looked at */
	bool has_too_many; /* of them */
	char name[LOOSE_TEXT_MAX];
};

/* How the characters after an "@" are put together to a domain. */
enum joining {
	JOIN_NOTHING, /* up to the first white space or special character */
	JOIN_DOTS,  /* white space and comments may be around the dots (RFC 5322 4.4, obs-domain) */
	JOIN_WORDS, /* all words up to the next special character, as Python's parser does it */
};

/* are_quotes_reliable - can every quote, parenthesis and backslash be read in one way only? */
static bool are_quotes_reliable(struct slice text)
{
	struct slice rest = text;
	size_t len;

	while (rest.len > 0) {
		switch (rest.data[0]) {
		case '"': len = skip_quoted_string(rest); break;
		case '(': len = skip_comment(rest); break;
		case ')':
		case '\\': len = 0; break;
		default: len = 1; break;
		}
		if (len == 0)
			return false;
		rest = slice_skip(rest, len);
	}
	return true;
}

/* ends_domain - the specials of RFC 5322 3.2.3 that no domain goes on after */
static bool ends_domain(char byte)
{
	return byte != '\0' && strchr("<>()[]:;@,\"", byte) != NULL;
}

/* gap_len - white space, a comment, or a control character, which a reader does not see */
static size_t gap_len(struct slice rest)
{
	size_t len = skip_comment(rest);

	if (len != 0 || rest.len == 0)
		return len;
	return (unsigned char)rest.data[0] <= ' ' || rest.data[0] == 0x7f;
}

static struct slice skip_gaps(struct slice rest)
{
	size_t len;

	while ((len = gap_len(rest)) != 0)
		rest = slice_skip(rest, len);
	return rest;
}

/* goes_on - does a name go on after a gap? */
static bool goes_on(enum joining joining, bool after_dot, struct slice rest)
{
	if (joining == JOIN_DOTS)
		return after_dot || (rest.len > 0 && rest.data[0] == '.');
	return joining == JOIN_WORDS;
}

/* read_loose_name - the name at the start of rest, several dots as one; valid until the next call
 */
static struct slice read_loose_name(struct search *search, struct slice rest, enum joining joining)
{
	size_t len = 0;
	bool after_dot = true; /* or at the start */

	rest = skip_gaps(rest);
	while (rest.len > 0 && !ends_domain(rest.data[0]) && len < LOOSE_TEXT_MAX) {
		bool is_dot = rest.data[0] == '.';
		struct slice next = slice_skip(rest, 1);

		if (!is_dot || !after_dot || joining == JOIN_NOTHING)
			search->name[len++] = rest.data[0];
		after_dot = is_dot;
		rest = skip_gaps(next);
		if (rest.len < next.len && !goes_on(joining, after_dot, rest))
			break;
	}
	while (len > 0 && search->name[len - 1] == '.')
		len--;
	return slice_from(search->name, len < LOOSE_TEXT_MAX ? len : 0);
}

/* host_part - as far as the name has letters, digits, hyphens, dots and UTF-8 */
static struct slice host_part(struct slice name)
{
	size_t len = 0;

	while (len < name.len && (is_alnum(name.data[len]) || (unsigned char)name.data[len] > 127 ||
				  strchr("-._", name.data[len]) != NULL))
		len++;
	while (len > 0 && name.data[len - 1] == '.')
		len--;
	return slice_from(name.data, len);
}

/* qualified - canonical, or NULL if it is no name that mail could come from */
static const char *qualified(struct search *search, struct slice name)
{
	const char *domain = name.len > 0 ? domain_canonical(search->pool, name) : NULL;

	return domain != NULL && domain_is_qualified(domain) ? domain : NULL;
}

/* qualified_end - the same, or what is left of it without the labels in front that are none */
static const char *qualified_end(struct search *search, struct slice name)
{
	const char *domain = qualified(search, name);
	struct slice label;

	while (domain == NULL && name.len > 0 && slice_cut(&name, '.', &label))
		domain = qualified(search, name);
	return domain;
}

/* quoted_start - where the quoted string that ends at end begins; end if there is none */
static const char *quoted_start(const char *start, const char *end)
{
	const char *quote = end - 1;

	while (quote > start && end - quote < LOCAL_PART_MAX) {
		quote--;
		if (*quote == '"' &&
		    skip_quoted_string(slice_between(quote, end)) == (size_t)(end - quote))
			return quote;
	}
	return end;
}

/* local_part - what comes before the "@": atoms and dots, or a quoted string */
static struct slice local_part(const struct search *search, const char *at)
{
	const char *end = at;
	const char *start;

	while (end > search->text.data && is_wsp(end[-1]))
		end--;
	start = end;
	if (end > search->text.data && end[-1] == '"')
		return slice_between(quoted_start(search->text.data, end), end);
	while (start > search->text.data && end - start < LOCAL_PART_MAX &&
	       (is_atext(start[-1]) || start[-1] == '.' || (unsigned char)start[-1] > 127))
		start--;
	return slice_between(start, end);
}

/* give - one address to the sink */
static void give(struct search *search, const char *at, const char *domain,
		 enum loose_reading reading)
{
	struct slice local = local_part(search, at);
	struct address address = {.domain = domain};
	size_t len;

	address.local = local.len > 0 && local.data[0] == '"' ? unquote(search->pool, local, &len)
							      : slice_copy(search->pool, local);
	address.text = slice_of(pool_printf(search->pool, "%.*s@%s", (int)local.len,
					    local.data != NULL ? local.data : "", domain));
	search->stopped =
	    !search->sink(search->context, &address, search->only_guesses ? LOOSE_GUESS : reading);
}

/* guess - a domain that only some programs see; plain is the one that is written, or NULL */
static void guess(struct search *search, const char *at, const char *domain, const char *plain)
{
	if (domain != NULL && !search->stopped && (plain == NULL || !domain_equal(domain, plain)))
		give(search, at, domain, LOOSE_GUESS);
}

/* read_at - the domains that somebody may see after an "@" */
static void read_at(struct search *search, const char *at, struct slice rest)
{
	struct slice name;
	const char *plain;

	search->has_too_many = ++search->signs > LOOSE_SIGNS_MAX;
	search->stopped = search->has_too_many;
	if (search->stopped)
		return;
	name = read_loose_name(search, rest, JOIN_NOTHING);
	plain = qualified(search, name);
	if (plain != NULL) {
		give(search, at, plain, LOOSE_PLAIN);
	} else {
		guess(search, at, qualified_end(search, name), NULL);
		guess(search, at, qualified(search, host_part(name)), NULL);
	}
	guess(search, at, qualified_end(search, read_loose_name(search, rest, JOIN_DOTS)), plain);
	guess(search, at, qualified_end(search, read_loose_name(search, rest, JOIN_WORDS)), plain);
}

static void scan(struct search *search, struct slice part, bool has_quotes);

/* is_name - do the words after a quoted string end in a "<", so that it is a display name? */
static bool is_name(struct slice rest)
{
	size_t len = 1;

	if (rest.len > LOOSE_TEXT_MAX)
		rest.len = LOOSE_TEXT_MAX;

	while (len != 0 && rest.len > 0 && rest.data[0] != '<') {
		len = skip_cfws(rest);
		if (len == 0)
			len = rest.data[0] == '.' ? 1 : skip_atom(rest);
		if (len == 0)
			len = skip_quoted_string(rest);
		rest = slice_skip(rest, len);
	}
	return rest.len > 0 && rest.data[0] == '<';
}

/* scan_quoted - a quoted string that is no name is shown as an address by some programs */
static void scan_quoted(struct search *search, struct slice quoted, struct slice rest)
{
	bool only_guesses = search->only_guesses;

	if (is_name(rest))
		return;
	search->only_guesses = true;
	scan(search, slice_from(quoted.data + 1, quoted.len - 2), false);
	search->only_guesses = only_guesses;
}

/* scan - every "@" of a part of the text, outside quoted strings if those can be told */
static void scan(struct search *search, struct slice part, bool has_quotes)
{
	struct slice rest = part;

	while (rest.len > 0 && !search->stopped) {
		size_t len = 1;

		if (has_quotes && rest.data[0] == '"') {
			len = skip_quoted_string(rest);
			scan_quoted(search, slice_from(rest.data, len), slice_skip(rest, len));
		} else if (has_quotes && rest.data[0] == '(') {
			len = skip_comment(rest);
			scan(search, slice_from(rest.data, len), false);
		} else if (rest.data[0] == '@') {
			read_at(search, rest.data, slice_skip(rest, 1));
		}
		rest = slice_skip(rest, len);
	}
}

bool loose_address_find(struct pool *pool, struct slice text, loose_address_sink *sink,
			void *context)
{
	struct search search = {.pool = pool, .text = text, .sink = sink, .context = context};

	scan(&search, text, are_quotes_reliable(text));
	return !search.has_too_many;
}

bool loose_address_find_encoded(struct pool *pool, struct slice text, loose_address_sink *sink,
				void *context)
{
	struct search search = {
	    .pool = pool, .sink = sink, .context = context, .only_guesses = true};

	if (!encoded_words_present(text))
		return true;
	search.text = encoded_words_decode(pool, text);
	scan(&search, search.text, false);
	return !search.has_too_many;
}

/* has_fold_inside - is there a line end within a comment or a quoted string? */
static bool has_fold_inside(struct slice text)
{
	struct slice rest = text;

	while (rest.len > 0) {
		size_t len = skip_comment(rest);

		if (len == 0)
			len = skip_quoted_string(rest);
		if (slice_find(slice_from(rest.data, len), '\n') < len)
			return true;
		rest = slice_skip(rest, len != 0 ? len : 1);
	}
	return false;
}

bool loose_address_find_folded(struct pool *pool, struct slice text, loose_address_sink *sink,
			       void *context)
{
	struct search search = {
	    .pool = pool, .text = text, .sink = sink, .context = context, .only_guesses = true};

	if (slice_find(text, '\n') < text.len && has_fold_inside(text))
		scan(&search, text, false);
	return !search.has_too_many;
}
