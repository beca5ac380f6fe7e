/*
 * key_tables - chooses keys by opendkim's KeyTable and SigningTable; see key_tables.h
 *
 * Choosing is one pass over the signing table.
 */
#include "dkim/key_tables.h"

#include <stdint.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/key_table.h"
#include "dkim/signing_table.h"
#include "mail/domain.h"

#define RANK_NONE SIZE_MAX

struct dkim_tables *dkim_tables_read(struct pool *pool, const char *key_table,
				     const char *signing_table, struct error *error)
{
	struct table_reader reader = {
	    .pool = pool,
	    .tables = pool_alloc(pool, sizeof(*reader.tables)),
	    .error = error,
	};

	if (!key_table_read(&reader, key_table))
		return NULL;
	if (signing_table != NULL && !signing_table_read(&reader, signing_table))
		return NULL;
	return reader.tables;
}

size_t dkim_tables_key_count(const struct dkim_tables *tables)
{
	return tables->key_count;
}

const struct dkim_table_key *dkim_tables_key(const struct dkim_tables *tables, size_t index)
{
	return &tables->keys[index];
}

/* matches - does "*" for any text make the pattern the text? */
static bool matches(const char *pattern, const char *text)
{
	const char *behind_asterisk = NULL;
	const char *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			behind_asterisk = ++pattern;
			retry = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (behind_asterisk != NULL) {
			pattern = behind_asterisk;
			text = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* An author as the table has it. */
struct author {
	const char *text; /* user@domain in lower case */
	struct slice user;
	const char *domain;
};

/* applies - does a line match? */
static bool applies(const struct table_line *signing, const struct author *author)
{
	bool below = signing->form == FORM_ADDRESS_BELOW || signing->form == FORM_BELOW;

	if (signing->form == FORM_PATTERN)
		return matches(signing->pattern, author->text);
	if (signing->user.data != NULL && !slice_equal(signing->user, author->user))
		return false;
	if (signing->domain == NULL)
		return true;
	if (domain_equal(author->domain, signing->domain))
		return !below;
	return below && domain_is_within(author->domain, signing->domain);
}

/* rank - the smallest counts; of two parents the longer is the nearer one */
static size_t rank(const struct table_line *signing, size_t index, const struct author *author)
{
	size_t len = signing->domain != NULL ? strlen(signing->domain) : 0;

	if (!applies(signing, author))
		return RANK_NONE;
	if (signing->form == FORM_PATTERN)
		return index;
	return (size_t)signing->form * (DOMAIN_TEXT_MAX + 1) + DOMAIN_TEXT_MAX - len;
}

/* replace_percent - the text with the domain for every "%" */
static const char *replace_percent(struct pool *pool, const char *text, const char *domain)
{
	struct slice rest = slice_of(text);
	struct buffer result;
	struct slice part;
	const char *copy;

	if (text == NULL || strchr(text, '%') == NULL)
		return text;
	buffer_init(&result, SIZE_MAX);
	while (slice_cut(&rest, '%', &part)) {
		buffer_add_slice(&result, part);
		if (rest.data != NULL)
			buffer_add_text(&result, domain);
	}
	copy = slice_copy(pool, buffer_slice(&result));
	buffer_free(&result);
	return copy;
}

/* add_choice - the signature that a line asks for */
static void add_choice(struct pool *pool, const struct dkim_tables *tables,
		       const struct table_line *signing, const char *domain,
		       struct dkim_table_choice **choices, size_t *count)
{
	const char *name = table_is_percent(signing->key) ? domain : signing->key;
	const struct dkim_table_key *key = table_find_key(tables, name);

	if (key == NULL)
		return;
	*choices = pool_grow(pool, *choices, *count, sizeof(**choices));
	(*choices)[(*count)++] = (struct dkim_table_choice){
	    .domain = table_is_percent(key->domain) ? domain : key->domain,
	    .selector = key->selector,
	    .path = replace_percent(pool, key->path, domain),
	    .identity = replace_percent(pool, signing->identity, domain),
	    .line = signing->line,
	};
}

void dkim_tables_choose(struct pool *pool, const struct dkim_tables *tables,
			const struct address *address, struct dkim_table_choice **choices,
			size_t *count)
{
	struct slice text = slice_of(pool_printf(pool, "%s@%s", address->local, address->domain));
	struct author author = {.text = slice_lower(pool, text), .domain = address->domain};
	const struct table_line *best = NULL;
	size_t best_rank = RANK_NONE;

	*choices = NULL;
	*count = 0;
	author.user = slice_from(author.text, strlen(address->local));
	if (!domain_is_qualified(address->domain))
		return; /* a name that becomes part of a file name must not have "/" in it */
	for (size_t i = 0; i < tables->signing_count; i++) {
		size_t found = rank(&tables->signings[i], i, &author);

		if (found < best_rank) {
			best_rank = found;
			best = &tables->signings[i];
		}
	}
	for (size_t i = 0; best != NULL && i < tables->signing_count; i++) {
		if (strcmp(tables->signings[i].pattern, best->pattern) == 0)
			add_choice(pool, tables, &tables->signings[i], address->domain, choices,
				   count);
	}
}
